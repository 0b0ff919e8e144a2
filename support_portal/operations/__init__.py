"""Commands for running the portal, and the demo company."""
