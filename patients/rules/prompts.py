"""Which answer asks for somebody at once, so that the page can say it directly under that answer."""

from collections.abc import Mapping
from dataclasses import dataclass

from patients.rules.instruments import BandIs, Comparison, Condition, Definition, Severity
from patients.rules.instruments.conditions import OPERATORS, Subject, comparisons
from patients.rules.instruments.definition import score_comparisons
from patients.rules.scoring import Scoring

LEAST_SEVERITY = Severity.URGENT
"""From urgent on a form stops the eye; a warning waits for the recorded form."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """An alert and the item under which it is said."""

    item: str
    alert: str


def prompts(definition: Definition, scoring: Scoring) -> tuple[Prompt, ...]:
    """The urgent alerts that answers raise by themselves (not by a score), each under its last telling item."""
    serious = (
        alert
        for alert in definition.alerts
        if alert.key in scoring.alerts
        and alert.severity.rank >= LEAST_SEVERITY.rank
        and not score_comparisons(alert.when)
    )
    placed = ((alert.key, _telling(definition, scoring, alert.when)) for alert in serious)
    return tuple(Prompt(item, key) for key, item in placed if item is not None)


def may_prompt(definition: Definition) -> frozenset[str]:
    """Every item under which a prompt can ever appear."""
    conditions = [alert.when for alert in definition.alerts if not score_comparisons(alert.when)]
    return frozenset(part.key for when in conditions for part in _parts(definition, when))


def _telling(definition: Definition, scoring: Scoring, when: Condition) -> str | None:
    values = _values(definition, scoring.answers)
    said = {part.key for part in _parts(definition, when) if _holds(part, values)}
    order = [item.key for item in definition.items if item.key in said]
    return order[-1] if order else None


def _parts(definition: Definition, when: Condition) -> list[Comparison]:
    """The comparisons with items behind a condition; behind a triage band those of its rules."""
    found = [part for part in comparisons(when) if part.subject is Subject.ITEM]
    if isinstance(when, BandIs):
        for rule in definition.scoring.rules:
            if rule.band == when.band:
                found += [part for part in comparisons(rule.when) if part.subject is Subject.ITEM]
    return found


def _values(definition: Definition, answers: Mapping[str, object]) -> dict[str, float]:
    found: dict[str, float] = {}
    for key, answer in answers.items():
        item = definition.item(key)
        if item.is_number and isinstance(answer, int | float):
            found[key] = answer
        for option in item.options:
            if option.code == answer:
                found[key] = option.value
    return found


def _holds(part: Comparison, values: Mapping[str, float]) -> bool:
    return part.key in values and OPERATORS[part.op](values[part.key], part.value)
