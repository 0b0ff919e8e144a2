"""The Support Portal: what became of a message, and what to do about it."""
