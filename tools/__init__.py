"""What is run by hand to make files of the project anew."""
