"""What was answered and what it came to, in words."""

from collections.abc import Mapping
from typing import Any

from patients.models import Assessment
from patients.rules.instruments import Definition, Item, ScoringType
from patients.rules.scoring import Scoring


def lines(definition: Definition, raw: Mapping[str, object], scoring: Scoring) -> list[dict[str, Any]]:
    """Question, answer in words and points, for every item that is asked."""
    return [_line(definition.item(key), raw.get(key), scoring) for key in scoring.visible]


def result(definition: Definition, got: Scoring | Assessment) -> list[dict[str, object]]:
    """What a form came to: one line per score, or the triage. Of a recorded form what was frozen."""
    if definition.scoring.type is ScoringType.TRIAGE:
        return [{"name": "", "value": None, "maximum": None, "band": got.band or ""}]
    named = got.band if isinstance(got.band, Mapping) else {"total": got.band}
    values = dict(got.subscores) or ({} if got.total is None else {"total": int(got.total)})
    return [
        {
            "name": "" if key == "total" else key.replace("_", " "),
            "value": value,
            "maximum": definition.score(key).maximum,
            "band": named.get(key) or "",
        }
        for key, value in values.items()
    ]


def _line(item: Item, answer: object, scoring: Scoring) -> dict[str, Any]:
    chosen = [option.label for option in item.options if option.code == answer]
    words = chosen[0] if chosen else "" if answer is None else f"{answer} {item.unit or ''}".strip()
    return {
        "text": item.label,
        "answer": words,
        "points": scoring.points.get(item.key),
        "optional": not item.required,
        "error": scoring.fields.get(item.key),
    }
