"""A program version as the rules see it: frozen, complete, checked.

Written as one canonical JSON document (YAML is its other spelling). Every number carries its source, or the words
"local default".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from clinic.rules.roles import Role
from pathways.rules.gates import Criterion, Gate
from pathways.rules.moves import MoveKind
from pathways.rules.purposes import Purpose as Purpose

JOINT = "+"


class GateSide(StrEnum):
    """Which gate of a move is asked: the exit of the phase left, the entry of the phase entered."""

    EXIT = "exit"
    ENTRY = "entry"


class AnchorKind(StrEnum):
    """The event a follow-up counts from."""

    ADMISSION = "admission"
    PHASE_ENTRY = "phase_entry"
    DISCHARGE = "discharge"
    RETURN_TO_USE = "return_to_use"
    HOLD = "hold"
    PROPOSAL = "proposal"
    WAITLIST = "waitlist"


class ContactMode(StrEnum):
    """How the contact is made in the end."""

    MESSAGE = "message"
    PHONE = "phone"
    IN_PERSON = "in_person"
    INTERNAL = "internal"


class RungKind(StrEnum):
    """One step of a ladder (model.md, Ladder). The first two are messages, the last two are tasks of a person."""

    MESSAGE = "message"
    SECOND_CHANNEL = "second_channel"
    SUPPORT_PERSON = "support_person"
    STAFF_CALL = "staff_call"
    SUPERVISOR = "supervisor"


MESSAGE_RUNGS = frozenset({RungKind.MESSAGE, RungKind.SECOND_CHANNEL})


@dataclass(frozen=True, slots=True)
class Program:
    """What the program is called and for what it is."""

    key: str
    title: str
    substance: str
    summary: str


@dataclass(frozen=True, slots=True)
class AssessmentRule:
    """An instrument to be repeated in a phase, every so many days."""

    instrument: str
    every_days: int
    source: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Activity:
    """A modality of a phase: how often a week, how long. An adjunct does not count as clinical minutes."""

    modality: str
    title: str
    per_week: int
    minutes: int
    adjunct: bool
    source: str

    @property
    def weekly_minutes(self) -> int:
        """Clinical minutes a week; none for an adjunct."""
        return 0 if self.adjunct else self.per_week * self.minutes


@dataclass(frozen=True, slots=True)
class PhaseDef:
    """One phase of the program. `typical_days` is what is usual, not a limit; `level` the usual level of care."""

    key: str
    ordinal: int
    title: str
    short_title: str
    goals: tuple[str, ...]
    typical_days: int
    level: str
    source: str
    entry: Gate | None = None
    exit: Gate | None = None
    assessments: tuple[AssessmentRule, ...] = ()
    activities: tuple[Activity, ...] = ()
    path: str = ""

    def gate(self, side: GateSide) -> Gate | None:
        """The gate on that side."""
        return self.exit if side is GateSide.EXIT else self.entry


@dataclass(frozen=True, slots=True)
class TransitionRule:
    """A way: from one phase (None: from any, or from none yet) to another, who may take it, why, through which gate."""

    kind: MoveKind
    from_phase: str | None
    to_phase: str | None
    roles: tuple[Role, ...]
    reasons: tuple[str, ...] = ()
    gate: tuple[GateSide, ...] = ()
    needs_note: bool = False
    path: str = ""


@dataclass(frozen=True, slots=True)
class Offsets:
    """Once on each of these days after the anchor."""

    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Every:
    """On day `first_day`, then every `every_days`; for `for_days` after the anchor, or (None) while it lasts."""

    every_days: int
    first_day: int
    for_days: int | None


@dataclass(frozen=True, slots=True)
class AdaptiveMonths:
    """Recovery check-ups in months that follow need (`follow_ups.adaptive_months`), from `first_month` on."""

    for_months: int
    first_month: int = 1


Schedule = Offsets | Every | AdaptiveMonths


@dataclass(frozen=True, slots=True)
class FollowUpRule:
    """Contacts owed to a patient. `rule_key` is stable across versions; `phases` only with the anchor phase entry."""

    rule_key: str
    title: str
    anchor: AnchorKind
    phases: tuple[str, ...]
    schedule: Schedule
    at: time
    window_days: int
    purpose: Purpose
    mode: ContactMode
    instrument: str | None
    template: str | None
    ladder: str
    owner: Role
    source: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder and how long silence lasts before the next one. `tries`: calls made on this step."""

    kind: RungKind
    wait_hours: int
    tries: int = 1
    role: Role | None = None
    template: str | None = None


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of a follow-up, in order. The last one is always a person."""

    key: str
    title: str
    rungs: tuple[Rung, ...]
    source: str
    path: str = ""

    def place(self, number: int) -> int:
        """The step (from 0) of that number; the last one where a contact was planned by another, longer version."""
        return min(number, len(self.rungs) - 1)

    def rung_at(self, number: int) -> Rung:
        """What is to be done on the step of that number, counted as `place` counts."""
        return self.rungs[self.place(number)]


@dataclass(frozen=True, slots=True)
class ProgramDocument:
    """One version of a program."""

    schema: int
    program: Program
    phases: tuple[PhaseDef, ...]
    transitions: tuple[TransitionRule, ...]
    follow_ups: tuple[FollowUpRule, ...]
    ladders: tuple[Ladder, ...]

    def find_phase(self, key: str) -> PhaseDef | None:
        """The phase of that key, if there is one."""
        return next((phase for phase in self.phases if phase.key == key), None)

    def phase(self, key: str) -> PhaseDef:
        """The phase of that key. Raises KeyError where there is none."""
        found = self.find_phase(key)
        if found is None:
            raise KeyError(key)
        return found

    def ladder(self, key: str) -> Ladder:
        """The ladder of that key. Raises KeyError where there is none."""
        for each in self.ladders:
            if each.key == key:
                return each
        raise KeyError(key)

    def ladder_or_first(self, key: str) -> Ladder:
        """The ladder of that key, else the first: a contact planned by another version is never without one."""
        return next((each for each in self.ladders if each.key == key), self.ladders[0])

    def follow_up(self, rule_key: str) -> FollowUpRule:
        """The follow-up rule of that key. Raises KeyError where there is none."""
        for rule in self.follow_ups:
            if rule.rule_key == rule_key:
                return rule
        raise KeyError(rule_key)

    def gates(self) -> Iterator[Gate]:
        """Every gate of every phase."""
        for phase in self.phases:
            yield from (gate for gate in (phase.entry, phase.exit) if gate is not None)

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion of every gate, at every depth."""
        for gate in self.gates():
            yield from gate.walk()

    def gate_for(self, from_phase: str | None, to_phase: str | None, sides: tuple[GateSide, ...]) -> Gate | None:
        """The one gate of a move: the exit of the phase left and the entry of the phase entered, as the rule asks.

        None where nothing is asked. Raises KeyError for a phase that does not exist.
        """
        asked = []
        if GateSide.EXIT in sides and from_phase is not None:
            asked.append(self.phase(from_phase).exit)
        if GateSide.ENTRY in sides and to_phase is not None:
            asked.append(self.phase(to_phase).entry)
        return _joined([gate for gate in asked if gate is not None])

    def gate_named(self, key: str) -> Gate | None:
        """The gate of that key, also one that `gate_for` joined of two; None where there is none."""
        parts = key.split(JOINT)
        return _joined([gate for part in parts for gate in self.gates() if gate.key == part])


def _joined(gates: Sequence[Gate]) -> Gate | None:
    if len(gates) < 2:
        return gates[0] if gates else None
    merged = tuple(criterion for gate in gates for criterion in gate.criteria)
    return Gate(JOINT.join(gate.key for gate in gates), gates[-1].title, merged)
