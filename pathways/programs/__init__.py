"""The shipped programs, as data files, and how they are read."""
