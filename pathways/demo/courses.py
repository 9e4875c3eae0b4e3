"""How somebody does over time: scores that fall and rise as they plausibly do. Invented, for demonstration only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import exp
from random import Random

# start at severity 0 and 1, level it settles at, days in which two thirds of the way are gone
_CURVES: dict[tuple[str, str], tuple[float, float, float, float]] = {
    ("cows", "total"): (6, 19, 1, 3.5),
    ("sows", "total"): (6, 22, 3, 4),
    ("phq9", "total"): (5, 16, 3, 38),
    ("gad7", "total"): (4, 15, 3, 36),
    ("craving_vas", "total"): (4, 8, 1, 24),
    ("bam", "use"): (2, 4, 0, 6),
    ("bam", "risk"): (9, 15, 5, 36),
    ("bam", "protective"): (14, 8, 18, 40),
    ("barc10", "total"): (36, 26, 51, 55),
    ("dsm5_sud", "total"): (3, 9, 0, 60),
    ("phq2", "total"): (2, 4, 0, 38),
    ("auditc", "total"): (0, 4, 0, 200),
    ("dast10", "total"): (1, 4, 1, 90),
}
# What a return to use adds, gone within two weeks.
_AFTER_RETURN = {"cows": 5, "sows": 6, "phq9": 4, "gad7": 3, "craving_vas": 4, "bam": 1, "barc10": -4, "phq2": 1}
_DAYS_OF_RETURN = 14
# What the gates ask for, with a little to spare.
_SETTLED: dict[tuple[str, str], tuple[int, int]] = {
    ("cows", "total"): (0, 4),
    ("phq9", "total"): (0, 8),
    ("gad7", "total"): (0, 8),
    ("craving_vas", "total"): (0, 5),
    ("bam", "use"): (0, 0),
    ("bam", "risk"): (0, 10),
    ("bam", "protective"): (14, 24),
    ("barc10", "total"): (48, 60),
    ("dsm5_sud", "total"): (0, 1),
    ("phq2", "total"): (0, 2),
}


@dataclass(frozen=True, slots=True)
class Course:
    """One person's way: how heavy it began, when care began, and the days of returns to use."""

    key: str
    severity: float
    began: date
    returns: tuple[date, ...] = ()

    def scores(self, instrument: str, on: date, *, settled: bool = False) -> Mapping[str, int]:
        """The scores of an instrument on a day; `settled`: as the gates want them. Same day, same scores."""
        rng = Random(f"{self.key}/{instrument}/{on}")
        found = {score: self._score(instrument, score, on, rng) for name, score in _CURVES if name == instrument}
        if settled:
            found = {score: _within(value, _SETTLED.get((instrument, score))) for score, value in found.items()}
        return found

    def _score(self, instrument: str, score: str, on: date, rng: Random) -> int:
        light, heavy, rest, days = _CURVES[instrument, score]
        first = light + (heavy - light) * self.severity
        gone = max(0, (on - self.began).days)
        value = rest + (first - rest) * exp(-gone / days)
        if any(0 <= (on - day).days <= _DAYS_OF_RETURN for day in self.returns):
            value += _AFTER_RETURN.get(instrument, 0) * (-1 if score == "protective" else 1)
        return max(0, round(value + rng.uniform(-0.08, 0.08) * abs(value)))


def _within(value: int, limits: tuple[int, int] | None) -> int:
    return value if limits is None else max(limits[0], min(limits[1], value))
