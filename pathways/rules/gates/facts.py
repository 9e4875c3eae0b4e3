"""What a gate looks at: the facts of one enrollment, as of one moment.

The queries that gather them (`pathways.queries.facts`) answer for many enrollments at once. They hand over only what
was effective at or before `as_of` and is known now (decisions.md 9); the kinds leave out anything later all the same.
A sort of fact is a frozen dataclass; the sorts of the newer kinds stand beside their kinds.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from operator import attrgetter
from types import MappingProxyType
from typing import Protocol, TypeVar, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.roles import Role
from patients.rules.instruments import Severity

TOTAL = "total"
BAND = "band"
Fact = TypeVar("Fact")


class InstrumentName(StrEnum):
    """The short names of the shipped instruments; an instrument loaded by a site is called by its key."""

    COWS = "cows"
    SOWS = "sows"
    PHQ9 = "phq9"
    PHQ2 = "phq2"
    GAD7 = "gad7"
    DAST10 = "dast10"
    AUDITC = "auditc"
    PCPTSD5 = "pcptsd5"
    CSSRS_SCREEN = "cssrs_screen"
    BAM = "bam"
    BARC10 = "barc10"
    TAPS = "taps"
    DSM5_SUD = "dsm5_sud"
    CRAVING_VAS = "craving_vas"
    KRATOM_USE_PROFILE = "kratom_use_profile"


def instrument_name(key: str) -> InstrumentName | str:
    """What a sentence calls an instrument."""
    try:
        return InstrumentName(key)
    except ValueError:
        return key.upper()


class Timed(Protocol):
    """A finding with the moment it was effective."""

    @property
    def effective_at(self) -> datetime: ...


Found = TypeVar("Found", bound=Timed)


@dataclass(frozen=True, slots=True)
class Reading:
    """One final assessment of an instrument. `total`, a subscore or `band` is None where the form gives none."""

    public_id: UUID
    instrument: str
    effective_at: datetime
    total: int | None = None
    subscores: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    band: str | None = None

    def score(self, key: str) -> int | str | None:
        """The total, the band, or the subscore of that key."""
        if key == TOTAL:
            return self.total
        if key == BAND:
            return self.band
        return self.subscores.get(key)


@dataclass(frozen=True, slots=True)
class OpenFlag:
    """A safety flag nobody has closed yet. `title` is text as the flag shows it."""

    public_id: UUID
    severity: Severity
    title: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Attested:
    """A person said so: which statement, in which role, who by name, when."""

    public_id: UUID
    key: str
    role: Role
    by_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PhaseEntered:
    """When the present phase was entered; there is none before admission."""

    at: datetime


@dataclass(frozen=True, slots=True)
class GateFacts:
    """The facts of one enrollment as of one moment, by their sort (`of`).

    `zone` is the site's IANA zone, in which days are counted; `today` the calendar day of `as_of` there. `sendable` are
    the instruments a patient can fill in without a clinician.
    """

    as_of: datetime
    zone: str
    looked_up: Mapping[type, tuple[object, ...]] = field(default_factory=lambda: MappingProxyType({}))
    sendable: frozenset[str] = frozenset()
    today: date = field(init=False, compare=False)
    clock: ZoneInfo = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "clock", ZoneInfo(self.zone))
        object.__setattr__(self, "today", self.day_of(self.as_of))

    def of(self, sort: type[Fact]) -> tuple[Fact, ...]:
        """The facts of a sort; none where none are known."""
        return cast("tuple[Fact, ...]", self.looked_up.get(sort, ()))

    def local(self, moment: datetime) -> datetime:
        """A moment on the site's clock."""
        return moment.astimezone(self.clock)

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment in the site's zone."""
        return moment.astimezone(self.clock).date()

    def days_since(self, moment: datetime) -> int:
        """Calendar days from a moment to today."""
        return (self.today - self.day_of(moment)).days

    @property
    def phase_entered_on(self) -> date | None:
        """The day the present phase was entered; None before admission."""
        entered = [self.day_of(each.at) for each in self.of(PhaseEntered)]
        return entered[0] if entered else None

    def entered_now(self) -> "GateFacts":
        """The same, as they would be for somebody who enters a phase at this moment."""
        return replace(self, looked_up={**self.looked_up, PhaseEntered: (PhaseEntered(self.as_of),)})

    @property
    def flags(self) -> tuple[OpenFlag, ...]:
        return self.of(OpenFlag)

    @property
    def attestations(self) -> tuple[Attested, ...]:
        return self.of(Attested)

    def readings_of(self, instrument: str) -> list[Reading]:
        """The instrument's readings up to `as_of`, newest first."""
        return self.newest_first(each for each in self.of(Reading) if each.instrument == instrument)

    def newest_first(self, findings: Iterable[Found]) -> list[Found]:
        """Findings up to `as_of`, newest first, in UTC (where hours between them are true hours)."""
        known = [each for each in findings if each.effective_at <= self.as_of]
        if any(each.effective_at.tzinfo is not UTC for each in known):
            known = [_in_utc(each) for each in known]
        known.sort(key=_moment, reverse=True)
        return known

    def records(self) -> list[UUID]:
        """The public ids of the records these facts are, in the order of their sorts."""
        found = (getattr(each, "public_id", None) for facts in self.looked_up.values() for each in facts)
        return [each for each in found if each is not None]


_moment = attrgetter("effective_at")


def _in_utc(found: Found) -> Found:
    return replace(found, effective_at=found.effective_at.astimezone(UTC))  # type: ignore[type-var]
