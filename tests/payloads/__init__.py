"""Tests of the payloads package."""
