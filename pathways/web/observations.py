"""Labs and screens: what was measured of a person, recording a group of tests, putting one value right."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.errors import Refused, not_found
from clinic.queries.pages import page
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions import findings
from pathways.web import observation_rows as rows
from pathways.web.lines import Reader
from pathways.web.observation_forms import AmendmentForm, PanelForm
from pathways.web.places import here, reader_of
from patients.actions import observations as verbs
from patients.models import Observation, Patient
from patients.queries import flags as flag_queries
from patients.queries import observations as queries
from patients.queries import patients as people
from patients.rules.age import age_on
from patients.rules.observations import ObservationCategory

ROWS = 50
ORDER = ("-effective_at", "-id")


class ReasonForm(Form):
    """Why a value counts for nothing."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=verbs.REASON_LIMIT)


def observations(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The newest value of each test, by category; what was never measured is not listed."""
    reader, patient = _opened(request, public_id)
    flags = rows.flags_by_test(flag_queries.open_of([patient.pk]).get(patient.pk, []))
    context = {
        **_head(patient, reader),
        "groups": rows.groups(patient, reader.zone, reader.language, flags),
        "conclusions": rows.conclusions(patient, reader.zone),
        "categories": list(ObservationCategory),
    }
    return render(request, "pathways/observations/list.html", context)


def history(request: HttpRequest, public_id: UUID, code: str) -> HttpResponse:
    """Every value of one test, newest first, whatever became of it."""
    reader, patient = _opened(request, public_id)
    test = queries.definition_of(code)
    listed = queries.listed(reader.actor, patient, code=test.code)
    found = page(listed, ORDER, request.GET.get("cursor") or None, ROWS, f"observations {patient.public_id} {code}")
    address = reverse("observations_of", args=[patient.public_id, test.code])
    sex = patient.sex_for_clinical_use
    context = {
        **_head(patient, reader),
        "test": test,
        "rows": [rows.row_shown(each, sex, reader.zone, reader.language) for each in found.rows],
        "previous": f"{address}?cursor={found.previous_cursor}" if found.previous_cursor else None,
        "following": f"{address}?cursor={found.next_cursor}" if found.next_cursor else None,
    }
    return render(request, "pathways/observations/history.html", context)


def record(request: HttpRequest, public_id: UUID, group: str) -> HttpResponse:
    """One group of tests. What is left empty was not measured; what was typed stays when something is wrong."""
    reader, patient = _opened(request, public_id)
    category = _category(group)
    form = PanelForm(
        request.POST if request.method == "POST" else None, category=category, initial=_now(reader),
        language=reader.language, zone=reader.zone,
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        try:
            made = verbs.record_panel(
                patient=patient, effective_at=form.effective_at(), entries=form.entries(),
                collection=form.collection(), site=here(request), by=reader.actor, now=reader.now,
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
            return _record(request, patient, form, reader, refused.status)
        _tell(request, made)
        return go_on(request, reverse("observations", args=[patient.public_id]))
    return _record(request, patient, form, reader, 422 if form.errors else 200)


def observation(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One value: how it was found, by whom, and what became of it."""
    row = queries.get(request.actor, public_id)  # type: ignore[attr-defined]
    return _shown(request, row, ReasonForm())


def amend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A corrected value in place of the original."""
    reader = reader_of(request)
    row = queries.get(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    form = AmendmentForm(
        request.POST if request.method == "POST" else None, row=row, language=reader.language, zone=reader.zone,
        initial=AmendmentForm.values_of(row, reader.zone),
    )  # fmt: skip
    if form.is_bound and form.is_valid():
        try:
            made = findings.amend_observation(
                observation=row, entry=form.entries()[0], reason=form.cleaned_data["reason"],
                effective_at=form.effective_at(), resulted_on=form.cleaned_data.get("resulted_on"),
                by=reader.actor, now=reader.now,
            )  # fmt: skip
        except Refused as refused:
            form.refuse(refused)
            return _amendment(request, row, form, reader, refused.status)
        messages.success(request, _("The corrected value is recorded; the old one stays on the record."))
        return go_on(request, reverse("observation", args=[made.public_id]))
    return _amendment(request, row, form, reader, 422 if form.errors else 200)


def retract(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Entered in error."""
    reader = reader_of(request)
    row, form = queries.get(reader.actor, public_id), ReasonForm(request.POST)
    if not form.is_valid():
        return _shown(request, row, form, status=422)
    try:
        findings.retract_observation(
            observation=row, reason=form.cleaned_data["reason"], by=reader.actor, now=reader.now
        )
    except Refused as refused:
        form.refuse(refused)
        return _shown(request, row, form, status=refused.status)
    messages.success(request, _("Marked as entered in error. It counts for nothing any more."))
    return go_on(request, reverse("observation", args=[row.public_id]))


def _opened(request: HttpRequest, public_id: UUID) -> tuple[Reader, Patient]:
    reader = reader_of(request)
    patient = people.get(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    return reader, patient


def _category(group: str) -> ObservationCategory:
    try:
        return ObservationCategory(group)
    except ValueError:
        raise not_found() from None


def _tell(request: HttpRequest, made: list[Observation]) -> None:
    """What is recorded, and whether somebody has to act."""
    messages.success(request, _("The values are recorded."))
    if flag_queries.sources_with_flags(each.public_id for each in made):
        messages.warning(request, _("Some of them raised a flag: somebody has to act."))


def _record(request: HttpRequest, patient: Patient, form: PanelForm, reader: Reader, status: int) -> HttpResponse:
    context = {**_head(patient, reader), "form": form, "category": form.category}
    return render(request, "pathways/observations/record.html", context, status=status)


def _amendment(
    request: HttpRequest, row: Observation, form: AmendmentForm, reader: Reader, status: int
) -> HttpResponse:
    context = {**_head(row.patient, reader), "row": row, "form": form, "test": queries.definition_of(row.code)}
    return render(request, "pathways/observations/amend.html", context, status=status)


def _shown(request: HttpRequest, row: Observation, form: Form, status: int = 200) -> HttpResponse:
    reader = reader_of(request)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    sex = row.patient.sex_for_clinical_use
    found = flag_queries.of_source(verbs.source_of(row))
    context = {
        **_head(row.patient, reader),
        **rows.row_shown(row, sex, reader.zone, reader.language),
        "newer": getattr(row, "amended_as", None),
        "flags": [(each, flag_queries.cause_of(each)) for each in found.values()],
        "form": form,
    }
    return render(request, "pathways/observations/observation.html", context, status=status)


def _head(patient: Patient, reader: Reader) -> dict[str, Any]:
    return {"patient": patient, "age": age_on(patient.birth_date, reader.now.astimezone(patient.zone).date())}


def _now(reader: Reader) -> dict[str, Any]:
    local = reader.now.astimezone(reader.zone)
    return {"on": local.date(), "at": local.time().replace(second=0, microsecond=0)}
