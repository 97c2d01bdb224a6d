"""Searching for input that breaks a promise."""
