"""What the team adds to the tables of codes: notes, overrides, and codes never seen before."""
