"""The nightly proof that nobody is lost: owed = done + open + decided, and nothing stands still.

Source: model.md, "Follow-ups and reminders". Marks: L, our own local rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.follow_ups import OUTCOMES

# The contact was made; every other outcome was decided, by a person or with the move that ended it.
DONE = tuple(outcome.value for outcome, rule in OUTCOMES.items() if rule.contact_made)
DECIDED = tuple(outcome.value for outcome, rule in OUTCOMES.items() if not rule.contact_made)

# A run that is older than this was not followed by another: a night was left out (L: a day and two hours).
LONGEST_GAP = timedelta(hours=26)
# A run that began this long ago and has not ended was broken off (L).
LONGEST_RUN = timedelta(minutes=30)
# How far ahead the rules are asked whether what they owe is planned (L); beyond it the hourly planning goes on.
LOOKED_AHEAD = timedelta(days=7)
# What should have moved and has not for so long stands still (L).
CLIMB_LATE = timedelta(hours=1)
MESSAGE_LATE = timedelta(hours=1)
LEASE_LATE = timedelta(minutes=15)
# An unclear message is asked about for six hours, then it is a person's (`SETTLE_GIVE_UP`); one more is too long.
UNCLEAR_LATE = timedelta(hours=7)


class RunStatus(StrEnum):
    """Where a run of the check stands. *Broken*: it began and could not be finished."""

    ASKED = "asked"
    RUNNING = "running"
    BALANCED = "balanced"
    DIFFERS = "differs"
    BROKEN = "broken"


class FindingKind(StrEnum):
    """What is wrong with one row."""

    MISSING = "missing"
    UNPLANNED = "unplanned"
    NOT_CLIMBED = "not_climbed"
    NOBODYS = "nobodys"
    MESSAGE_WAITS = "message_waits"
    MESSAGE_HELD = "message_held"
    MESSAGE_UNCLEAR = "message_unclear"


# The sum is wrong with these; the others stand still, and are named all the same.
LOST = frozenset({FindingKind.MISSING, FindingKind.UNPLANNED})


@dataclass(frozen=True, slots=True)
class Sum:
    """How many contacts were ever owed, and what became of them. `missing`: owed, and no row is there any more."""

    owed: int = 0
    done: int = 0
    open: int = 0
    decided: int = 0
    missing: int = 0

    @property
    def accounted(self) -> int:
        return self.done + self.open + self.decided

    @property
    def balances(self) -> bool:
        """owed = done + open + decided."""
        return self.owed == self.accounted


def total(sums: Iterable[Sum]) -> Sum:
    """Several programs and sites together."""
    parts = [(each.owed, each.done, each.open, each.decided, each.missing) for each in sums]
    return Sum(*(sum(column) for column in zip(*parts, strict=True))) if parts else Sum()


def verdict(sums: Iterable[Sum], kinds: Iterable[FindingKind]) -> RunStatus:
    """Balanced only where every single sum balances, and nothing that is owed was left unplanned."""
    wrong = not all(each.balances for each in sums) or bool(LOST.intersection(kinds))
    return RunStatus.DIFFERS if wrong else RunStatus.BALANCED


def is_due(last_night: date | None, now: datetime, at: time) -> bool:
    """Whether the night of `now` (its day in UTC) still has to be checked; `at` is the wall time in UTC it begins at.

    A clinic that was never checked is checked at once.
    """
    if last_night is None:
        return True
    return last_night < now.date() and now.time() >= at


class Tone(StrEnum):
    """How loudly the state of the check is said."""

    QUIET = "quiet"
    WARNING = "warning"
    URGENT = "urgent"


@dataclass(frozen=True, slots=True)
class Standing:
    """What everybody is told of the last check."""

    tone: Tone
    title: Sentence
    said: Sentence


@dataclass(frozen=True, slots=True)
class LastRun:
    """The newest run that was begun: its verdict, its sum, how many rows stand still, and how many are not settled.

    `lost`: findings of `LOST` that nobody has settled.
    """

    status: RunStatus
    started_at: datetime
    sum: Sum
    stuck: int
    lost: int


def standing(last: LastRun | None, now: datetime) -> Standing | None:
    """What to say of the newest run at `now`; None while the first one is awaited. Only a balanced one is quiet."""
    if last is None or _under_way(last, now):
        return None
    if now - last.started_at > LONGEST_GAP:
        return Standing(
            Tone.URGENT,
            sentence("reconciliation.title.not_run"),
            sentence("reconciliation.not_run", at=last.started_at),
        )
    if last.status in (RunStatus.BROKEN, RunStatus.RUNNING):
        return Standing(Tone.URGENT, sentence("reconciliation.title.broken"), sentence("reconciliation.broken"))
    numbers = {"owed": last.sum.owed, "done": last.sum.done, "open": last.sum.open, "decided": last.sum.decided}
    if last.status is RunStatus.DIFFERS and (last.lost or not last.sum.balances):
        said = sentence(
            "reconciliation.differs", owed=last.sum.owed, accounted=last.sum.accounted, lost=max(last.lost, 1)
        )
        return Standing(Tone.URGENT, sentence("reconciliation.title.differs"), said)
    if last.stuck:
        return Standing(
            Tone.WARNING, sentence("reconciliation.title.stuck"), sentence("reconciliation.stuck", number=last.stuck)
        )
    return Standing(
        Tone.QUIET, sentence("reconciliation.title.balanced"), sentence("reconciliation.balanced", **numbers)
    )


def _under_way(last: LastRun, now: datetime) -> bool:
    return last.status is RunStatus.RUNNING and now - last.started_at <= LONGEST_RUN
