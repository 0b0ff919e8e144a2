"""Exports: the rows of a filter as a file, newest first, in memory of a few thousand rows."""
