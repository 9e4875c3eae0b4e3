"""Reading a document strictly: every key known, every value of its type, every problem with its path.

A program is written by people, in YAML or JSON. Reading never stops at the first mistake: each one is noted as
`Problem(path, sentence)`, with a path such as `phases[1].exit.criteria[2].instrument`, and a harmless value stands
in for what was wrong until the whole document has been read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from math import inf
from typing import TypeVar

from clinic.rules.sentences import Sentence, sentence

KEY = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
WALL_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)\Z")
LONGEST_TEXT = 500
# What no program needs, so that a hostile document is refused at the limit and costs no more than a large one.
DEEPEST = 40
MOST_VALUES = 100_000
MOST_ENTRIES = 500
MOST_PROBLEMS = 200
UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a document: where, and what, in a sentence."""

    path: str
    sentence: Sentence


class Fields:
    """One mapping of a document. Ask for each key once by its type, then `close()` to report what nobody asked for."""

    def __init__(self, data: object, path: str, problems: list[Problem]) -> None:
        self.path = path
        self.problems = problems
        self._asked: set[str] = set()
        self._data: dict[str, object] = {}
        if not isinstance(data, Mapping):
            self._note(path, "program.problem.not_a_mapping")
            return
        for key, value in data.items():
            if isinstance(key, str):
                self._data[key] = value
            else:
                self._note(path, "program.problem.key_not_text", key=str(key))

    def refuse(self, key: str, code: str, /, **params: object) -> None:
        """Notes that what stands under `key` cannot be taken."""
        self._note(self.at(key), code, **params)

    def at(self, key: str) -> str:
        """The path of a key of this mapping."""
        return f"{self.path}.{key}" if self.path else key

    def has(self, key: str) -> bool:
        """Whether the key is written and not null."""
        return self._data.get(key) is not None

    def text(self, key: str, *, default: str | None = None, longest: int = LONGEST_TEXT) -> str:
        """A non-empty text. Without a default it must be there."""
        value = self._take(key, required=default is None)
        if value is None:
            return default or ""
        return self._checked_text(self.at(key), value, longest)

    def slug(self, key: str, *, optional: bool = False) -> str:
        """A key: lower-case words joined by hyphens or underscores; "" where it may be left out and is."""
        value = self.text(key, default="" if optional else None, longest=80)
        if value and not KEY.match(value):
            self.refuse(key, "program.problem.not_a_key", found=value)
        return value

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number between `least` and `most`."""
        value = self._take(key, required=default is None)
        if value is None:
            return least if default is None else default
        return self._checked_whole(self.at(key), value, least, most)

    def optional_whole(self, key: str, *, least: int, most: int) -> int | None:
        """A whole number, or None where the key is left out."""
        return self.whole(key, least=least, most=most) if self._ask(key) else None

    def number(self, key: str, *, least: Decimal, most: Decimal) -> Decimal | None:
        """A number, whole or not, between `least` and `most`; None where the key is left out."""
        value = self._take(key, required=False)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value != value or abs(value) == inf:
            self.refuse(key, "program.problem.not_a_number")
            return None
        found = Decimal(value) if isinstance(value, int) else Decimal(str(value))
        if not least <= found <= most:
            self.refuse(key, "program.problem.out_of_range", found=found, least=least, most=most)
            return None
        return found

    def wholes(self, key: str, *, least: int, most: int) -> tuple[int, ...]:
        """A list of whole numbers, rising, none twice."""
        values = tuple(
            self._checked_whole(f"{self.at(key)}[{place}]", value, least, most)
            for place, value in enumerate(self._list(key))
        )
        if any(later <= earlier for earlier, later in pairwise(values)):
            self.refuse(key, "program.problem.not_rising")
        return values

    def flag(self, key: str, *, default: bool) -> bool:
        """Yes or no."""
        value = self._take(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.refuse(key, "program.problem.not_yes_no")
            return default
        return value

    def wall_time(self, key: str, *, default: time) -> time:
        """A time of day written "HH:MM", in quotes (YAML reads 10:00 without quotes as a number)."""
        value = self._take(key, required=False)
        if value is None:
            return default
        match = WALL_TIME.match(value) if isinstance(value, str) else None
        if match is None:
            self.refuse(key, "program.problem.not_a_time")
            return default
        return time(int(match[1]), int(match[2]))

    def choice(self, key: str, members: type[Member], *, default: Member | None = None) -> Member:
        """One of an enumeration."""
        value = self._take(key, required=default is None)
        fallback = default or next(iter(members))
        return fallback if value is None else self._member(self.at(key), value, members, fallback)

    def choices(self, key: str, members: type[Member], *, required: bool = False) -> tuple[Member, ...]:
        """Some of an enumeration, each at most once, in the order written."""
        fallback = next(iter(members))
        found = tuple(
            self._member(f"{self.at(key)}[{place}]", value, members, fallback)
            for place, value in enumerate(self._list(key, required=required))
        )
        if len(set(found)) < len(found) and not self._noted_below(key):
            self.refuse(key, "program.problem.twice")
        return found

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts."""
        return tuple(
            self._checked_text(f"{self.at(key)}[{place}]", value, LONGEST_TEXT)
            for place, value in enumerate(self._list(key, required=required))
        )

    def slugs(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of keys, none twice."""
        found = self.texts(key, required=required)
        for place, value in enumerate(found):
            if value and not KEY.match(value):
                self._note(f"{self.at(key)}[{place}]", "program.problem.not_a_key", found=value[:80])
        if len(set(found)) < len(found) and not self._noted_below(key):
            self.refuse(key, "program.problem.twice")
        return found

    def child(self, key: str) -> "Fields":
        """The mapping under a key."""
        value = self._take(key, required=True)
        return Fields({} if value is None else value, self.at(key), self.problems)

    def children(self, key: str, *, required: bool = True, most: int = MOST_ENTRIES) -> tuple["Fields", ...]:
        """The list of mappings under a key; none of them where there are more than `most`."""
        return tuple(
            Fields(value, f"{self.at(key)}[{place}]", self.problems)
            for place, value in enumerate(self._list(key, required=required, most=most))
        )

    def raw(self, key: str) -> object:
        """What is written, unchecked: the caller checks it. Missing is noted as a problem."""
        return self._take(key, required=True)

    def close(self) -> None:
        """Notes every key that was written and that nothing reads."""
        for key in self._data:
            if key not in self._asked:
                self.refuse(key, "program.problem.unknown_key", key=key)

    def _ask(self, key: str) -> bool:
        self._asked.add(key)
        return self.has(key)

    def _take(self, key: str, *, required: bool) -> object:
        if not self._ask(key) and required:
            self.refuse(key, "program.problem.missing", key=key)
        return self._data.get(key)

    def _list(self, key: str, *, required: bool = False, most: int = MOST_ENTRIES) -> list[object]:
        value = self._take(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self.refuse(key, "program.problem.not_a_list")
            return []
        if required and not value:
            self.refuse(key, "program.problem.empty_list")
        if len(value) > most:
            self.refuse(key, "program.problem.too_many", most=most)
            return []
        return list(value)

    def _checked_text(self, path: str, value: object, longest: int) -> str:
        if not isinstance(value, str):
            self._note(path, "program.problem.not_text")
            return ""
        if not value.strip():
            self._note(path, "program.problem.empty_text")
        elif len(value) > longest:
            self._note(path, "program.problem.too_long", most=longest)
        elif UNPRINTABLE.search(value):
            self._note(path, "program.problem.unprintable")
        return value.strip()

    def _checked_whole(self, path: str, value: object, least: int, most: int) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            self._note(path, "program.problem.not_whole")
            return least
        if not least <= value <= most:
            if least == most:
                self._note(path, "program.problem.not_the_one", found=value, only=least)
            else:
                self._note(path, "program.problem.out_of_range", found=value, least=least, most=most)
            return least
        return value

    def _member(self, path: str, value: object, members: type[Member], fallback: Member) -> Member:
        for member in members:
            if member.value == value:
                return member
        allowed = [member.value for member in members]
        self._note(path, "program.problem.not_one_of", found=str(value)[:80], allowed=allowed)
        return fallback

    def _noted_below(self, key: str) -> bool:
        return any(problem.path.startswith(f"{self.at(key)}[") for problem in self.problems)

    def _note(self, path: str, code: str, /, **params: object) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(path, sentence(code, **params)))


def size_problem(document: object) -> Problem | None:
    """What makes a document too large to be read at all: its depth, or how much it holds.

    Looks no further than the limits, and needs no more stack for a deep document than for a flat one.
    """
    waiting = [(document, 1)]
    found = 0
    while waiting:
        value, depth = waiting.pop()
        found += 1
        inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
        if inside and depth > DEEPEST:
            return Problem("", sentence("program.problem.nested_too_deep", most=DEEPEST))
        if found + len(waiting) + len(inside) > MOST_VALUES:
            return Problem("", sentence("program.problem.too_many_values", most=MOST_VALUES))
        waiting.extend((each, depth + 1) for each in inside)
    return None
