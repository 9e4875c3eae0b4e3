"""A form of an instrument as a page shows it, and as a page sends it back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.models import Actor
from clinic.rules.sentences import sentence
from patients.models import AssessmentDraft, Patient, SafetyFlag
from patients.rules.instruments import Band, Definition, Item, Score, ScoringType
from patients.rules.prompts import Prompt, may_prompt, prompts
from patients.rules.scoring import Scoring

SUICIDE_ALERT = "phq9_suicide"
SUICIDE_SCREEN = "cssrs_screen"
BAND_GAP = 0.6
"""Percent of the bar left free between two bands."""
SHADES = 4
"""Bands are drawn in five shades, 0 to 4."""


@dataclass(slots=True)
class Sheet:
    """Everything the form's templates need."""

    definition: Definition
    scoring: Scoring
    version: int | None
    items: list[dict[str, Any]] = field(default_factory=list)
    live: dict[str, Any] = field(default_factory=dict)
    prescribed: bool | None = None
    saved: AssessmentDraft | None = None


def sheet(
    definition: Definition,
    scoring: Scoring,
    raw: Mapping[str, object],
    *,
    draft: AssessmentDraft | None,
    flags: Mapping[str, SafetyFlag],
    patient: Patient,
    screen: str,
    by: Actor,
) -> Sheet:
    """raw: the answers as they stand, wrong ones included. flags: those this form raised, by alert.

    screen: where the suicide screen is filled in.
    """
    shown = prompt_parts(definition, scoring, flags, patient, screen, by)
    asks_prescribed = any(item.exclude_if_prescribed for item in definition.items)
    given = (draft.context if draft else {}).get("taken_as_prescribed") is True
    return Sheet(
        definition=definition,
        scoring=scoring,
        version=draft.version if draft else None,
        items=[_item(number, item, scoring, raw, shown) for number, item in enumerate(definition.items, start=1)],
        live=live(definition, scoring, patient.sex_for_clinical_use),
        prescribed=given if asks_prescribed else None,
        saved=draft,
    )


def answers_of(request: HttpRequest, definition: Definition) -> dict[str, object]:
    """The answers a page sent. An option's code as it is stored; a number as a number; anything else as typed."""
    found: dict[str, object] = {}
    for item in definition.items:
        typed = request.POST.get(item.key, "").strip()
        if typed:
            found[item.key] = _number(typed) if item.is_number else _code(item, typed)
    return found


def context_of(request: HttpRequest, definition: Definition) -> dict[str, object]:
    """What stands beside the answers: the preface was on the page, and whether a medicine is taken as prescribed."""
    found: dict[str, object] = {}
    if definition.preface:
        found["preface_shown"] = True
    if any(item.exclude_if_prescribed for item in definition.items):
        found["taken_as_prescribed"] = request.POST.get("taken_as_prescribed") == "yes"
    return found


def version_of(request: HttpRequest) -> int | None:
    """The version of the draft the page knows; None where it knows of none."""
    typed = request.POST.get("version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else None


def live(definition: Definition, scoring: Scoring, sex: str) -> dict[str, Any]:
    """The score panel: what stands so far, and the band once every item asked is answered."""
    spec = definition.scoring
    complete = not scoring.missing and not scoring.problems and scoring.answered > 0
    asked = sum(definition.item(key).required for key in scoring.visible)
    parts = [_part(definition, each, scoring, sex, complete) for each in spec.scores]
    return {
        "kind": spec.type.value,
        "answered": asked - len(scoring.missing),
        "asked": asked,
        "complete": complete,
        "parts": parts,
        "total": parts[0] if spec.type is ScoringType.SUM and parts else None,
        "band": scoring.band if spec.type is ScoringType.TRIAGE else None,
    }


def prompt_parts(
    definition: Definition,
    scoring: Scoring,
    flags: Mapping[str, SafetyFlag],
    patient: Patient,
    screen: str,
    by: Actor,
) -> dict[str, list[dict[str, Any]]]:
    """By item: the prompts to say under it. Every item that can ever have one is named, so that it can be emptied."""
    found: dict[str, list[dict[str, Any]]] = {key: [] for key in may_prompt(definition)}
    for each in prompts(definition, scoring):
        found[each.item].append(_prompt(definition, each, flags.get(each.alert), patient, screen, by))
    return found


def changed_prompts(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    """The items whose prompts are others now: only those are said again."""
    keys = {key: [each["alert"] for each in said] for key, said in before.items()}
    return {key: said for key, said in after.items() if keys.get(key, []) != [each["alert"] for each in said]}


def _item(
    number: int, item: Item, scoring: Scoring, raw: Mapping[str, object], shown: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    answer = raw.get(item.key)
    scored = item.scored and len({option.value for option in item.options}) > 1
    return {
        "name": item.key,
        "number": number,
        "text": item.label,
        "is_number": item.is_number,
        "value": "" if answer is None else answer,
        "unit": item.unit or "",
        "low": _plain(item.minimum),
        "high": _plain(item.maximum),
        "optional": not item.required,
        "hidden": item.key not in scoring.visible,
        "error": scoring.fields.get(item.key),
        "prompts": shown.get(item.key),
        "wide": len(item.options) in (2, 3),
        "options": [
            {
                "value": option.code,
                "is_text": isinstance(option.code, str),
                "label": option.label,
                "points": option.value if scored else None,
                "key": option.value,
                "checked": option.code == answer and type(option.code) is type(answer),
            }
            for option in item.options
        ],
    }


def _prompt(
    definition: Definition, prompt: Prompt, flag: SafetyFlag | None, patient: Patient, screen: str, by: Actor
) -> dict[str, Any]:
    alert = definition.alert(prompt.alert)
    suicide = prompt.alert == SUICIDE_ALERT
    name = patient.preferred_name or patient.given_name
    title = sentence("prompt.suicide.title") if suicide else sentence("prompt.other.title", action=alert.action)
    why = sentence("prompt.suicide.why", name=name) if suicide else sentence("prompt.other.why")
    return {
        "alert": prompt.alert,
        "title": title,
        "why": why,
        "flag": flag,
        "taken_by": flag.taken_by if flag else None,
        "mine": bool(flag and flag.taken_by_id == by.pk),
        "screen": screen if suicide else "",
    }


def _part(definition: Definition, each: Score, scoring: Scoring, sex: str, complete: bool) -> dict[str, Any]:
    value = sum(scoring.points.get(key, 0) for key in each.items)
    if complete:
        value = scoring.subscores.get(each.key, value) if each.key != "total" else scoring.total or 0
    bands = definition.bands_for(each.key, sex)
    span = max(each.maximum - each.minimum, 1)
    band = next((one for one in bands if one.minimum is not None and one.minimum <= value <= (one.maximum or 0)), None)
    return {
        "key": each.key,
        "items": " ".join(each.items),
        "value": value,
        "low": each.minimum,
        "maximum": each.maximum,
        "band": band.label if band and complete else "",
        "bands": [_band(one, place, bands, each, span) for place, one in enumerate(bands)],
        "at": f"{_place(value, each, span):.2f}%",
        "next": _next(band, bands, value) if complete else None,
    }


def _band(band: Band, place: int, bands: tuple[Band, ...], score: Score, span: int) -> dict[str, Any]:
    low = band.minimum if band.minimum is not None else score.minimum
    last = place == len(bands) - 1
    after = score.maximum if last else bands[place + 1].minimum or 0
    width = (after - low) * 100 / span - BAND_GAP
    shade = round(place * SHADES / max(len(bands) - 1, 1))
    return {
        "shade": shade,
        "from": low,
        "label": band.label,
        "first": place == 0,
        "x": f"{_place(low, score, span):.2f}%",
        "width": f"{max(width, 0.5):.2f}%",
    }


def _place(value: float, score: Score, span: int) -> float:
    return min(max((value - score.minimum) * 100 / span, 0), 100)


def _next(band: Band | None, bands: tuple[Band, ...], value: int) -> object:
    """How far the next band up is."""
    above = [one for one in bands if band is not None and (one.minimum or 0) > (band.maximum or 0)]
    if not above:
        return None
    return sentence("score.below", points=(above[0].minimum or 0) - value, band=above[0].label)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def _code(item: Item, typed: str) -> str | int:
    return next((option.code for option in item.options if str(option.code) == typed), typed)


def _number(typed: str) -> object:
    """7, 7.5 and 7,5 are numbers; everything else stays as it was typed and is refused in a sentence."""
    try:
        value = float(typed.replace(",", "."))
    except ValueError:
        return typed
    if value != value or abs(value) > 1e9 or not typed.isascii():
        return typed
    return int(value) if value == int(value) else value


def screen_address(patient: Patient) -> str:
    """Where the suicide screen is filled in on its own."""
    return reverse("assessment_new", args=[patient.public_id, SUICIDE_SCREEN])


def section_title(definition: Definition) -> str:
    """The name a section goes by at the left of the page."""
    return _("Suicide screen") if definition.key == SUICIDE_SCREEN else definition.short_name
