"""One answer against its item: what was chosen and what it is worth, or a sentence why it cannot be taken."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from clinic.rules.sentences import Sentence, sentence
from patients.rules.instruments import Item

Answer: TypeAlias = str | int | float

LONGEST_ECHO = 60
"""How much of an unknown item's name is repeated to the caller."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the answer to which item (or with `answers` or a context field as a whole)."""

    item: str
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that was understood: the code or number as it is stored, and what conditions compare."""

    answer: Answer
    measure: float


def understand(item: Item, raw: object) -> Given | Sentence:
    """The answer as the item's option or number. A membership test, never a range: options are sparse.

    A boolean is not a number and a text of digits is not one either. 2.0 is the same JSON number as 2.
    """
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return sentence("scoring.problem.wrong_type", item=item.label)
    return _number(item, raw) if item.is_number else _choice(item, raw)


def _choice(item: Item, raw: Answer) -> Given | Sentence:
    for option in item.options:
        if isinstance(option.code, str) == isinstance(raw, str) and option.code == raw:
            return Given(option.code, option.value)
    listed = ", ".join(str(option.code) for option in item.options)
    return sentence("scoring.problem.not_an_option", item=item.label, options=listed)


def _number(item: Item, raw: Answer) -> Given | Sentence:
    if isinstance(raw, str):
        return sentence("scoring.problem.not_a_number", item=item.label)
    low, high = item.minimum or 0, item.maximum or 0
    if not low <= raw <= high or (isinstance(raw, float) and not math.isfinite(raw)):
        unit = item.unit or ""
        return sentence("scoring.problem.out_of_range", item=item.label, low=low, high=high, unit=unit)
    return Given(raw, raw)


def printable(key: object) -> str:
    """A caller's own name for an item, safe to repeat: short, no control characters, no broken text."""
    shown = key if isinstance(key, str) else type(key).__name__
    return "".join(mark if mark.isprintable() else "?" for mark in shown[:LONGEST_ECHO])
