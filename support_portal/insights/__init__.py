"""How many, since when, and how unusual: counts that are kept while facts are recorded."""
