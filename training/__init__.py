"""Makes the scenes from which the back network learns: virtual bodies with known places, drawn and lit at random."""
