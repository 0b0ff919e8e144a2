"""Files: kept as they arrive, read in bodies of a size that the intake takes, and accounted for."""
