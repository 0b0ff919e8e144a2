"""Answers of 8x8 that come as mails: read, told whose they are, kept once."""
