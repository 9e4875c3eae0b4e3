"""The criterion that asks for a level of care no higher than one: as rated, or as lived."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.registry import FactKind, kind
from pathways.rules.gates.rows import LONGEST_WINDOW
from pathways.rules.gates.verdicts import Evidence, Finding, State
from pathways.rules.levels import Level


class LevelBasis(StrEnum):
    """Which level: the one the six ratings suggest, or the one at which care is given now."""

    INDICATED = "indicated"
    ACTUAL = "actual"


@dataclass(frozen=True, slots=True)
class LevelStanding:
    """The level lived at and since when, and the newest rating with the level it suggests."""

    actual: Level | None = None
    actual_since: datetime | None = None
    indicated: Level | None = None
    rated_at: datetime | None = None
    assessment_id: UUID | None = None

    @property
    def public_id(self) -> UUID | None:
        return self.assessment_id


@kind
@dataclass(frozen=True, slots=True)
class LevelAtMost(FactKind):
    """The indicated or the actual level of care is this one or a less intensive one.

    *missing*: none is known. *expired*: the rating is more than `within_days` calendar days old. *unmet*: the level is
    higher. An indicated level holds through the day its rating turns `within_days` old; an actual one does not lapse.
    """

    KEY: ClassVar[str] = "level_at_most"
    FACTS: ClassVar[tuple[type, ...]] = (LevelStanding,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.choice("level", Level),
        params.choice("basis", LevelBasis),
        params.optional_whole("within_days", 0, LONGEST_WINDOW),
    )

    level: Level
    basis: LevelBasis
    within_days: int | None = None

    def check(self, fields: Fields) -> None:
        if self.basis is LevelBasis.ACTUAL and self.within_days is not None:
            fields.refuse("within_days", "program.problem.actual_has_no_age")

    def asks(self) -> Sentence:
        if self.within_days is None:
            return sentence(f"gate.level.asks_{self.basis.value}", level=self.level)
        return sentence("gate.level.asks_within", level=self.level, days=self.within_days)

    def judge(self, facts: GateFacts) -> Finding:
        standing = next(iter(facts.of(LevelStanding)), LevelStanding())
        return self._actual(facts, standing) if self.basis is LevelBasis.ACTUAL else self._indicated(facts, standing)

    def _actual(self, facts: GateFacts, standing: LevelStanding) -> Finding:
        since = standing.actual_since
        if standing.actual is None or since is None or since > facts.as_of:
            return Finding(State.MISSING, sentence("gate.level.missing_actual"), next_step=self._step())
        found = sentence("gate.level.found_actual", level=standing.actual, on=facts.day_of(since))
        if standing.actual.rank <= self.level.rank:
            return Finding(State.MET, found)
        return Finding(State.UNMET, found, (), None, facts.today, self._step())

    def _indicated(self, facts: GateFacts, standing: LevelStanding) -> Finding:
        rated_at, level, record = standing.rated_at, standing.indicated, standing.assessment_id
        if level is None or rated_at is None or record is None or rated_at > facts.as_of:
            missing = sentence("gate.level.missing_indicated")
            return Finding(State.MISSING, missing, (), None, facts.today, self._step())
        on = facts.day_of(rated_at)
        found = sentence("gate.level.found_indicated", level=level, on=on)
        evidence = (Evidence("level_assessment", record, rated_at, found),)
        lapses_on = None if self.within_days is None else on + timedelta(days=self.within_days)
        if lapses_on is not None and lapses_on < facts.today:
            expired = sentence("gate.level.expired", on=on)
            return Finding(State.EXPIRED, expired, evidence, None, facts.today, self._step())
        if level.rank > self.level.rank:
            return Finding(State.UNMET, found, evidence, None, facts.today, self._step())
        return Finding(State.MET, found, evidence, lapses_on)

    def _step(self) -> Sentence:
        return sentence(f"gate.level.next_{self.basis.value}", level=self.level)
