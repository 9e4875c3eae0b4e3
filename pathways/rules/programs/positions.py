"""Where in its text each value of a document stands, so that a problem can be pointed at in the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from pathways.rules.documents import Problem

# The key itself is what is wrong here, not what stands behind it.
OF_THE_KEY = frozenset({"program.problem.unknown_key", "program.problem.key_twice", "program.problem.key_not_text"})


class Position(NamedTuple):
    """A place in a text, counted from 1 as editors do."""

    line: int
    column: int


START = Position(1, 1)


@dataclass(frozen=True, slots=True)
class PlacedProblem(Problem):
    """One thing wrong with a file: where in the document, what, and where in the text."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Positions:
    """The places of a text by path. A list or a group of fields stands where its key does."""

    values: Mapping[str, Position] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[str, Position] = field(default_factory=lambda: MappingProxyType({}))

    def at(self, path: str) -> Position:
        """Where the value stands; what is not written stands where the nearest thing around it does."""
        return self._nearest(self.values, path)

    def of_key(self, path: str) -> Position:
        """Where the key of the value stands."""
        return self.keys.get(path) or self.at(path)

    @staticmethod
    def _nearest(places: Mapping[str, Position], path: str) -> Position:
        while path not in places:
            if not path:
                return START
            path = _around(path)
        return places[path]


def placed(problems: Iterable[Problem], positions: Positions) -> tuple[PlacedProblem, ...]:
    """The problems with their places, in the order of the text."""
    found = [_placed(problem, positions) for problem in problems]
    return tuple(sorted(found, key=lambda each: (each.line, each.column)))


def _placed(problem: Problem, positions: Positions) -> PlacedProblem:
    of_key = problem.sentence.code in OF_THE_KEY
    at = positions.of_key(problem.path) if of_key else positions.at(problem.path)
    return PlacedProblem(problem.path, problem.sentence, at.line, at.column)


def _around(path: str) -> str:
    """`a.b[2]` stands in `a.b`, that in `a`, that in the document ("")."""
    return path[: max(path.rfind("."), path.rfind("["), 0)]
