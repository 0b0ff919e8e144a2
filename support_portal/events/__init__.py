"""Errors, messages and delivery receipts: what happened."""
