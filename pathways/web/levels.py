"""Level of care: six needs rated, a suggestion at once, a decision with its reason, a second signature."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import Refused
from clinic.models import Actor
from clinic.rules.sentences import sentence
from clinic.web.answers import language_of
from clinic.web.forms import Form, words
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from clinic.wording import label
from pathways.actions import levels as verbs
from pathways.models import LevelOfCareAssessment
from pathways.queries import levels as queries
from pathways.rules.levels import (
    LEVELS,
    NEED_SCALES,
    NEUTRAL,
    Level,
    Need,
    Needs,
    PlacementReason,
    Suggestion,
    SuggestionFlag,
    needs_reason,
)
from pathways.web.moments import moment_of, zone_of
from patients.models import Patient
from patients.queries import patients

YES, NO = "yes", "no"
RATINGS = [(str(rating), str(rating)) for rating in range(5)]
EARLIER_SHOWN = 8
FLAG_SEVERITY: Mapping[SuggestionFlag, str] = {
    SuggestionFlag.EMERGENCY_EVALUATION: "emergency",
    SuggestionFlag.RECOVERY_RESIDENCE: "info",
    SuggestionFlag.MOTIVATIONAL_PLAN: "info",
}


class RatingsForm(Form):
    """The six needs, whether there is a diagnosis, and the day."""

    withdrawal = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    medical = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    psychiatric = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    readiness = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    use_risk = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    environment = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    sud_diagnosis = forms.ChoiceField(
        label=_("Substance use disorder diagnosed?"), choices=[(YES, _("Yes")), (NO, _("No"))], widget=forms.RadioSelect
    )
    effective_at = DatePartsField(label=_("Rated on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for need in Need:
            self.fields[need.value].label = words(sentence(f"need.{need.value}.question"))

    @property
    def ratings(self) -> dict[Need, int | None]:
        """What was rated and can be; what cannot is missing."""
        return {need: self.cleaned_data.get(need.value) for need in Need}

    @property
    def diagnosed(self) -> bool:
        return self.cleaned_data.get("sud_diagnosis") == YES


class DecisionForm(Form):
    """The level, and why it is not the suggested one."""

    level = forms.ChoiceField(label=_("Level of care"))
    reason = forms.ChoiceField(label=_("Why not the suggested level"), required=False)
    note = forms.CharField(
        label=_("In a few words"), required=False, max_length=verbs.NOTE_LIMIT, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        levels = [(each.level.value, f"{label(each.level, language)} ({each.level.value})") for each in LEVELS]
        reasons = [(each.value, label(each, language)) for each in PlacementReason]
        self.fields["level"].choices = levels  # type: ignore[attr-defined]
        self.fields["reason"].choices = reasons  # type: ignore[attr-defined]


def rate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The form of the six needs, with what was found lately beside each."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = clock.now()
    patient = patients.get(actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    today = now.astimezone(zone_of(request)).date()
    form = RatingsForm(request.POST or None, initial={"effective_at": today})
    if request.method == "POST" and form.is_valid():
        try:
            return _rated(request, patient, form, now)
        except Refused as refused:
            form.refuse(refused)
    return _rating_page(request, patient, form, now)


def suggestion(request: HttpRequest) -> HttpResponse:
    """The suggestion for what is ticked so far; nothing is kept."""
    form = RatingsForm(request.POST)
    form.is_valid()
    return render(request, "pathways/levels/_suggestion.html", _suggestion(_suggested(form)))


def assessment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What was rated, what it suggests, what was decided."""
    row = queries.level_assessment(request.actor, public_id)  # type: ignore[attr-defined]
    initial = {"level": row.suggested_level, "reason": PlacementReason.NONE.value}
    return _page(request, row, DecisionForm(initial=initial, language=language_of(request)))


def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Decide once; a second signature may be owed."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = queries.level_assessment(actor, public_id)
    form = DecisionForm(request.POST, language=language_of(request))
    if not form.is_valid():
        return _page(request, row, form, status=422)
    given = form.cleaned_data
    try:
        decided = verbs.decide(
            by=actor,
            now=clock.now(),
            assessment_id=row.public_id,
            level=Level(given["level"]),
            reason=PlacementReason(given["reason"] or PlacementReason.NONE),
            note=given["note"],
        )
    except Refused as refused:
        form.refuse(refused)
        return _page(request, row, form, status=refused.status)
    code = "level.decided.waits" if decided.needs_second_signature else "level.decided.now"
    said = sentence(code, level=Level(decided.decided_level))
    return go_on(request, reverse("level_assessment", args=[public_id]), said)


def cosign(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second signature."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = queries.level_assessment(actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    signed = verbs.cosign(by=actor, now=clock.now(), assessment_id=public_id)
    said = sentence("level.cosigned", level=Level(signed.decided_level))
    return go_on(request, reverse("level_assessment", args=[public_id]), said)


def _rated(request: HttpRequest, patient: Patient, form: RatingsForm, now: datetime) -> HttpResponse:
    row = verbs.rate(
        by=request.actor,  # type: ignore[attr-defined]
        now=now,
        patient_id=patient.public_id,
        ratings=form.ratings,
        sud_diagnosis=form.diagnosed,
        effective_at=moment_of(form.cleaned_data["effective_at"], zone_of(request), now),
    )
    said = sentence("level.saved", reason=queries.suggestion_of(row).reason)
    return go_on(request, reverse("level_assessment", args=[row.public_id]), said)


def _rating_page(request: HttpRequest, patient: Patient, form: RatingsForm, now: datetime) -> HttpResponse:
    hints = queries.hints(patient, at=now, zone=zone_of(request))
    needs = [
        {
            "scale": scale,
            "field": form[scale.need.value],
            "steps": [
                {"rating": rating, "words": each, "chosen": str(form[scale.need.value].value()) == str(rating)}
                for rating, each in enumerate(scale.descriptors)
            ],
            "hints": hints[scale.need],
        }
        for scale in NEED_SCALES
    ]
    bound = form.is_bound and hasattr(form, "cleaned_data")
    context = {
        "patient": patient,
        "form": form,
        "needs": needs,
        "earlier": _earlier(request, patient),
        **_suggestion(_suggested(form) if bound else NEUTRAL.decide(Needs(*[None] * len(Need)), False)),
    }
    return render(request, "pathways/levels/rate.html", context, status=422 if form.errors else 200)


def _suggested(form: RatingsForm) -> Suggestion:
    return NEUTRAL.decide(Needs(**{need.value: rating for need, rating in form.ratings.items()}), form.diagnosed)


def _suggestion(found: Suggestion) -> dict[str, Any]:
    name = next((each for each in LEVELS if each.level is found.level), None)
    flags = [{"flag": flag, "severity": FLAG_SEVERITY[flag]} for flag in found.flags]
    return {"suggestion": found, "level_name": name, "flags": flags}


def _earlier(request: HttpRequest, patient: Patient) -> list[LevelOfCareAssessment]:
    return list(queries.of_patient(request.actor, patient.public_id)[:EARLIER_SHOWN])  # type: ignore[attr-defined]


def _page(request: HttpRequest, row: LevelOfCareAssessment, form: DecisionForm, status: int = 200) -> HttpResponse:
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    actor: Actor = request.actor  # type: ignore[attr-defined]
    newer = queries.newer(row)
    suggested = queries.suggestion_of(row)
    waits = row.needs_second_signature and row.cosigned_at is None
    decided = Level(row.decided_level) if row.decided_level else None
    context = {
        "row": row,
        "patient": row.patient,
        "form": form,
        "needs": [_rated_need(row, scale) for scale in NEED_SCALES],
        "newer": newer,
        "waits": waits,
        "may_sign": waits and not newer and row.decided_by_id != actor.pk,
        "decided": decided,
        "differs": decided is not None and needs_reason(suggested.level, decided),
        "reason": PlacementReason(row.reason) if row.reason else None,
        "old": queries.age_warning_of(row, clock.now()) if decided is None else None,
        "earlier": _earlier(request, row.patient),
        **_suggestion(suggested),
    }
    return render(request, "pathways/levels/assessment.html", context, status=status)


def _rated_need(row: LevelOfCareAssessment, scale: Any) -> dict[str, Any]:
    rating = getattr(row, scale.need.value)
    return {"need": scale.need, "rating": rating, "words": None if rating is None else scale.descriptors[rating]}
