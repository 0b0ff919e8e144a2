"""Tell me when it arrives: ids that somebody waits for."""
