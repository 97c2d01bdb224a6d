"""Accuracy and speed, run by hand and in a short form with the tests. Results are written, not asserted on time."""
