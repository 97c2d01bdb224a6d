"""Parts of the pages with a front end of their own."""
