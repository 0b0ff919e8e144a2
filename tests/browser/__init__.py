"""The portal as people meet it: in a browser, against the real processes."""
