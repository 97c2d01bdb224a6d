"""Coverage-guided search for input that breaks a promise of the program; see the README here."""
