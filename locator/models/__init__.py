"""Fetching, checking and running the networks."""
