"""Rows of findings: the newest that fit one after another, far enough apart. Scores and observations share it.

With `hours_between`, findings count towards `last` only if at least that many hours lie between them; one taken in
between is not counted, but if it speaks against the criterion it breaks the row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pathways.rules.gates.facts import Found, GateFacts
from pathways.rules.gates.registry import Look

LONGEST_WINDOW = 3650
LONGEST_GAP_HOURS = 24 * 365
MOST_IN_A_ROW = 20
PASSED_OVER = 2
"""Beyond those that count, so many newest findings are looked at: some say nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """How many of the newest findings must fit, and how many hours must lie between those that count."""

    last: int
    hours_between: int = 0

    def look(self, sort: type, key: str, within_days: int) -> Look:
        """The newest findings that are enough to tell; with hours between them, all that lie in the window."""
        days = within_days if self.hours_between else None
        return Look(sort, key, self.last + PASSED_OVER, days)

    @property
    def gap(self) -> timedelta:
        return timedelta(hours=self.hours_between)

    def fitting(self, newest_first: Sequence[Found], fits: Callable[[Found], bool]) -> list[Found]:
        """The newest findings up to the first that does not fit."""
        for place, found in enumerate(newest_first):
            if not fits(found):
                return list(newest_first[:place])
        return list(newest_first)

    def counted(self, newest_first: Sequence[Found]) -> list[Found]:
        """The newest findings, at most `last`, that lie far enough apart."""
        counted: list[Found] = []
        for found in newest_first:
            if not counted or counted[-1].effective_at - found.effective_at >= self.gap:
                counted.append(found)
        return counted[: self.last]

    def next_at(self, facts: GateFacts, fitting: Sequence[Found]) -> datetime:
        """The first moment at which one more finding would count, counting the row from its oldest."""
        last: datetime | None = None
        for found in reversed(fitting):
            if last is None or found.effective_at - last >= self.gap:
                last = found.effective_at
        return facts.as_of if last is None else max(facts.as_of, last + self.gap)

    def first_day(self, facts: GateFacts, fitting: Sequence[Found]) -> date:
        """The first day on which enough findings could lie far enough apart, if each one to come fits."""
        still = self.last - 1 - min(len(self.counted(fitting)), self.last - 1)
        return facts.day_of(self.next_at(facts, fitting) + still * self.gap)
