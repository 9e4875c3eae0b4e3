"""The line of a census: people at the end of each day, and the places there were, as points of a small picture."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 120
HEAD, FOOT = 4, 6
"""Room above the most and beneath zero, so that a full and an empty house are lines and not edges."""


@dataclass(frozen=True, slots=True)
class CensusLine:
    """Points for two polylines (`places` in pieces, where the number changes or is not counted), and the top of it."""

    width: int
    height: int
    people: str
    places: tuple[str, ...]
    top: int


def census_line(people: Sequence[int], places: Sequence[int | None]) -> CensusLine:
    """Days from left to right, zero at the foot. Raises ValueError for lists of different length."""
    if len(people) != len(places):
        raise ValueError("a day has its people and its places")
    top = max([1, *people, *(each for each in places if each is not None)])
    marks = [_point(day, n, len(people), top) for day, n in enumerate(people)]
    return CensusLine(WIDTH, HEIGHT, " ".join(marks), tuple(_pieces(places, top)), top)


def _pieces(places: Sequence[int | None], top: int) -> list[str]:
    """A level line for each stretch of days with the same number."""
    pieces: list[str] = []
    began = 0
    for day in range(len(places) + 1):
        if day == len(places) or places[day] != places[began]:
            number = places[began] if began < len(places) else None
            if number is not None:
                ends = [_point(each, number, len(places), top) for each in (began, max(began, day - 1))]
                pieces.append(" ".join(ends))
            began = day
    return pieces


def _point(day: int, n: int, days: int, top: int) -> str:
    x = WIDTH * day / max(1, days - 1)
    y = HEAD + (HEIGHT - HEAD - FOOT) * (1 - n / top)
    return f"{x:.1f},{y:.1f}"
