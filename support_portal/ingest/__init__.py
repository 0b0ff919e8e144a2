"""Keep what arrives first, understand it later."""
