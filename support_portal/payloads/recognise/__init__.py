"""The paste engine: a text in, everything in it that can be looked up out. Plain Python."""

from support_portal.payloads.recognise.engine import LONGEST_TEXT, recognise, unread
from support_portal.payloads.recognise.things import CUT, Thing

__all__ = ["CUT", "LONGEST_TEXT", "Thing", "recognise", "unread"]
