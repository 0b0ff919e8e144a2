"""Tests of the one resolver."""
