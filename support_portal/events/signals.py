"""What is said while facts are recorded, to whom it may concern above."""

from django.dispatch import Signal

# Sent inside the transaction of the drain, under its lock, with ``recorded``: an
# arrivals.Told that holds what was new.  A receiver that fails must not stop the intake.
told = Signal()

# Sent in the same transaction with ``tally``: a tally.Tally.  A receiver that fails takes the batch
# back, so counts and facts cannot part.
tallied = Signal()
