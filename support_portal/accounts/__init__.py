"""Who may sign in, what they may see, and which machines may send."""
