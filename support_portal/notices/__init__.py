"""What a person is told: the bell, and mail for those who want it."""
