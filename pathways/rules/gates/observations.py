"""The criterion that compares observations: screens in a row, a laboratory value within its range."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.names import observation_name
from pathways.rules.gates.params import ParamType, Refers
from pathways.rules.gates.registry import FactKind, Look, kind
from pathways.rules.gates.rows import LONGEST_GAP_HOURS, LONGEST_WINDOW, MOST_IN_A_ROW, Row
from pathways.rules.gates.verdicts import Evidence, Finding, State
from patients.rules.observations import ObservationResult

LARGEST = 1_000_000
MOST_TIMES = 100


class ObservationOp(StrEnum):
    """What a test must show."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"
    IN_RANGE = "in_range"


RESULTS = {ObservationOp.NEGATIVE: ObservationResult.NEGATIVE, ObservationOp.POSITIVE: ObservationResult.POSITIVE}
LIMITS = frozenset({ObservationOp.BELOW, ObservationOp.AT_MOST, ObservationOp.AT_LEAST, ObservationOp.ABOVE})
UNREADABLE = frozenset({ObservationResult.INDETERMINATE, ObservationResult.INVALID})


@dataclass(frozen=True, slots=True)
class Observed:
    """One result of one test: a number with its unit and the laboratory's range, or what a screen said."""

    public_id: UUID
    code: str
    effective_at: datetime
    value: Decimal | None = None
    unit: str = ""
    result: ObservationResult | None = None
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    specimen_valid: bool = True


@kind
@dataclass(frozen=True, slots=True)
class ObservationCompared(FactKind):
    """The last `last` results of any of these tests all show what is asked, none older than `within_days` days.

    Only the named tests count: a negative panel is no kratom negative. A result that could not be read, or of a
    specimen that is not valid, is never counted and breaks a row of those that fit. With `times_upper_limit` the number
    is a multiple of the laboratory's own upper limit; a number without the range it needs cannot be compared and breaks
    the row too.

    *missing*: no result, those there are all fit and more are needed, or the row was broken by one that could not be
    self. *expired*: enough fit, too old. *unmet*: one of the newest speaks against it. It holds through the day the
    oldest counted turns `within_days` old.
    """

    KEY: ClassVar[str] = "observation_compared"
    FACTS: ClassVar[tuple[type, ...]] = (Observed,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.keys("tests", Refers.OBSERVATION),
        params.choice("op", ObservationOp),
        params.Param("value", ParamType.NUMBER, required=False, most=LARGEST),
        params.optional_whole("times_upper_limit", 1, MOST_TIMES),
        params.whole("within_days", 0, LONGEST_WINDOW),
        params.optional_whole("last", 1, MOST_IN_A_ROW, default=1),
        params.optional_whole("hours_between", 0, LONGEST_GAP_HOURS, default=0),
    )

    tests: tuple[str, ...]
    op: ObservationOp
    within_days: int
    value: Decimal | None = None
    times_upper_limit: int | None = None
    last: int = 1
    hours_between: int = 0

    def check(self, fields: Fields) -> None:
        numbers = [name for name in ("value", "times_upper_limit") if fields.has(name)]
        if self.op in LIMITS and len(numbers) != 1:
            fields.refuse("value", "program.problem.one_number")
        elif self.op not in LIMITS and numbers:
            fields.refuse(numbers[0], "program.problem.no_number", op=self.op)

    @property
    def row(self) -> Row:
        return Row(self.last, self.hours_between)

    def needs(self) -> frozenset[Look]:
        return frozenset(self.row.look(Observed, code, self.within_days) for code in self.tests)

    def asks(self) -> Sentence:
        shown = {"tests": self._tests_words(), "limit": self._limit_words(), "days": self.within_days}
        if self.last == 1:
            return sentence("gate.observation.asks", **shown)
        row = sentence("gate.observation.asks_row", **shown, last=self.last)
        return sentence("gate.score.apart", row=row, hours=self.hours_between) if self.hours_between else row

    def judge(self, facts: GateFacts) -> Finding:
        known = facts.newest_first(each for each in facts.of(Observed) if each.code in self.tests)
        if not known:
            found = sentence("gate.observation.missing", tests=self._tests_words())
            return Finding(State.MISSING, found, (), None, facts.today, self._step(facts, []))
        recent = [each for each in known if facts.days_since(each.effective_at) <= self.within_days]
        fitting = self.row.fitting(recent, self._fits)
        counted = self.row.counted(fitting)
        if len(counted) >= self.last:
            return self._met(facts, counted)
        if len(fitting) < len(recent):
            return self._broken(facts, fitting, recent[len(fitting)])
        if len(self.row.counted(self.row.fitting(known, self._fits))) >= self.last or not recent:
            found = sentence("gate.score.expired", reading=self._say(facts, known[len(recent)]))
            return self._not_yet(State.EXPIRED, facts, found, known[: self.last], [])
        said = [self._say(facts, each) for each in reversed(fitting)]
        found = sentence("gate.score.too_few", counted=len(counted), last=self.last, readings=tuple(said))
        return self._not_yet(State.MISSING, facts, found, fitting, fitting)

    def _met(self, facts: GateFacts, counted: list[Observed]) -> Finding:
        lapses_on = facts.day_of(counted[-1].effective_at) + timedelta(days=self.within_days)
        said = tuple(self._say(facts, each) for each in reversed(counted))
        found = sentence("gate.score.met", readings=said, until=lapses_on)
        return Finding(State.MET, found, self._evidence(facts, counted), lapses_on)

    def _broken(self, facts: GateFacts, fitting: list[Observed], breaking: Observed) -> Finding:
        """A new row must be built, beginning with those after the one that does not fit."""
        said = self._say(facts, breaking)
        seen = [*fitting, breaking]
        if not self._readable(breaking):
            return self._not_yet(
                State.MISSING, facts, sentence("gate.observation.unreadable", reading=said), seen, fitting
            )
        return self._not_yet(State.UNMET, facts, sentence("gate.score.unmet", reading=said), seen, fitting)

    def _not_yet(
        self, state: State, facts: GateFacts, found: Sentence, seen: Sequence[Observed], fitting: list[Observed]
    ) -> Finding:
        first_day = self.row.first_day(facts, fitting)
        return Finding(state, found, self._evidence(facts, seen), None, first_day, self._step(facts, fitting))

    def _readable(self, found: Observed) -> bool:
        """Whether it says anything for or against what is asked."""
        if not found.specimen_valid or found.result in UNREADABLE:
            return False
        if self.op in RESULTS:
            return found.result is not None
        if self.op is ObservationOp.IN_RANGE:
            return found.value is not None and (found.reference_low, found.reference_high) != (None, None)
        return found.value is not None and self._limit_of(found) is not None

    def _limit_of(self, found: Observed) -> Decimal | None:
        if self.times_upper_limit is None:
            return self.value
        return None if found.reference_high is None else found.reference_high * self.times_upper_limit

    def _fits(self, found: Observed) -> bool:
        if not self._readable(found):
            return False
        if self.op in RESULTS:
            return found.result is RESULTS[self.op]
        if found.value is None:
            return False
        if self.op is ObservationOp.IN_RANGE:
            low, high = found.reference_low, found.reference_high
            return (low is None or found.value >= low) and (high is None or found.value <= high)
        limit = self._limit_of(found)
        return limit is not None and _holds(self.op, found.value, limit)

    def _step(self, facts: GateFacts, fitting: list[Observed]) -> Sentence:
        next_at = self.row.next_at(facts, fitting)
        if next_at <= facts.as_of:
            return sentence("gate.observation.next", tests=self._tests_words())
        return sentence("gate.observation.next_from", tests=self._tests_words(), at=facts.local(next_at))

    def _evidence(self, facts: GateFacts, seen: Sequence[Observed]) -> tuple[Evidence, ...]:
        return tuple(
            Evidence("observation", each.public_id, each.effective_at, self._say(facts, each)) for each in seen
        )

    def _say(self, facts: GateFacts, found: Observed) -> Sentence:
        """`negative on Tue 19 May`, `45 U/L on …`; what cannot be relied on says so."""
        on = facts.day_of(found.effective_at)
        said: dict[str, object] = {"on": on}
        if len(self.tests) > 1:
            said["test"] = observation_name(found.code)
        several = "_of" if len(self.tests) > 1 else ""
        plain = "" if found.unit else "_plain"
        if not found.specimen_valid:
            return sentence(f"gate.observation.specimen{several}", **said)
        if found.result is not None:
            return sentence(f"gate.observation.result{several}", **said, result=found.result)
        return sentence(f"gate.observation.value{plain}{several}", **said, value=found.value, unit=found.unit)

    def _tests_words(self) -> object:
        """The tests by name, joined by "or"."""
        names = [observation_name(code) for code in self.tests]
        words: object = names[0] if names else "…"
        for place, name in enumerate(names[1:], start=2):
            words = sentence("gate.limit.or" if place == len(names) else "gate.limit.comma", first=words, then=name)
        return words

    def _limit_words(self) -> Sentence:
        if self.op not in LIMITS:
            return sentence(f"gate.observation.{self.op.value}")
        if self.times_upper_limit is not None:
            times = sentence("gate.observation.times", times=self.times_upper_limit)
            return sentence(f"gate.limit.{self.op.value}", value=times)
        return sentence(f"gate.limit.{self.op.value}", value="…" if self.value is None else self.value)


def _holds(op: ObservationOp, value: Decimal, limit: Decimal) -> bool:
    match op:
        case ObservationOp.BELOW:
            return value < limit
        case ObservationOp.AT_MOST:
            return value <= limit
        case ObservationOp.AT_LEAST:
            return value >= limit
        case ObservationOp.ABOVE:
            return value > limit
    raise ValueError(f"{op} compares with no number")
