"""A result as a file."""
