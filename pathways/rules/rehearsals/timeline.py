"""What a rehearsal showed: every contact, message, gate and move with its moment, and the sums."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.rehearsals.moved import Moved
from pathways.rules.rehearsals.unfired import NeverFired
from pathways.rules.ribbon import Course


class EntryKind(StrEnum):
    """What an entry of the timeline is about; what one may look at alone."""

    MOVE = "move"
    GATE = "gate"
    CONTACT = "contact"
    MESSAGE = "message"
    FINDING = "finding"
    SESSION = "session"
    EVENT = "event"
    WORK = "work"
    TROUBLE = "trouble"


_AT_ONE_MOMENT = (
    EntryKind.EVENT, EntryKind.GATE, EntryKind.MOVE, EntryKind.WORK, EntryKind.FINDING, EntryKind.SESSION,
    EntryKind.MESSAGE, EntryKind.CONTACT, EntryKind.TROUBLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """Something at a moment. `text`: words kept as they were shown or sent, in the language of the run."""

    at: datetime
    kind: EntryKind
    said: Sentence
    detail: Sentence | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Hindrance:
    """A requirement that stood in the way: which, what it asks and what was found, in the language of the run."""

    key: str
    asks: str
    found: str


@dataclass(frozen=True, slots=True)
class GateAsked:
    """A gate as it was asked: for which move, how much was met, and what stood in the way, the first first."""

    at: datetime
    gate: str
    title: str
    move: MoveKind
    met: bool
    met_count: int
    of_count: int
    hindrances: tuple[Hindrance, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactOwed:
    """A follow-up as it stood when the rehearsal ended. `outcome` None: still to come, or being worked on."""

    rule_key: str
    title: str
    occurrence: int
    due_at: datetime
    gives_up_at: datetime
    ladder: str
    rung: int
    outcome: Outcome | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageKept:
    """A message that would have been sent: kept by the recording channel."""

    at: datetime
    template: str
    channel: str
    text: str
    rule_key: str
    title: str
    ladder: str
    rung: int


@dataclass(frozen=True, slots=True)
class PhaseDays:
    """How long somebody was in a phase, over all stays."""

    key: str
    title: str
    days: int


@dataclass(frozen=True, slots=True)
class Happened:
    """All that a rehearsal is told from, in the order of time."""

    moves: tuple[Moved, ...]
    gates: tuple[GateAsked, ...]
    contacts: tuple[ContactOwed, ...]
    messages: tuple[MessageKept, ...]
    unsent: Mapping[str, int]
    entries: tuple[Entry, ...]
    rungs: frozenset[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """One rehearsed patient: what would have happened, what never did, and what could not be played.

    stuck: where there was no way on, and contacts left without an outcome; empty in a sound program. `first` and `last`
    are days at the site; `unsent` counts messages that came to nothing, by status.
    """

    title: str
    seed: int
    zone: str
    first: date
    last: date
    status: EnrollmentStatus | None
    courses: tuple[Course, ...]
    phases: tuple[PhaseDays, ...]
    happened: Happened
    never: NeverFired
    could_not: tuple[Sentence, ...]
    stuck: tuple[Sentence, ...]
    scripted: Mapping[str, object]

    @property
    def days(self) -> int:
        """How many days were lived through."""
        return (self.last - self.first).days

    @property
    def by_outcome(self) -> dict[Outcome | None, int]:
        """Contacts by how they ended, in the order of the outcomes; None: still to come."""
        counted = Counter(each.outcome for each in self.happened.contacts)
        return {each: counted[each] for each in (*Outcome, None) if counted[each]}

    @property
    def by_template(self) -> dict[str, int]:
        """Messages that would have been sent, by template."""
        return dict(sorted(Counter(each.template for each in self.happened.messages).items()))

    @property
    def by_gate(self) -> tuple[tuple[str, tuple[GateAsked, ...]], ...]:
        """Every gate that was asked, by its title, with its answers, in the order first asked."""
        asked: dict[str, list[GateAsked]] = {}
        for each in self.happened.gates:
            asked.setdefault(each.title, []).append(each)
        return tuple((title, tuple(answers)) for title, answers in asked.items())


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the timeline: its date, which day since admission, and what happened."""

    on: date
    number: int
    entries: tuple[Entry, ...]


def by_day(rehearsal: Rehearsal, kinds: Iterable[EntryKind] = ()) -> tuple[Day, ...]:
    """The timeline by day at the site; of these kinds alone, or (none named) of all."""
    wanted, zone = frozenset(kinds), ZoneInfo(rehearsal.zone)
    shown = [each for each in rehearsal.happened.entries if not wanted or each.kind in wanted]
    return tuple(
        Day(on, (on - rehearsal.first).days, tuple(entries))
        for on, entries in groupby(shown, key=lambda each: each.at.astimezone(zone).date())
    )


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries as they happened; of one moment first what was asked, then what was done, then what followed."""
    order = {kind: place for place, kind in enumerate(_AT_ONE_MOMENT)}
    return tuple(sorted(entries, key=lambda each: (each.at, order[each.kind])))


def unanswered(contacts: Sequence[ContactOwed], last: datetime, patience: timedelta) -> tuple[ContactOwed, ...]:
    """Contacts that nobody ended though their whole ladder was over more than `patience` before the end."""
    return tuple(each for each in contacts if each.outcome is None and each.gives_up_at + patience < last)
