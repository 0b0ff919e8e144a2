"""The letter to 8x8.  Pure: what a person typed and the evidence go in, a document comes out."""

from support_portal.inquiries.letters.composing import SHOWN_SAMPLES, TABLED, compose, shortened
from support_portal.inquiries.letters.sample import Draft, Sample, freshest_first
from support_portal.inquiries.letters.templates import TEMPLATES, VARIABLES, Template, proposed

__all__ = [
    "SHOWN_SAMPLES",
    "TABLED",
    "TEMPLATES",
    "VARIABLES",
    "Draft",
    "Sample",
    "Template",
    "compose",
    "freshest_first",
    "proposed",
    "shortened",
]
