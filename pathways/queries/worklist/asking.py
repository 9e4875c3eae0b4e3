"""What every sort of line is asked, what it answers with, and what is loaded of those that are shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from uuid import UUID

from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence
from pathways.models import (
    Attendance,
    Enrollment,
    EvidenceReview,
    FollowUp,
    LevelOfCareAssessment,
    OverrideRequest,
    Plan,
    Reminder,
    Reply,
    ReturnToUse,
    Session,
)
from pathways.rules.holders import Owned
from pathways.rules.warnings import EarlyWarning
from pathways.rules.worklist import Item, LineType
from patients.models import Patient, SafetyFlag

MOST_LINES = 5_000
"""Rows of each sort read for one list; a site that owes more sees the oldest first and is told so."""

Subject = (
    Attendance | Enrollment | EvidenceReview | FollowUp | LevelOfCareAssessment | OverrideRequest | Patient | Plan
    | Reminder | Reply | ReturnToUse | SafetyFlag | Session
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Who asks for the list of which site, and when."""

    actor: Actor
    site: Site
    now: datetime

    @cached_property
    def today(self) -> date:
        """The day at the site."""
        return self.now.astimezone(self.site.zone).date()

    @cached_property
    def ends(self) -> datetime:
        """When the site's day is over."""
        return datetime.combine(self.today + timedelta(days=1), time(), self.site.zone)

    @cached_property
    def held(self) -> frozenset[Permission]:
        return self.actor.permissions

    def may(self, permission: Permission) -> bool:
        return permission in self.held


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing owed, as light as it can be: what puts it in order, whose it is, and the row ids to load it by.

    patient: row id, None for work about no one person · record: row id of what its type names · warnings: of a line
    that warns.
    """

    item: Item
    owned: Owned
    patient: int | None
    record: int
    warnings: tuple[EarlyWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Dressed:
    """What a line says: the record behind it, whom it is about, what is owed, and one sentence why."""

    row: Subject
    patient: Patient | None
    title: Sentence | str
    why: Sentence


Gather = Callable[[Asked], Iterable[Entry]]
Dress = Callable[[Asked, Sequence[Entry]], Mapping[UUID, Dressed]]


@dataclass(frozen=True, slots=True)
class Source:
    """A sort of line, or several that are read together. `gather`: everything owed, in a constant number of queries,
    only what orders it; `dress`: of each sort the records and the words of the lines that are shown, by the public id
    of their item."""

    gather: Gather
    dress: Mapping[LineType, Dress]

    def only(self, kind: LineType) -> "Source":
        """One of its sorts alone."""
        return Source(
            lambda asked: (each for each in self.gather(asked) if each.item.type is kind), {kind: self.dress[kind]}
        )
