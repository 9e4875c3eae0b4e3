"""How somebody may be reached: addresses, consent, preferences, what is stopped."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import clock
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.sentences import sentence
from clinic.rules.zones import are_apart
from clinic.web.forms import Form, add_refusal
from clinic.web.pages import go_on
from pathways.actions import contacts as verbs
from pathways.web.moments import zone_of
from pathways.web.proofs import proofs
from patients.actions import consents
from patients.actions import contacts as addresses
from patients.models import ContactPoint, Patient
from patients.queries import contacts as queries
from patients.queries import patients as people
from patients.rules.age import age_on
from patients.rules.contact import may_contact
from patients.web.forms import (
    CHANNELS,
    REASONS,
    ConsentForm,
    ContactChangeForm,
    ContactPointForm,
    PreferenceForm,
    SuppressionForm,
    VersionForm,
)

CHANNEL_NAMES = dict(CHANNELS)


def contacts(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The page; a POST adds an address."""
    patient = people.detail(request.actor, public_id)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _page(request, patient)
    form = ContactPointForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, point=form, status=422)
    try:
        verbs.add(patient=patient, point=form.point(), by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        add_refusal(form, refused)
        return _page(request, patient, point=form, status=refused.status)
    messages.success(request, _("The address is added."))
    return go_on(request, reverse("patient_contacts", args=[public_id]))


def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How one address may be used."""
    point = queries.contact_point(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(point.patient.public_id)  # type: ignore[attr-defined]
    if request.method != "POST":
        return _change(request, point, ContactChangeForm.of(point))
    form = ContactChangeForm(request.POST)
    if not form.is_valid():
        return _change(request, point, form, status=422)
    try:
        verbs.change(
            contact_point=point, expected_version=form.cleaned_data["version"], point=form.point(),
            by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        add_refusal(form, refused)
        return _change(request, point, form, status=refused.status)
    messages.success(request, _("The address is changed."))
    return go_on(request, reverse("patient_contacts", args=[point.patient.public_id]))


def verify(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The person confirmed the address."""
    point = queries.contact_point(request.actor, public_id)  # type: ignore[attr-defined]
    addresses.verify(contact_point=point, expected_version=_version(request), by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("The address is confirmed."))
    return go_on(request, reverse("patient_contacts", args=[point.patient.public_id]))


def retire(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The address is not used any more."""
    point = queries.contact_point(request.actor, public_id)  # type: ignore[attr-defined]
    verbs.retire(contact_point=point, expected_version=_version(request), by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("The address is no longer used."))
    return go_on(request, reverse("patient_contacts", args=[point.patient.public_id]))


def consent(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A decision on being written to at one address."""
    point = queries.contact_point(request.actor, public_id)  # type: ignore[attr-defined]
    form = ConsentForm(request.POST)
    if not form.is_valid():
        raise bad_input(consent=sentence("refused.not_offered"))
    given = form.cleaned_data
    consents.record(
        contact_point=point, given=given["given"] == "yes", method=given["method"], evidence=given["evidence"],
        by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
    )  # fmt: skip
    messages.success(request, _("The decision is recorded. It counts from the next message on."))
    return go_on(request, reverse("patient_contacts", args=[point.patient.public_id]))


def prefer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the person likes."""
    patient = people.detail(request.actor, public_id)  # type: ignore[attr-defined]
    form = PreferenceForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, preference=form, status=422)
    given = form.cleaned_data
    try:
        verbs.prefer(
            patient=patient, expected_version=given["version"], preferred_channel=given["preferred_channel"],
            reminders_wanted=given["reminders_wanted"], note=given["note"],
            grace_hours=given["grace_hours"] or 0, by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
        )  # fmt: skip
    except Refused as refused:
        add_refusal(form, refused)
        return _page(request, patient, preference=form, status=refused.status)
    messages.success(request, _("What they like is kept."))
    return go_on(request, reverse("patient_contacts", args=[public_id]))


def suppress(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Stop automatic messages to the person, or to one of their addresses."""
    patient = people.detail(request.actor, public_id)  # type: ignore[attr-defined]
    points: list[ContactPoint] = patient.current_points  # type: ignore[attr-defined]
    form = SuppressionForm(request.POST, points=points)
    if not form.is_valid():
        return _page(request, patient, stop=form, status=422)
    target = next((each for each in points if str(each.public_id) == form.cleaned_data["target"]), None)
    addresses.suppress(
        patient=patient, reason=form.cleaned_data["reason"], contact_point=target,
        by=request.actor, now=clock.now(),  # type: ignore[attr-defined]
    )  # fmt: skip
    messages.success(request, _("Automatic messages are stopped."))
    return go_on(request, reverse("patient_contacts", args=[public_id]))


def lift(request: HttpRequest, public_id: UUID, suppression: UUID) -> HttpResponse:
    """Messages may go again."""
    patient = people.get(request.actor, public_id)  # type: ignore[attr-defined]
    row = queries.suppression(patient, request.actor, suppression)  # type: ignore[attr-defined]
    addresses.lift(patient=patient, suppression=row, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    messages.success(request, _("Automatic messages may go again."))
    return go_on(request, reverse("patient_contacts", args=[public_id]))


def _page(
    request: HttpRequest,
    patient: Patient,
    *,
    point: Form | None = None,
    preference: Form | None = None,
    stop: Form | None = None,
    status: int = 200,
) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    stopped = list(queries.suppressions(patient, actor))
    said_of = {each.patient.public_id for each in stopped if each.patient}
    request.seen.update({patient.public_id} | said_of)  # type: ignore[attr-defined]
    kept = getattr(patient, "contact_preference", None)
    decisions = list(queries.consents(patient))
    said = [each.evidence for each in decisions] + [each.evidence for each in stopped]
    proof = proofs(said, actor, zone_of(request))
    points: list[ContactPoint] = patient.current_points  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "patient": patient,
        "age": age_on(patient.birth_date, clock.now().astimezone(patient.zone).date()),
        "hours_in": patient.time_zone if are_apart(patient.zone, zone_of(request), clock.now()) else "",
        "reaches": [_reach(each) for each in queries.reaches([patient.pk], clock.now())[patient.pk]],
        "consents": [(each, proof.get(each.evidence)) for each in decisions],
        "suppressions": [
            (each, CHANNEL_NAMES.get(each.channel), REASONS.get(each.reason, each.reason), proof.get(each.evidence))
            for each in stopped
        ],
        "elsewhere": [(each, CHANNEL_NAMES.get(each.channel)) for each in queries.stopped_elsewhere(patient, actor)],
        "point": point or ContactPointForm(),
        "preference": preference or PreferenceForm.of(kept),
        "stop": stop or SuppressionForm(points=points),
        "consent_form": ConsentForm(auto_id=False),
    }
    return render(request, "patients/contacts.html", context, status=status)


def _reach(reach: queries.Reach) -> dict[str, Any]:
    return {"point": reach.point, "consent": reach.consent, "facts": reach.facts, "decision": may_contact(reach.facts)}


def _change(request: HttpRequest, point: ContactPoint, form: ContactChangeForm, status: int = 200) -> HttpResponse:
    context = {"point": point, "patient": point.patient, "form": form}
    return render(request, "patients/contact_point.html", context, status=status)


def _version(request: HttpRequest) -> int:
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise bad_input(version=sentence("refused.required"))
    return int(form.cleaned_data["version"])
