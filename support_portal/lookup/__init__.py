"""From recognised things to the records a reader may see: for pages, the API and the command."""

from support_portal.lookup.hits import Hit
from support_portal.lookup.resolving import MOST_THINGS, Answer, Item, look_up

__all__ = ["MOST_THINGS", "Answer", "Hit", "Item", "look_up"]
