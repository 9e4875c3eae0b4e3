"""How often a process looks for garbage."""

import gc


def set_the_program_aside() -> None:
    """What is loaded by now stays for good, and is not looked through again; what comes after it is, once in
    several pages. Looking among the whole program took a sixth of a long run, and a quarter of a page."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
