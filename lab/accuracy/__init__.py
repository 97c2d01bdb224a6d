"""How exact the marks are, and the measured models that the program loads."""
