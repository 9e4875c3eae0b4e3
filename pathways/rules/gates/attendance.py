"""The criterion that counts sessions: how many, how many minutes, or what share of those planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts, PhaseEntered
from pathways.rules.gates.names import modality_name
from pathways.rules.gates.params import Refers
from pathways.rules.gates.registry import FactKind, Look, kind
from pathways.rules.gates.verdicts import Evidence, Finding, State
from pathways.rules.sessions import AttendanceStatus

LONGEST = 365
"""Attendance is looked at for a year back."""
MOST_MINUTES = 100_000
EVIDENCE_SHOWN = 20


class Measure(StrEnum):
    """What is counted. *rate*: percent of the sessions planned that were attended."""

    COUNT = "count"
    MINUTES = "minutes"
    RATE = "rate"


ATTENDED = AttendanceStatus.ATTENDED
PLANNED = frozenset({ATTENDED, AttendanceStatus.NO_SHOW, AttendanceStatus.CANCELLED_BY_PATIENT})
"""What a rate counts as planned: what the clinic cancelled is left out, what is still to come too."""


@dataclass(frozen=True, slots=True)
class Attended:
    """One person's place in a session. `minutes` are those attended; who did not come attended none."""

    session_id: UUID
    modality: str
    starts_at: datetime
    state: AttendanceStatus
    minutes: int = 0
    counts_toward_hours: bool = True

    @property
    def public_id(self) -> UUID:
        return self.session_id


@dataclass(frozen=True, slots=True)
class _Counted:
    """What was counted in a window: sessions planned, newest first, and those attended of them."""

    planned: tuple[Attended, ...]

    @property
    def attended(self) -> tuple[Attended, ...]:
        return tuple(each for each in self.planned if each.state is ATTENDED)

    @property
    def minutes(self) -> int:
        return sum(each.minutes for each in self.attended)


@kind
@dataclass(frozen=True, slots=True)
class SessionsAttended(FactKind):
    """At least so many sessions, minutes or percent of those planned were attended.

    Counted are sessions of the last `within_days` calendar days; where it is left out, those since the day the phase
    was entered. Without `modalities` every session counts that counts toward hours. Minutes are minutes attended, none
    for who did not come. The rate leaves out what the clinic cancelled and what is still to come.

    *missing*: nothing was planned in that time, or the patient is in no phase yet. *expired*: nothing in that time,
    but earlier. *unmet*: too little. With `within_days` it holds until too much has grown too old, if nothing is added.
    """

    KEY: ClassVar[str] = "sessions_attended"
    FACTS: ClassVar[tuple[type, ...]] = (Attended, PhaseEntered)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.keys("modalities", Refers.MODALITY, required=False),
        params.choice("measure", Measure),
        params.whole("at_least", 1, MOST_MINUTES),
        params.optional_whole("within_days", 1, LONGEST),
    )

    modalities: tuple[str, ...]
    measure: Measure
    at_least: int
    within_days: int | None = None

    def needs(self) -> frozenset[Look]:
        return frozenset({Look(Attended, days=self.within_days), Look(PhaseEntered)})

    def check(self, fields: Fields) -> None:
        if self.measure is Measure.RATE and self.at_least > 100:
            fields.refuse("at_least", "program.problem.out_of_range", found=self.at_least, least=1, most=100)

    def asks(self) -> Sentence:
        what = sentence("gate.sessions.of", names=self._names()) if self.modalities else sentence("gate.sessions.any")
        asked = sentence(f"gate.sessions.asks_{self.measure.value}", n=self.at_least, what=what)
        if self.within_days is None:
            return sentence("gate.sessions.since_entry", asked=asked)
        return sentence("gate.sessions.within", asked=asked, days=self.within_days)

    def judge(self, facts: GateFacts) -> Finding:
        since = self._since(facts)
        if since is None:
            found = sentence("gate.days.missing")
            return Finding(State.MISSING, found, next_step=sentence("gate.days.next_admit"))
        known = self._planned(facts)
        counted = _Counted(tuple(each for each in known if facts.day_of(each.starts_at) >= since))
        if not counted.planned:
            return self._nothing(facts, known)
        found, evidence = self._found(counted), self._evidence(facts, counted)
        if self._enough(counted):
            return Finding(State.MET, found, evidence, self._lapses_on(facts, counted))
        return Finding(State.UNMET, found, evidence, None, self._earliest(facts, counted), self._step(counted))

    def _since(self, facts: GateFacts) -> date | None:
        """The first day that counts."""
        if self.within_days is None:
            return facts.phase_entered_on
        return facts.today - timedelta(days=self.within_days)

    def _planned(self, facts: GateFacts) -> list[Attended]:
        """Everything of these modalities that was planned up to the moment asked about, newest first."""
        known = [
            each
            for each in facts.of(Attended)
            if each.state in PLANNED and each.starts_at <= facts.as_of and self._wanted(each)
        ]
        return sorted(known, key=lambda each: each.starts_at, reverse=True)

    def _wanted(self, each: Attended) -> bool:
        return each.modality in self.modalities if self.modalities else each.counts_toward_hours

    def _enough(self, counted: _Counted) -> bool:
        attended = counted.attended
        match self.measure:
            case Measure.COUNT:
                return len(attended) >= self.at_least
            case Measure.MINUTES:
                return counted.minutes >= self.at_least
        return bool(counted.planned) and len(attended) * 100 >= self.at_least * len(counted.planned)

    def _nothing(self, facts: GateFacts, known: Sequence[Attended]) -> Finding:
        """Nothing in the time asked about: too old where there was something before."""
        earlier = [each for each in known if each.state is ATTENDED]
        step = self._step(_Counted(()))
        if not earlier:
            return Finding(State.MISSING, sentence("gate.sessions.missing"), (), None, facts.today, step)
        found = sentence("gate.sessions.expired", on=facts.day_of(earlier[0].starts_at))
        seen = self._evidence(facts, _Counted((earlier[0],)))
        return Finding(State.EXPIRED, found, seen, None, facts.today, step)

    def _found(self, counted: _Counted) -> Sentence:
        sessions, planned = len(counted.attended), len(counted.planned)
        if self.measure is Measure.RATE:
            percent = sessions * 100 // planned
            return sentence("gate.sessions.found_rate", percent=percent, attended=sessions, planned=planned)
        if self.measure is Measure.MINUTES:
            return sentence("gate.sessions.found_minutes", n=counted.minutes, of=self.at_least, sessions=sessions)
        return sentence("gate.sessions.found_count", n=sessions, of=self.at_least)

    def _lapses_on(self, facts: GateFacts, counted: _Counted) -> date | None:
        """The last day it holds as things stand: each session drops out when it is older than the window."""
        if self.within_days is None:
            return None
        left = list(counted.planned)
        while left:
            oldest = facts.day_of(left[-1].starts_at)
            while left and facts.day_of(left[-1].starts_at) == oldest:
                left.pop()
            if not self._enough(_Counted(tuple(left))):
                return oldest + timedelta(days=self.within_days)
        return None

    def _earliest(self, facts: GateFacts, counted: _Counted) -> date:
        """Today, except that a rate of 100 waits until what was missed is out of the window."""
        missed = [each for each in counted.planned if each.state is not ATTENDED]
        if self._more_needed(counted) is not None or self.within_days is None or not missed:
            return facts.today
        return facts.day_of(missed[0].starts_at) + timedelta(days=self.within_days + 1)

    def _more_needed(self, counted: _Counted) -> int | None:
        """How many more sessions or minutes are owed; None where no number of them would do."""
        attended, planned = len(counted.attended), len(counted.planned)
        if self.measure is Measure.COUNT:
            return self.at_least - attended
        if self.measure is Measure.MINUTES:
            return self.at_least - counted.minutes
        if self.at_least == 100:
            return 1 if attended == planned else None
        return max(-(-(self.at_least * planned - 100 * attended) // (100 - self.at_least)), 1)

    def _step(self, counted: _Counted) -> Sentence:
        more = self._more_needed(counted)
        if more is None:
            return sentence("gate.sessions.next_all")
        return sentence(
            "gate.sessions.next_minutes" if self.measure is Measure.MINUTES else "gate.sessions.next", n=more
        )

    def _evidence(self, facts: GateFacts, counted: _Counted) -> tuple[Evidence, ...]:
        """The newest sessions that count; for a rate those that were missed too."""
        counts = counted.planned if self.measure is Measure.RATE else counted.attended
        return tuple(
            Evidence("session", each.session_id, each.starts_at, self._say(facts, each))
            for each in counts[:EVIDENCE_SHOWN]
        )

    @staticmethod
    def _say(facts: GateFacts, each: Attended) -> Sentence:
        name, on = modality_name(each.modality), facts.day_of(each.starts_at)
        if each.state is ATTENDED:
            return sentence("gate.sessions.evidence", modality=name, minutes=each.minutes, on=on)
        return sentence("gate.sessions.evidence_missed", modality=name, state=each.state, on=on)

    def _names(self) -> tuple[Sentence | str, ...]:
        return tuple(modality_name(key) for key in self.modalities)
