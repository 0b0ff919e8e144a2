"""Did we listen?  Signs of life, what was refused, the gaps between them, and silence of senders."""
