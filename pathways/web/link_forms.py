"""The page of a form's link: filled in by the person it is about, without points, bands or what it is for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from clinic.errors import BAD_INPUT, Refused
from clinic.rules.sentences import Sentence, sentence
from pathways.actions import links as verbs
from pathways.web.link_pages import Visit
from pathways.web.link_people import FIELD, ask, known
from pathways.web.questionnaires import answers_of, context_of
from patients.queries.assessments import context_of as scoring_context
from patients.queries.assessments import definition_of
from patients.rules.instruments import Definition, Item, Severity
from patients.rules.scoring import Scoring, score

PAGE = "pathways/links/form.html"
# A scale with no more steps than this is a row of buttons.
MOST_STEPS = 11
MOST_IN_TWO = 3


def visit(this: Visit) -> HttpResponse:
    """Who is there is asked first; then the form, and what was answered."""
    if not known(this):
        return ask(this, _empty)
    definition = definition_of(this.link.instrument)
    answers = answers_of(this.request, definition)
    scoring = score(definition, answers, scoring_context(this.link.patient, {}))
    if this.act == "mind":
        return this.page("pathways/links/_serious.html", serious=is_serious(definition, scoring.alerts))
    more = _open_points(this, definition, answers, scoring)
    return more if more and _kept(this, definition, answers, scoring) else _record(this, definition, answers)


def is_serious(definition: Definition, alerts: Any) -> bool:
    """Whether an answer asks for help now rather than at the next talk."""
    return any(definition.alert(each).severity.at_least(Severity.URGENT) for each in alerts)


def _empty(this: Visit, passing: str) -> HttpResponse:
    definition = definition_of(this.link.instrument)
    scoring = score(definition, {}, scoring_context(this.link.patient, {}))
    return _form(this, definition, {}, scoring, passing=passing)


def _open_points(
    this: Visit, definition: Definition, answers: Mapping[str, object], scoring: Scoring
) -> HttpResponse | None:
    """The form once more, where an answer cannot be taken, asks for more, or questions are left open unsaid."""
    seen = set(this.request.POST.getlist("seen"))
    new = [key for key in scoring.visible if key not in seen and key not in answers]
    if scoring.problems:
        return _form(this, definition, answers, scoring, status=BAD_INPUT)
    if not scoring.answered:
        return _form(this, definition, answers, scoring, said=sentence("link.page.nothing"), status=BAD_INPUT)
    if new:
        return _form(this, definition, answers, scoring, said=sentence("link.page.more_now"), first=new[0])
    if scoring.missing and this.act != "anyway":
        said = sentence("link.page.left_out", n=len(scoring.missing))
        return _form(this, definition, answers, scoring, said=said, first=scoring.missing[0], anyway=True)
    return None


def _kept(this: Visit, definition: Definition, answers: Mapping[str, object], scoring: Scoring) -> bool:
    """Answers that raise an alert are kept before anything more is asked; others wait for the rest. False where they
    cannot wait and staff have the form under way: then they are recorded as they are."""
    taken = _taken(answers, scoring)
    if not scoring.alerts or not taken:
        return True
    by, context = verbs.bearer(this.link, this.now), context_of(this.request, definition)
    kept = verbs.keep_answers(by=by, now=this.now, link_id=this.link.public_id, answers=taken, context=context)
    return kept is not None


def _taken(answers: Mapping[str, object], scoring: Scoring) -> dict[str, object]:
    """The answers to what was asked, without those that cannot be."""
    return {key: answers[key] for key in answers if key in scoring.visible and key not in scoring.fields}


def _record(this: Visit, definition: Definition, answers: Mapping[str, object]) -> HttpResponse:
    by = verbs.bearer(this.link, this.now)
    context = context_of(this.request, definition)
    scoring = score(definition, answers, scoring_context(this.link.patient, context))
    asked = _taken(answers, scoring)
    try:
        made = verbs.record_answers(by=by, now=this.now, link_id=this.link.public_id, answers=asked, context=context)
    except Refused as refused:
        if refused.status != BAD_INPUT:
            raise
        return _form(this, definition, answers, scoring, said=refused.sentence, status=BAD_INPUT)
    serious = is_serious(definition, made.alerts)
    return this.page("pathways/links/done.html", said=sentence("link.page.answered"), serious=serious)


def _form(
    this: Visit,
    definition: Definition,
    answers: Mapping[str, object],
    scoring: Scoring,
    *,
    passing: str = "",
    said: Sentence | None = None,
    first: str = "",
    anyway: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = {
        "passing": passing or this.request.POST.get(FIELD, ""),
        "items": [_item(definition.item(key), answers, scoring) for key in scoring.visible],
        "preface": definition.preface,
        "window": definition.window,
        "said": said,
        "first": first,
        "anyway": anyway,
        "serious": is_serious(definition, scoring.alerts),
        "foreign": this.language != "en",
    }
    return this.page(PAGE, status, **context)


def _item(item: Item, answers: Mapping[str, object], scoring: Scoring) -> dict[str, Any]:
    """One question, without what its answers are worth."""
    given = answers.get(item.key)
    steps = _steps(item)
    options = [{"value": each.code, "label": each.label, "checked": each.code == given} for each in item.options]
    options += [{"value": each, "label": str(each), "checked": each == given} for each in steps]
    return {
        "name": item.key,
        "text": item.label,
        "optional": not item.required,
        "options": options,
        "layout": "row" if steps else "few" if 1 < len(item.options) <= MOST_IN_TWO and _short(item) else "",
        "value": "" if given is None else given,
        "low": _plain(item.minimum),
        "high": _plain(item.maximum),
        "unit": item.unit or "",
        "error": scoring.fields.get(item.key),
    }


def _steps(item: Item) -> range:
    if not item.is_number or item.minimum is None or item.maximum is None:
        return range(0)
    low, high = int(item.minimum), int(item.maximum)
    return range(low, high + 1) if high - low < MOST_STEPS else range(0)


def _short(item: Item) -> bool:
    return all(len(each.label) <= 12 for each in item.options)


def _plain(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
