"""The program studio: the draft of a program on one page, edited in place."""
