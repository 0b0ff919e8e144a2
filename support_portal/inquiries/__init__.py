"""Inquiries to 8x8: evidence, the letter made of it, and what became of it."""
