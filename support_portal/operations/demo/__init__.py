"""Two weeks of a fictional company, sent through the same intake as everything else."""

from support_portal.operations.demo.finding import find_incidents
from support_portal.operations.demo.novelties import settle_novelties
from support_portal.operations.demo.sending import feed, prepare, wait_until_drained

__all__ = ["feed", "find_incidents", "prepare", "settle_novelties", "wait_until_drained"]
