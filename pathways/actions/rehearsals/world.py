"""The world of one rehearsal: its clock, who is in it, what has happened so far, and what is to come."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush
from uuid import UUID

from clinic.rules.opening_hours import ContactHours, contact_window, next_opening, to_local, to_utc
from clinic.rules.sentences import Sentence
from pathways.actions.rehearsals.stage import Stage
from pathways.delivery.recording import RecordingChannel
from pathways.queries.rehearsals import Waiting
from pathways.rules.moves import EnrollmentStatus
from pathways.rules.plans import PlanElementKind, PlanKind
from pathways.rules.programs import ProgramDocument
from pathways.rules.rehearsals import Dice, EntryKind, GateAsked, Script
from pathways.rules.rehearsals import Entry as Told
from patients.rules.observations import Entry

UNSETTLED_DAYS = 14
"""After a return to use forms and screens come out unsettled for so long (invented)."""

What = Callable[[datetime], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be rehearsed: a script from a seed, from a day on, for so many days, said in a language."""

    script: Script
    seed: int
    start_on: date
    days: int
    language: str = "en"


@dataclass(slots=True)
class Line:
    """A line of a plan that was written."""

    plan_id: UUID
    kind: PlanElementKind
    public_id: UUID
    ended: bool = False


@dataclass(slots=True)
class World:
    """Everything a rehearsal knows of itself. `phase` and `status` follow the enrollment, as its moves leave it."""

    wanted: Wanted
    stage: Stage
    document: ProgramDocument
    dice: Dice
    now: datetime
    channel: RecordingChannel = field(init=False)
    enrollment: UUID | None = None
    enrollment_pk: int | None = None
    status: EnrollmentStatus | None = None
    phase: str | None = None
    phase_since: date = date.min
    first_in: dict[str, date] = field(default_factory=dict)
    unsettled_until: date = date.min
    forms: dict[str, date] = field(default_factory=dict)
    rows_until: dict[str, datetime] = field(default_factory=dict)
    panel: dict[str, Entry] = field(default_factory=dict)
    plans: dict[tuple[UUID, PlanKind], UUID] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    gates: list[GateAsked] = field(default_factory=list)
    entries: list[Told] = field(default_factory=list)
    rungs: set[tuple[str, int]] = field(default_factory=set)
    sent: dict[str, Waiting] = field(default_factory=dict)
    not_done: dict[Sentence, None] = field(default_factory=dict)
    moves_made: int = 0
    _agenda: list[tuple[datetime, int, What]] = field(default_factory=list)
    _put: int = 0

    def __post_init__(self) -> None:
        self.channel = RecordingChannel(clock=lambda: self.now)

    @property
    def script(self) -> Script:
        return self.wanted.script

    @property
    def enrolled(self) -> UUID:
        """The enrollment under way, or the last one. Raises ValueError before there is one."""
        if self.enrollment is None:
            raise ValueError("nobody has come in yet")
        return self.enrollment

    @property
    def end(self) -> datetime:
        """The last moment that is lived through."""
        return self.at(self.wanted.start_on + timedelta(days=self.wanted.days), time(23, 59))

    @property
    def today(self) -> date:
        """The day at the site."""
        return self.now.astimezone(self.stage.site.zone).date()

    @property
    def day(self) -> int:
        """Days since admission."""
        return (self.today - self.wanted.start_on).days

    @property
    def days_in_phase(self) -> int:
        return (self.today - self.phase_since).days

    @property
    def place(self) -> int:
        """Which phase of the program, from 0."""
        keys = [phase.key for phase in self.document.phases]
        return keys.index(self.phase) if self.phase in keys else 0

    @property
    def is_silent(self) -> bool:
        return self.script.is_silent(self.day)

    @property
    def settles_on(self) -> date | None:
        """The day from which forms and screens come out as the gate of this phase asks; None: never."""
        after = self.script.settled_after(self.place)
        if after is None:
            return None
        since = self.phase_since if self.phase else self.wanted.start_on
        return max(since + timedelta(days=after if self.phase else 0), self.unsettled_until)

    @property
    def is_settled(self) -> bool:
        return self.settles_on is not None and self.settles_on <= self.today

    def at(self, on: date, wall: time) -> datetime:
        """A wall time at the site as an instant."""
        return to_utc(datetime.combine(on, wall), self.stage.site.time_zone).astimezone(UTC)

    def awake(self, at: datetime) -> datetime:
        """The moment itself, or when the site next opens: nobody calls, or calls back, at night."""
        site = self.stage.site
        window = contact_window(ContactHours(site.contact_opens, site.contact_closes))
        local = to_local(at, site.time_zone)
        if window.empty or window.contains(local):
            return at
        return to_utc(next_opening(local, site.time_zone, window), site.time_zone)

    def put(self, at: datetime, what: What) -> None:
        """Something to come. What would come after the end does not happen any more."""
        if at <= self.end:
            self._put += 1
            heappush(self._agenda, (max(at, self.now), self._put, what))

    def next_at(self) -> datetime | None:
        """When the next thing that was put comes."""
        return self._agenda[0][0] if self._agenda else None

    def take(self) -> What:
        """The next thing that was put."""
        return heappop(self._agenda)[2]

    def tell(self, kind: EntryKind, said: Sentence, detail: Sentence | None = None, text: str = "") -> None:
        """One more line of the timeline, now."""
        self.entries.append(Told(self.now, kind, said, detail, text))

    def could_not(self, said: Sentence) -> None:
        """What cannot be played; told once, however often it comes."""
        if said not in self.not_done:
            self.not_done[said] = None
            self.tell(EntryKind.TROUBLE, said)

    def entered(self, status: EnrollmentStatus, phase: str | None) -> None:
        """A move has been made: where the enrollment stands now."""
        self.moves_made += 1
        if phase != self.phase:
            self.phase_since = self.today
            self.rows_until.clear()
        if phase is not None:
            self.first_in.setdefault(phase, self.today)
        self.status, self.phase = status, phase
