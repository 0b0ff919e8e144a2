"""Commands of the demo company."""
