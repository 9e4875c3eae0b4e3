"""The score of a form, by its definition (domain: "Rules that hold for all instruments").

- A visible required item without an answer, scored or not: incomplete, no score, no band. (The lead question of the
  PC-PTSD-5 carries no points, but without it "no symptoms" would be a guess.)
- A value outside the option list, an unknown item, an answer to an item that is not asked: invalid. An answer to an
  item hidden by a total is ignored (PHQ-9 item 10 when every other answer is "not at all").
- Item alerts fire on the answers that were understood, whatever the status: a wrong box elsewhere on the form must
  not silence "better off dead". A triage fires the alert of its first positive rule at once and its band at the end.
- Score alerts and bands need the complete form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from patients.rules.instruments import Always, Definition, Facts, Item, Score, ScoringType, holds
from patients.rules.scoring.answers import Answer, Problem
from patients.rules.scoring.visibility import Reading, kept, read_form

PRESCRIBED = "taken_as_prescribed"
"""DSM-5: tolerance and withdrawal do not count for a medicine taken as prescribed."""
SEX = "sex"
"""Sex for clinical use; AUDIT-C bands differ (4 for men, 3 for all others, unknown included)."""


class ScoringStatus(StrEnum):
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Scoring:
    """What a form comes to. `answers` are those to keep; `points` those of scored items; `band` per subscore if any."""

    status: ScoringStatus
    total: int | None
    subscores: Mapping[str, int]
    band: str | Mapping[str, str] | None
    alerts: tuple[str, ...]
    problems: tuple[Problem, ...]
    points: Mapping[str, int]
    visible: tuple[str, ...]
    missing: tuple[str, ...]
    answered: int
    answers: Mapping[str, Answer]

    @property
    def fields(self) -> dict[str, Sentence]:
        """The first problem of each item, by item: what a refusal names."""
        named: dict[str, Sentence] = {}
        for problem in self.problems:
            named.setdefault(problem.item, problem.sentence)
        return named


def score(definition: Definition, answers: Mapping[str, object], context: Mapping[str, object]) -> Scoring:
    """Scores a form. Never raises for what a caller may send: bad input is status invalid with its problems."""
    reading = read_form(definition, answers if isinstance(answers, Mapping) else {})
    facts_around = context if isinstance(context, Mapping) else {}
    reading.problems += _shape_problems(definition, answers, context)
    points = _points(definition, reading, facts_around)
    missing = _missing(definition, reading)
    status = _status(reading, missing)
    sums = _sums(definition, reading, points) if status is ScoringStatus.COMPLETE else {}
    triage = _triage(definition, reading, status)
    return Scoring(
        status=status,
        total=sums.get("total"),
        subscores=sums if definition.scoring.type is ScoringType.SUBSCALES else {},
        band=_band(definition, sums, triage if status is ScoringStatus.COMPLETE else None, facts_around),
        alerts=_alerts(definition, reading, sums, triage),
        problems=tuple(reading.problems),
        points=points,
        visible=tuple(key for key, asked in reading.asked.items() if asked),
        missing=missing,
        answered=len(reading.given),
        answers=kept(reading),
    )


def _shape_problems(definition: Definition, answers: object, context: object) -> list[Problem]:
    """What is wrong with the request as a whole. A context field matters only where the instrument uses it."""
    found = []
    if not isinstance(answers, Mapping):
        found.append(Problem("answers", sentence("scoring.problem.answers_shape")))
    if context is not None and not isinstance(context, Mapping):
        found.append(Problem("context", sentence("scoring.problem.context_shape")))
    elif context and _asks_if_prescribed(definition) and not isinstance(context.get(PRESCRIBED), bool | None):
        found.append(Problem(PRESCRIBED, sentence("scoring.problem.prescribed")))
    return found


def _asks_if_prescribed(definition: Definition) -> bool:
    return any(item.exclude_if_prescribed for item in definition.items)


def _points(definition: Definition, reading: Reading, context: Mapping[str, object]) -> dict[str, int]:
    return {
        item.key: 0 if _excluded(item, context) else int(reading.given[item.key].measure)
        for item in definition.items
        if item.scored and item.key in reading.given
    }


def _excluded(item: Item, context: Mapping[str, object]) -> bool:
    return item.exclude_if_prescribed and context.get(PRESCRIBED) is True


def _missing(definition: Definition, reading: Reading) -> tuple[str, ...]:
    required = {item.key for item in definition.items if item.required and reading.asked[item.key]}
    return tuple(key for key in reading.unanswered if key in required)


def _status(reading: Reading, missing: tuple[str, ...]) -> ScoringStatus:
    if reading.problems:
        return ScoringStatus.INVALID
    return ScoringStatus.INCOMPLETE if missing else ScoringStatus.COMPLETE


def _sums(definition: Definition, reading: Reading, points: Mapping[str, int]) -> dict[str, int]:
    gate = definition.scoring.gate
    if gate is not None and gate.item in reading.given and reading.given[gate.item].measure == gate.value:
        return {each.key: gate.score for each in definition.scoring.scores}
    return {each.key: _sum(each, points) for each in definition.scoring.scores}


def _sum(each: Score, points: Mapping[str, int]) -> int:
    return sum(points.get(key, 0) for key in each.items)


def _triage(definition: Definition, reading: Reading, status: ScoringStatus) -> str | None:
    """The band of the first rule that holds; while the form is not complete only a positive rule can."""
    facts = reading.facts()
    for rule in definition.scoring.rules:
        if isinstance(rule.when, Always) and status is not ScoringStatus.COMPLETE:
            return None
        if holds(rule.when, facts):
            return rule.band
    return None


def _band(
    definition: Definition, sums: Mapping[str, int], triage: str | None, context: Mapping[str, object]
) -> str | dict[str, str] | None:
    if definition.scoring.type is ScoringType.TRIAGE:
        return triage
    named = {key: _label(definition, key, value, context.get(SEX)) for key, value in sums.items()}
    if definition.scoring.type is ScoringType.SUM:
        return named.get("total")
    return named or None


def _label(definition: Definition, key: str, value: int, sex: object) -> str:
    for band in definition.bands_for(key, sex):
        if band.minimum is not None and band.maximum is not None and band.minimum <= value <= band.maximum:
            return band.label
    raise AssertionError(f"{definition.key}: checked bands cover every {key}")


def _alerts(definition: Definition, reading: Reading, sums: Mapping[str, int], triage: str | None) -> tuple[str, ...]:
    seen = reading.facts()
    facts = Facts(items=seen.items, hidden=seen.hidden, scores=dict(sums), band=triage)
    return tuple(sorted(alert.key for alert in definition.alerts if holds(alert.when, facts)))
