"""Assessments of a person: the list, one of them, recording one on its own, putting one right."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic import clock
from clinic.errors import Refused
from clinic.queries.pages import page
from clinic.web.forms import Form, add_refusal, words
from clinic.web.pages import go_on
from clinic.web.widgets import DatePartsField
from pathways.actions import findings
from pathways.web import attending, questionnaires, results
from patients.actions import drafts
from patients.models import Assessment, AssessmentDraft, Patient
from patients.queries import assessments as queries
from patients.queries import flags as flag_queries
from patients.queries import intakes as intake_queries
from patients.queries import patients as people
from patients.rules.age import age_on
from patients.rules.instruments import Definition
from patients.rules.scoring import score

ROWS = 50
ORDER = ("-effective_at", "-id")


class MomentForm(Form):
    """When something was found: typed, at the clock of the site."""

    on = DatePartsField(label=gettext_lazy("Day"))
    at = forms.TimeField(
        label=gettext_lazy("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False
    )


class ReasonForm(Form):
    """Why a record is put right."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


def assessments(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Everything that was asked of a person, newest first, and what is being filled in."""
    patient = people.get(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    listed = queries.listed(request.actor, patient)  # type: ignore[attr-defined]
    found = page(listed, ORDER, request.GET.get("cursor") or None, ROWS, f"assessments {patient.public_id}")
    here = reverse("assessments", args=[patient.public_id])
    context = {
        **_head(patient),
        "rows": [_row(each) for each in found.rows],
        "drafts": [(each, queries.definition_of(each.instrument)) for each in queries.drafts(request.actor, patient)],  # type: ignore[attr-defined]
        "intake": intake_queries.open_intake(request.actor, patient),  # type: ignore[attr-defined]
        "instruments": queries.definitions(),
        "previous": f"{here}?cursor={found.previous_cursor}" if found.previous_cursor else None,
        "following": f"{here}?cursor={found.next_cursor}" if found.next_cursor else None,
    }
    return render(request, "pathways/assessments/list.html", context)


def assessment(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One assessment: answers, points, score, band, who, and what became of it."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    return _shown(request, row, ReasonForm())


def new(request: HttpRequest, public_id: UUID, instrument: str) -> HttpResponse:
    """One instrument on its own, for example today's COWS. A POST keeps, records or throws the draft away."""
    patient = people.get(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    definition = queries.definition_of(instrument)
    if request.method != "POST":
        return _form(request, patient, definition, MomentForm(initial=_now_at(request)))
    moment = MomentForm(request.POST)
    go = request.POST.get("go", "stay")
    if go == "discard":
        return _discard(request, patient, definition)
    draft = _save(request, patient, definition)
    if go == "record":
        return _record(request, patient, definition, draft, moment)
    if go == "leave":
        return go_on(request, reverse("assessments", args=[patient.public_id]))
    if go.startswith("to-"):
        instrument = queries.definition_of(go.removeprefix("to-")).key
    return go_on(request, reverse("assessment_new", args=[patient.public_id, instrument]))


def autosave(request: HttpRequest, public_id: UUID, instrument: str) -> HttpResponse:
    """Keeps the answers and sends back what changed on the page."""
    patient = people.get(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    definition = queries.definition_of(instrument)
    before = _prompts(request, patient, definition)
    _save(request, patient, definition)
    context = _sheet(request, patient, definition)
    context["changed"] = questionnaires.changed_prompts(before, _prompts(request, patient, definition))
    return render(request, "pathways/intake/saved.html", context)


def attended(request: HttpRequest, public_id: UUID, instrument: str) -> HttpResponse:
    """The answers are kept, and the person at the screen sees to what an answer raised."""
    patient = people.get(request.actor, public_id)  # type: ignore[attr-defined]
    _save(request, patient, queries.definition_of(instrument))
    attending.take_flag(request)
    return go_on(request, reverse("assessment_new", args=[patient.public_id, instrument]))


def amend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A corrected copy in place of the original."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    definition = queries.definition_of(row.instrument, row.definition_version)
    if request.method != "POST":
        return _amendment(request, row, definition, row.answers, ReasonForm())
    answers, form = questionnaires.answers_of(request, definition), ReasonForm(request.POST)
    if not form.is_valid():
        return _amendment(request, row, definition, answers, form, status=422)
    try:
        made = findings.amend_assessment(
            assessment=row, answers=answers, reason=form.cleaned_data["reason"],
            context=questionnaires.context_of(request, definition),
            by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        add_refusal(form, refused)
        return _amendment(request, row, definition, answers, form, status=refused.status)
    messages.success(request, _("The corrected answers are recorded; the old ones stay on the record."))
    return go_on(request, reverse("assessment", args=[made.public_id]))


def retract(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Entered in error."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form, status=422)
    try:
        findings.retract_assessment(
            assessment=row, reason=form.cleaned_data["reason"], by=request.actor, now=clock.now()  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        add_refusal(form, refused)
        return _shown(request, row, form, status=refused.status)
    messages.success(request, _("Marked as entered in error. It counts for nothing any more."))
    return go_on(request, reverse("assessment", args=[row.public_id]))


def _record(
    request: HttpRequest, patient: Patient, definition: Definition, draft: AssessmentDraft, moment: MomentForm
) -> HttpResponse:
    if not moment.is_valid():
        return _form(request, patient, definition, moment, status=422)
    at = _moment(request, moment)
    warning = queries.too_soon(patient, definition.key, at)
    try:
        made = findings.record_draft(
            draft=draft, expected_version=draft.version, effective_at=at,
            by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        refused.fields = {("on" if name == "effective_at" else name): said for name, said in refused.fields.items()}
        add_refusal(moment, refused)
        return _form(request, patient, definition, moment, status=refused.status)
    if warning is not None:
        messages.warning(request, words(warning))
    messages.success(request, _("%(name)s is recorded.") % {"name": definition.short_name})
    return go_on(request, reverse("assessment", args=[made.public_id]))


def _discard(request: HttpRequest, patient: Patient, definition: Definition) -> HttpResponse:
    draft = queries.draft(request.actor, patient, definition.key)  # type: ignore[attr-defined]
    version = questionnaires.version_of(request)
    if draft is not None:
        drafts.discard_draft(draft=draft, expected_version=version or 0, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
        messages.success(request, _("The draft is thrown away. Flags it raised stay open."))
    return go_on(request, reverse("assessments", args=[patient.public_id]))


def _save(request: HttpRequest, patient: Patient, definition: Definition) -> AssessmentDraft:
    return findings.save_draft(
        patient=patient,
        instrument=definition.key,
        answers=questionnaires.answers_of(request, definition),
        context=questionnaires.context_of(request, definition),
        expected_version=questionnaires.version_of(request),
        site=request.site,  # type: ignore[attr-defined,arg-type]
        from_page=True,
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
    ).draft


def _form(
    request: HttpRequest, patient: Patient, definition: Definition, moment: MomentForm, status: int = 200
) -> HttpResponse:
    context = {**_sheet(request, patient, definition), "moment": moment}
    context["warning"] = queries.too_soon(patient, definition.key, clock.now())
    return render(request, "pathways/assessments/new.html", context, status=status)


def _sheet(request: HttpRequest, patient: Patient, definition: Definition) -> dict[str, Any]:
    draft = queries.draft(request.actor, patient, definition.key)  # type: ignore[attr-defined]
    raw = draft.answers if draft else {}
    scoring = score(definition, raw, queries.context_of(patient, draft.context if draft else {}))
    sheet = questionnaires.sheet(
        definition, scoring, raw, draft=draft, flags=flag_queries.of_source(draft.public_id) if draft else {},
        patient=patient, screen=questionnaires.screen_address(patient), by=request.actor,  # type: ignore[attr-defined]
    )  # fmt: skip
    return {
        **_head(patient),
        "sheet": sheet,
        "save_url": reverse("assessment_autosave", args=[patient.public_id, definition.key]),
        "attend_url": reverse("assessment_attended", args=[patient.public_id, definition.key]),
    }


def _prompts(request: HttpRequest, patient: Patient, definition: Definition) -> dict[str, list[dict[str, Any]]]:
    items = _sheet(request, patient, definition)["sheet"].items
    return {item["name"]: item["prompts"] for item in items if item["prompts"] is not None}


def _amendment(
    request: HttpRequest, row: Assessment, definition: Definition, raw: dict[str, Any], form: Form, status: int = 200
) -> HttpResponse:
    scoring = score(definition, raw, queries.context_of(row.patient, row.context))
    sheet = questionnaires.sheet(
        definition, scoring, raw, draft=None, flags={}, patient=row.patient,
        screen=questionnaires.screen_address(row.patient), by=request.actor,  # type: ignore[attr-defined]
    )  # fmt: skip
    if sheet.prescribed is not None:
        sheet.prescribed = row.context.get("taken_as_prescribed") is True
    context = {**_head(row.patient), "row": row, "sheet": sheet, "form": form}
    return render(request, "pathways/assessments/amend.html", context, status=status)


def _shown(request: HttpRequest, row: Assessment, form: Form, status: int = 200) -> HttpResponse:
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    definition = queries.definition_of(row.instrument, row.definition_version)
    scoring = score(definition, row.answers, row.context)
    context = {
        **_head(row.patient),
        "row": row,
        "definition": definition,
        "lines": results.lines(definition, row.answers, scoring),
        "result": results.result(definition, row),
        "alerts": [definition.alert(key) for key in row.alerts],
        "newer": getattr(row, "amended_as", None),
        "form": form,
    }
    return render(request, "pathways/assessments/assessment.html", context, status=status)


def _row(row: Assessment) -> dict[str, Any]:
    definition = queries.definition_of(row.instrument, row.definition_version)
    return {"row": row, "definition": definition, "result": results.result(definition, row)}


def _head(patient: Patient) -> dict[str, Any]:
    return {"patient": patient, "age": age_on(patient.birth_date, clock.now().astimezone(patient.zone).date())}


def _now_at(request: HttpRequest) -> dict[str, Any]:
    local = clock.now().astimezone(request.site.zone) if request.site else clock.now()  # type: ignore[attr-defined]
    return {"on": local.date(), "at": local.time().replace(second=0, microsecond=0)}


def _moment(request: HttpRequest, moment: MomentForm) -> datetime:
    """The typed day and time at the site; without a time, now or the end of a past day. Never after now by seconds."""
    now = clock.now()
    zone = request.site.zone if request.site else None  # type: ignore[attr-defined]
    local, on, at = now.astimezone(zone), moment.cleaned_data["on"], moment.cleaned_data.get("at")
    if at is None:
        at = local.time() if on == local.date() else datetime.max.time().replace(microsecond=0)
    found = datetime.combine(on, at, tzinfo=local.tzinfo)
    return now if found > now and (found - now).total_seconds() < 60 else found
