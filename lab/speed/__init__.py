"""How quick the program is, beside the bare pose model."""
