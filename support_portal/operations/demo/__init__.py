"""Two weeks of a fictional company, sent through the same intake as everything else."""

from support_portal.operations.demo.sending import feed, prepare

__all__ = ["feed", "prepare"]
