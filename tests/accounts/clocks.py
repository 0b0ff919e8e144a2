"""Clocks that go when they are told to."""


class Clock:
    """A clock for one test."""

    def __init__(self, now=1000.0):
        self.now = now

    def __call__(self):
        return self.now
