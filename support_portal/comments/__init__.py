"""What colleagues say about an error or a message."""
