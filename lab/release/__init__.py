"""What is made anew for a release: fonts, licences, pictures in the documents."""
