"""What every room speaks: types, geometry, anatomy, files. Imports nothing of the program."""
