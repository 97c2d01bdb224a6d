"""Making bodies and training the back networks."""
