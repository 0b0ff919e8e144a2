"""Environment, sealing, paging and other helpers that know no word of the domain."""
