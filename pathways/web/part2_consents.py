"""Consents to tell others (42 CFR Part 2): what was signed, whether it holds and why, and taking one back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.rules.sentences import sentence
from clinic.web.pages import go_on
from pathways.actions import consents as course
from pathways.queries.treatments import spans_of
from pathways.web.lines import Reader
from pathways.web.part2_consent_forms import EndForm, RevocationForm, TermsForm
from pathways.web.places import here, reader_of
from patients.actions import part2_consents as verbs
from patients.models import Consent, Patient
from patients.queries import part2_consents as queries
from patients.queries import patients as people
from patients.rules.age import age_on
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    DisclosureCategory,
    FormVersion,
    RecipientClass,
    RevocationMethod,
    SignatureMethod,
)

Shown = dict[str, Any]
MOST = 200
_STATEMENTS = [sentence("part2.form.revoke"), sentence("part2.form.redisclosure"), sentence("part2.form.refusing")]


def consents(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Every consent of a person, newest first: whether it holds, and why."""
    reader = reader_of(request)
    patient = people.get(reader.actor, public_id)
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    context = {**_head(patient, reader), "consents": shown_of(patient, reader)}
    return render(request, "pathways/part2_consents/list.html", context)


def shown_of(patient: Patient, reader: Reader) -> list[Shown]:
    """The consents of a person for the list and the chart; two queries."""
    rows = list(queries.listed(reader.actor, patient)[:MOST])
    return [shown(each) for each in queries.held(rows, spans_of([patient.pk]), reader.now)]


def shown(held: queries.Held) -> Shown:
    """One consent in words."""
    row = held.row
    return {
        "row": row,
        "standing": held.standing,
        "kind": ConsentKind(row.kind),
        "categories": [DisclosureCategory(each) for each in row.categories],
        "purposes": [ConsentPurpose(each) for each in row.purposes],
        "recipient": RecipientClass(row.recipient_class),
        "expiry": ConsentExpiry(row.expiry),
        "signer": ConsentSigner(row.signer),
        "method": SignatureMethod(row.method),
        "form_version": FormVersion(row.form_version),
        "revocation": RevocationMethod(row.revocation_method) if row.revocation_method else None,
        "newer": getattr(row, "replaced_by", None),
    }


def consent(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One consent, element by element, and what can be done with it."""
    reader = reader_of(request)
    return _page(request, queries.get(reader.actor, public_id), reader)


def record(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A consent as it was signed."""
    reader = reader_of(request)
    patient = people.get(reader.actor, public_id)
    site = here(request)
    today = reader.now.astimezone(reader.zone).date()
    initial = TermsForm.of_patient(patient, site.name if site else "", today)
    form = _form(request, reader, initial)
    if form.is_bound and form.is_valid():
        try:
            row = verbs.record_consent(patient=patient, terms=form.terms(), site=site, by=reader.actor, now=reader.now)
        except Refused as refused:
            form.refuse(refused)
            return _terms(request, patient, form, None, reader, refused.status)
        return go_on(request, reverse("part2_consent", args=[row.public_id]), sentence("part2.recorded"))
    return _terms(request, patient, form, None, reader, 422 if form.errors else 200)


def replace(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A newly signed consent in the place of another."""
    reader = reader_of(request)
    old = queries.get(reader.actor, public_id)
    today = reader.now.astimezone(reader.zone).date()
    form = _form(request, reader, TermsForm.of_consent(old, today))
    if form.is_bound and form.is_valid():
        try:
            row = verbs.replace_consent(consent=old, terms=form.terms(), by=reader.actor, now=reader.now)
        except Refused as refused:
            form.refuse(refused)
            return _terms(request, old.patient, form, old, reader, refused.status)
        return go_on(request, reverse("part2_consent", args=[row.public_id]), sentence("part2.replaced"))
    return _terms(request, old.patient, form, old, reader, 422 if form.errors else 200)


def revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Taken back."""
    reader = reader_of(request)
    row = queries.get(reader.actor, public_id)
    form = RevocationForm(request.POST, language=reader.language, auto_id="revoke-%s")
    if not form.is_valid():
        return _page(request, row, reader, revocation=form, status=422)
    try:
        course.revoke_consent(
            consent=row, method=RevocationMethod(form.cleaned_data["method"]), note=form.cleaned_data["note"],
            revoked_at=form.revoked_at(row, row.site.zone, reader.now), by=reader.actor, now=reader.now,
        )  # fmt: skip
    except Refused as refused:
        refused.fields = {"on" if name == "revoked_at" else name: said for name, said in refused.fields.items()}
        form.refuse(refused)
        return _page(request, row, reader, revocation=form, status=refused.status)
    return go_on(request, reverse("part2_consent", args=[public_id]), sentence("part2.revoked"))


def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What it was to end with came."""
    reader = reader_of(request)
    row, form = queries.get(reader.actor, public_id), EndForm(request.POST, auto_id="end-%s")
    if not form.is_valid():
        return _page(request, row, reader, ending=form, status=422)
    try:
        course.end_consent(consent=row, on=form.cleaned_data["on"], by=reader.actor, now=reader.now)
    except Refused as refused:
        form.refuse(refused)
        return _page(request, row, reader, ending=form, status=refused.status)
    return go_on(request, reverse("part2_consent", args=[public_id]), sentence("part2.ended"))


def _form(request: HttpRequest, reader: Reader, initial: Shown) -> TermsForm:
    return TermsForm(request.POST if request.method == "POST" else None, initial=initial, language=reader.language)


def _page(
    request: HttpRequest,
    row: Consent,
    reader: Reader,
    *,
    revocation: RevocationForm | None = None,
    ending: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    initial = {"on": reader.now.astimezone(row.site.zone).date()}
    held: Sequence[queries.Held] = queries.held([row], spans_of([row.patient_id]), reader.now)
    told = shown(held[0])
    kept = row.revoked_at is None and told["newer"] is None
    context = {
        **_head(row.patient, reader),
        **told,
        "statements": _STATEMENTS if row.form_version == FormVersion.RULE_OF_2024 else [],
        "is_kept": kept,
        "may_end": kept and row.ended_on is None and row.expiry in verbs.ENDED_BY_HAND,
        "revocation_form": revocation or RevocationForm(initial=initial, language=reader.language, auto_id="revoke-%s"),
        "end_form": ending or EndForm(initial=initial, auto_id="end-%s"),
    }
    return render(request, "pathways/part2_consents/consent.html", context, status=status)


def _terms(
    request: HttpRequest, patient: Patient, form: TermsForm, replaces: Consent | None, reader: Reader, status: int
) -> HttpResponse:
    request.seen.add(patient.public_id)  # type: ignore[attr-defined]
    context = {**_head(patient, reader), "form": form, "replaces": replaces}
    return render(request, "pathways/part2_consents/record.html", context, status=status)


def _head(patient: Patient, reader: Reader) -> Shown:
    return {"patient": patient, "age": age_on(patient.birth_date, reader.now.astimezone(patient.zone).date())}
