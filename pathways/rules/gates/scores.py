"""The criterion that compares a score: total, subscore or band, on the last k readings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import ClassVar, Self

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates import params
from pathways.rules.gates.facts import BAND, TOTAL, GateFacts, Reading, instrument_name
from pathways.rules.gates.kinds import assessment_evidence, record_step
from pathways.rules.gates.params import ParamType, Refers
from pathways.rules.gates.registry import FactKind, Look, Named, kind
from pathways.rules.gates.rows import LONGEST_GAP_HOURS, LONGEST_WINDOW, MOST_IN_A_ROW, Row
from pathways.rules.gates.verdicts import Evidence, Finding, State

SCORE_LIMIT = 1000


class Comparison(StrEnum):
    """How a score is compared. The last two compare bands as well."""

    BELOW = "below"
    AT_MOST = "at_most"
    AT_LEAST = "at_least"
    ABOVE = "above"
    EQUALS = "equals"
    ONE_OF = "one_of"


NUMBERS_ONLY = frozenset({Comparison.BELOW, Comparison.AT_MOST, Comparison.AT_LEAST, Comparison.ABOVE})
Limit = int | str | tuple[int | str, ...]


def holds(op: Comparison, found: int | str, limit: Limit) -> bool:
    """Whether a score stands in the relation. Raises ValueError where the two cannot be compared."""
    if op is Comparison.ONE_OF:
        return isinstance(limit, tuple) and found in limit
    if op is Comparison.EQUALS:
        return found == limit
    if not (isinstance(found, int) and isinstance(limit, int)):
        raise ValueError(f"{found!r} cannot be {op} {limit!r}")
    match op:
        case Comparison.BELOW:
            return found < limit
        case Comparison.AT_MOST:
            return found <= limit
        case Comparison.AT_LEAST:
            return found >= limit
        case _:
            return found > limit


@kind
@dataclass(frozen=True, slots=True)
class ScoreCompared(FactKind):
    """The last `last` readings of a score all stand in the relation, none older than `within_days` calendar days.

    With `hours_between`, readings count towards `last` only if at least that many hours lie between them; one taken in
    between is not counted, but if it speaks against the criterion it breaks the row. So "COWS below 5, twice, 24 h
    apart" (stop rule of the withdrawal watch, local) is the row of newest readings without one of 5 or more, long
    enough to hold two that are a day apart. A form without this score (incomplete) is passed over: it says nothing.

    *missing*: no reading, or those there are all fit and more are needed. *expired*: enough fit, too old.
    *unmet*: one of the newest speaks against it. It holds through the day the oldest counted turns `within_days` old.
    """

    KEY: ClassVar[str] = "score_compared"
    FACTS: ClassVar[tuple[type, ...]] = (Reading,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.key("instrument", Refers.INSTRUMENT),
        params.text("score", most=80, default=TOTAL),
        params.choice("op", Comparison),
        params.Param("value", ParamType.LIMIT),
        params.whole("within_days", 0, LONGEST_WINDOW),
        params.optional_whole("last", 1, MOST_IN_A_ROW, default=1),
        params.optional_whole("hours_between", 0, LONGEST_GAP_HOURS, default=0),
    )

    instrument: str
    score: str
    op: Comparison
    value: Limit
    within_days: int
    last: int = 1
    hours_between: int = 0

    @classmethod
    def read(cls, fields: Fields) -> Self:
        score = fields.text("score", default=TOTAL, longest=80)
        op = fields.choice("op", Comparison)
        if score == BAND and op in NUMBERS_ONLY:
            fields.refuse("op", "program.problem.band_order")
        return cls(
            instrument=fields.slug("instrument"),
            score=score,
            op=op,
            value=_read_limit(fields, score, op),
            within_days=fields.whole("within_days", least=0, most=LONGEST_WINDOW),
            last=fields.whole("last", least=1, most=MOST_IN_A_ROW, default=1),
            hours_between=fields.whole("hours_between", least=0, most=LONGEST_GAP_HOURS, default=0),
        )

    def asks(self) -> Sentence:
        name = instrument_name(self.instrument)
        code = {TOTAL: "gate.score.asks", BAND: "gate.score.asks_band"}.get(self.score, "gate.score.asks_subscore")
        params: dict[str, object] = {"instrument": name, "score": self.score, "limit": self._limit_words()}
        if self.last == 1:
            return sentence(code, **params, days=self.within_days)
        row = sentence(code + "_row", **params, last=self.last, days=self.within_days)
        if not self.hours_between:
            return row
        return sentence("gate.score.apart", row=row, hours=self.hours_between)

    def named(self) -> tuple[Named, ...]:
        limits = self.value if isinstance(self.value, tuple) else (self.value,)
        bands = tuple(str(each) for each in limits) if self.score == BAND else ()
        return (Named(self.instrument, self.score, bands, self.within_days, self._reach(limits)),)

    @property
    def row(self) -> Row:
        return Row(self.last, self.hours_between)

    def needs(self) -> frozenset[Look]:
        return frozenset({self.row.look(Reading, self.instrument, self.within_days)})

    def judge(self, facts: GateFacts) -> Finding:
        scored = [each for each in facts.readings_of(self.instrument) if each.score(self.score) is not None]
        if not scored:
            found = sentence("gate.assessment.missing", instrument=instrument_name(self.instrument))
            return Finding(State.MISSING, found, (), None, facts.today, record_step(facts, self.instrument))
        recent = [each for each in scored if facts.days_since(each.effective_at) <= self.within_days]
        fitting = self.row.fitting(recent, self._fits)
        counted = self.row.counted(fitting)
        if len(counted) >= self.last:
            return self._met(facts, counted)
        if len(fitting) < len(recent):
            return self._against(facts, fitting, recent)
        if len(self.row.counted(self.row.fitting(scored, self._fits))) >= self.last or not recent:
            return self._expired(facts, scored, scored[len(recent)])
        return self._too_few(facts, fitting, counted)

    def _fits(self, reading: Reading) -> bool:
        found = reading.score(self.score)
        return found is not None and holds(self.op, found, self.value)

    def _met(self, facts: GateFacts, counted: list[Reading]) -> Finding:
        lapses_on = facts.day_of(counted[-1].effective_at) + timedelta(days=self.within_days)
        found = sentence("gate.score.met", readings=self._said(facts, counted), until=lapses_on)
        return Finding(State.MET, found, self._evidence(facts, counted), lapses_on)

    def _against(self, facts: GateFacts, fitting: list[Reading], recent: list[Reading]) -> Finding:
        """One of the newest readings does not fit: a new row must be built, beginning with those after it."""
        breaking = recent[len(fitting)]
        evidence = self._evidence(facts, [*fitting, breaking])
        found = sentence("gate.score.unmet", reading=self._say(facts, breaking))
        return self._not_yet(State.UNMET, facts, found, evidence, fitting)

    def _expired(self, facts: GateFacts, scored: list[Reading], too_old: Reading) -> Finding:
        found = sentence("gate.score.expired", reading=self._say(facts, too_old))
        return self._not_yet(State.EXPIRED, facts, found, self._evidence(facts, scored[: self.last]), [])

    def _too_few(self, facts: GateFacts, fitting: list[Reading], counted: list[Reading]) -> Finding:
        said = self._said(facts, fitting)
        found = sentence("gate.score.too_few", counted=len(counted), last=self.last, readings=said)
        return self._not_yet(State.MISSING, facts, found, self._evidence(facts, fitting), fitting)

    def _not_yet(
        self, state: State, facts: GateFacts, found: Sentence, seen: tuple[Evidence, ...], fitting: list[Reading]
    ) -> Finding:
        """What is still owed, counting on from the readings that fit."""
        return Finding(state, found, seen, None, self.row.first_day(facts, fitting), self._step(facts, fitting))

    def _step(self, facts: GateFacts, fitting: list[Reading]) -> Sentence:
        next_at = self.row.next_at(facts, fitting)
        if next_at <= facts.as_of:
            return record_step(facts, self.instrument)
        local = facts.local(next_at)
        return sentence("gate.score.next_from", instrument=instrument_name(self.instrument), at=local)

    def _evidence(self, facts: GateFacts, readings: Sequence[Reading]) -> tuple[Evidence, ...]:
        return tuple(assessment_evidence(each, self._say(facts, each)) for each in readings)

    def _said(self, facts: GateFacts, readings: Sequence[Reading]) -> tuple[Sentence, ...]:
        return tuple(self._say(facts, each) for each in reversed(readings))

    def _say(self, facts: GateFacts, reading: Reading) -> Sentence:
        on = facts.day_of(reading.effective_at)
        return sentence("gate.score.reading", on=on, value=reading.score(self.score))

    def _limit_words(self) -> Sentence:
        """`of 9 or less`, `below 5`; a band by its name; several joined by "or"."""
        values = self.value if isinstance(self.value, tuple) else (self.value,)
        words: object = values[0] if values else "…"
        for place, value in enumerate(values[1:], start=2):
            words = sentence("gate.limit.or" if place == len(values) else "gate.limit.comma", first=words, then=value)
        return sentence("gate.limit.band" if self.score == BAND else f"gate.limit.{self.op.value}", value=words)

    def _reach(self, limits: tuple[int | str, ...]) -> tuple[int, int] | None:
        """The least and most score that would fit, for telling a limit no score can reach."""
        numbers = [each for each in limits if isinstance(each, int)]
        if not numbers:
            return None
        match self.op:
            case Comparison.BELOW:
                return (-SCORE_LIMIT, numbers[0] - 1)
            case Comparison.AT_MOST:
                return (-SCORE_LIMIT, numbers[0])
            case Comparison.AT_LEAST:
                return (numbers[0], SCORE_LIMIT)
            case Comparison.ABOVE:
                return (numbers[0] + 1, SCORE_LIMIT)
        return (min(numbers), max(numbers))


def _read_limit(fields: Fields, score: str, op: Comparison) -> Limit:
    """The value to compare with: a number, a band's name, or a list of these for `one_of`."""
    value = fields.raw("value")
    fitting = str if score == BAND else int
    if op is Comparison.ONE_OF:
        if not isinstance(value, list | tuple) or not value:
            fields.refuse("value", "program.problem.not_a_list")
            return ()
        return tuple(_read_one(fields, f"value[{place}]", each, fitting) for place, each in enumerate(value))
    return _read_one(fields, "value", value, fitting)


def _read_one(fields: Fields, key: str, value: object, fitting: type[int] | type[str]) -> int | str:
    if isinstance(value, fitting) and not isinstance(value, bool) and isinstance(value, int | str):
        return value
    if value is not None:
        fields.refuse(key, "program.problem.not_text" if fitting is str else "program.problem.not_whole")
    return fitting()
