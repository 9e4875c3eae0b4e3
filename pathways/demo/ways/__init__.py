"""The ways people go: each a function that tells one person's story."""
