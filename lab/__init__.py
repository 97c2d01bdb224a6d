"""Everything that makes and measures the program; nothing of it is needed to use it."""
