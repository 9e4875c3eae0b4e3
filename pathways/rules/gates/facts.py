"""What a gate looks at: the facts of one enrollment, as of one moment.

The query that gathers them answers for many enrollments at once. It hands over only what was effective at or before
`as_of` and is known now (decisions.md 9); the kinds leave out anything later all the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.roles import Role
from patients.rules.instruments import Severity

TOTAL = "total"
BAND = "band"


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


@dataclass(frozen=True, slots=True)
class Reading:
    """One final assessment. `total`, a subscore or `band` is None where the form gives none."""

    public_id: UUID
    effective_at: datetime
    total: int | None = None
    subscores: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    band: str | None = None

    def score(self, key: str) -> int | str | None:
        """The total, the band, or the subscore of that key."""
        if key == TOTAL:
            return self.total
        return self.band if key == BAND else self.subscores.get(key)


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
class GateFacts:
    """The facts of one enrollment as of one moment.

    `zone` is the site's IANA zone, in which days are counted. `readings` maps an instrument's key to its final
    assessments, newest first. `sendable` are the instruments a patient can fill in without a clinician.
    """

    as_of: datetime
    zone: str
    phase_entered_on: date | None = None
    readings: Mapping[str, tuple[Reading, ...]] = field(default_factory=lambda: MappingProxyType({}))
    flags: tuple[OpenFlag, ...] = ()
    attestations: tuple[Attested, ...] = ()
    sendable: frozenset[str] = frozenset()

    @property
    def today(self) -> date:
        """The calendar day of `as_of` in the site's zone."""
        return self.as_of.astimezone(ZoneInfo(self.zone)).date()

    def local(self, moment: datetime) -> datetime:
        """A moment on the site's clock."""
        return moment.astimezone(ZoneInfo(self.zone))

    def day_of(self, moment: datetime) -> date:
        """The calendar day of a moment in the site's zone."""
        return self.local(moment).date()

    def readings_of(self, instrument: str) -> tuple[Reading, ...]:
        """The instrument's readings up to `as_of`, newest first, in UTC (where hours between them are true hours)."""
        known = (each for each in self.readings.get(instrument, ()) if each.effective_at <= self.as_of)
        in_utc = (replace(each, effective_at=each.effective_at.astimezone(UTC)) for each in known)
        return tuple(sorted(in_utc, key=lambda each: each.effective_at, reverse=True))
