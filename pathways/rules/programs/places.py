"""Places in a program document, written as problems name them: `phases[1].exit.criteria[2]`.

A document may be half-finished or hold what is no program at all, so nothing here expects a shape.
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum

Document = Mapping[str, object]
Data = Mapping[str, object]
Steps = tuple[str | int, ...]

STEP = re.compile(r"(?:^|\.)([A-Za-z_][A-Za-z0-9_]*)|\[(0|[1-9]\d{0,5})\]")
LONGEST_PATH = 200


class Part(StrEnum):
    """What may be edited as one thing."""

    PROGRAM = "program"
    PHASE = "phase"
    GATE = "gate"
    CRITERION = "criterion"
    ASSESSMENT = "assessment"
    ACTIVITY = "activity"
    TRANSITION = "transition"
    FOLLOW_UP = "follow_up"
    LADDER = "ladder"
    RUNG = "rung"


_SHAPES = {
    Part.PROGRAM: r"program",
    Part.PHASE: r"phases\[\d+\]",
    Part.GATE: r"phases\[\d+\]\.(?:entry|exit)",
    Part.CRITERION: r"phases\[\d+\]\.(?:entry|exit)(?:\.criteria\[\d+\])+",
    Part.ASSESSMENT: r"phases\[\d+\]\.assessments\[\d+\]",
    Part.ACTIVITY: r"phases\[\d+\]\.activities\[\d+\]",
    Part.TRANSITION: r"transitions\[\d+\]",
    Part.FOLLOW_UP: r"follow_ups\[\d+\]",
    Part.LADDER: r"ladders\[\d+\]",
    Part.RUNG: r"ladders\[\d+\]\.rungs\[\d+\]",
}
_PARTS = {part: re.compile(shape + r"\Z") for part, shape in _SHAPES.items()}


class NoSuchPlace(ValueError):
    """There is nothing at this place of the document."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"nothing stands at {path}")


def steps(path: str) -> Steps:
    """The steps of a path. Raises NoSuchPlace for what is no path."""
    found: list[str | int] = []
    place = 0
    while place < len(path) and len(path) <= LONGEST_PATH:
        match = STEP.match(path, place)
        if match is None:
            break
        found.append(match[1] if match[1] is not None else int(match[2]))
        place = match.end()
    if not found or place < len(path) or isinstance(found[0], int):
        raise NoSuchPlace(path[:LONGEST_PATH])
    return tuple(found)


def path_of(walked: Sequence[str | int]) -> str:
    """The path of steps: `phases[1].exit`."""
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in walked).lstrip(".")


def part_at(path: str) -> Part | None:
    """What is edited as one thing at this path; None where it is no such thing."""
    return next((part for part, shape in _PARTS.items() if shape.match(path)), None)


def part_around(path: str) -> str | None:
    """The path of the smallest thing that is edited as one and holds this place; itself, if it is one."""
    walked = _steps_or_none(path) or ()
    for end in range(len(walked), 0, -1):
        if part_at(path_of(walked[:end])) is not None:
            return path_of(walked[:end])
    return None


def at(document: Document, path: str) -> object:
    """What stands at a path. Raises NoSuchPlace."""
    found: object = document
    for step in steps(path):
        found = _inside(found, step, path)
    return found


def find(document: Document, path: str) -> object:
    """What stands at a path, or None."""
    try:
        return at(document, path)
    except NoSuchPlace:
        return None


def mappings(document: Document, path: str) -> list[tuple[str, Data]]:
    """The entries of a list that are fields with names, each with its path; what is something else is left out."""
    found = find(document, path)
    if not isinstance(found, list | tuple):
        return []
    return [(f"{path}[{place}]", each) for place, each in enumerate(found) if isinstance(each, Mapping)]


def place_of(document: Document, key: str) -> int:
    """Which phase has this key, counted from 0. Raises NoSuchPlace."""
    for place, (_, phase) in enumerate(listed(document, "phases")):
        if isinstance(phase, Mapping) and phase.get("key") == key:
            return place
    raise NoSuchPlace(f"phases[{key}]"[:LONGEST_PATH])


def _inside(found: object, step: str | int, path: str) -> object:
    if isinstance(step, str) and isinstance(found, Mapping) and step in found:
        return found[step]
    if isinstance(step, int) and isinstance(found, list | tuple) and step < len(found):
        return found[step]
    raise NoSuchPlace(path)


def _steps_or_none(path: str) -> Steps | None:
    try:
        return steps(path)
    except NoSuchPlace:
        return None


def listed(document: Document, path: str) -> list[tuple[str, object]]:
    """The entries of a list, each with its path; none where there is no list."""
    found = find(document, path)
    entries = found if isinstance(found, list | tuple) else ()
    return [(f"{path}[{place}]", each) for place, each in enumerate(entries)]
