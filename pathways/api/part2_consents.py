"""Consents to tell others (42 CFR Part 2): recorded as signed, listed with whether each holds, taken back, ended."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.wording import say
from pathways.actions import consents as course
from pathways.api.findings import FindingsDoor
from pathways.queries.treatments import spans_of
from patients.actions import part2_consents as verbs
from patients.models import Consent
from patients.queries import part2_consents as queries
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    ConsentSigner,
    ConsentTerms,
    DisclosureCategory,
    FormVersion,
    RecipientClass,
    RevocationMethod,
    SignatureMethod,
    Span,
)
from patients.rules.consents.recording import NAME_LIMIT, TEXT_LIMIT

ORDER = ("-effective_at", "-id")
CATEGORIES, PURPOSES = len(DisclosureCategory), len(ConsentPurpose)


class StandingRow(Row):
    """Whether a consent holds now, and why: computed, never stored."""

    in_force = fields.YesNo(source="holds")
    why = serializers.SerializerMethodField()
    until = fields.Day(allow_null=True, help_text="The last day it holds by what is known now.")

    def get_why(self, standing: Any) -> str:
        return say(standing.why, str(self.context.get("language", "en")))


class ConsentParts(Row):
    """The elements of 42 CFR 2.31."""

    kind = fields.Choice(ConsentKind)
    patient_name = fields.Text(max_length=NAME_LIMIT)
    discloser = fields.Text(max_length=NAME_LIMIT)
    categories = serializers.ListField(child=fields.Choice(DisclosureCategory), max_length=CATEGORIES)
    details = fields.Text(max_length=TEXT_LIMIT, required=False, allow_blank=True, default="")
    recipient_class = fields.Choice(RecipientClass)
    recipient = fields.Text(max_length=NAME_LIMIT, required=False, allow_blank=True, default="")
    purposes = serializers.ListField(child=fields.Choice(ConsentPurpose), max_length=PURPOSES)
    purpose_text = fields.Text(max_length=TEXT_LIMIT, required=False, allow_blank=True, default="")
    form_version = fields.Choice(FormVersion)
    expiry = fields.Choice(ConsentExpiry)
    expires_on = fields.Day(required=False, allow_null=True, default=None)
    expiry_event = fields.Text(max_length=NAME_LIMIT, required=False, allow_blank=True, default="")
    signer = fields.Choice(ConsentSigner)
    signer_name = fields.Text(max_length=NAME_LIMIT)
    authority = fields.Text(max_length=NAME_LIMIT, required=False, allow_blank=True, default="")
    method = fields.Choice(SignatureMethod)
    signed_on = fields.Day()


class Part2ConsentRow(ConsentParts):
    """A consent as it was signed, whether it holds, and what became of it."""

    id = fields.PublicId(source="public_id")
    patient = fields.PublicId(source="patient.public_id")
    standing = StandingRow()
    digest = fields.Text()
    effective_at = fields.Moment()
    recorded_at = fields.Moment()
    recorded_by = fields.Text(source="recorded_by.name")
    ended_on = fields.Day(allow_null=True)
    replaces = fields.PublicId(source="replaces.public_id", allow_null=True, default=None)
    replaced_by = fields.PublicId(source="replaced_by.public_id", allow_null=True, default=None)
    revoked_at = fields.Moment(allow_null=True)
    revocation_method = fields.Code(allow_blank=True)
    revocation_note = fields.Text(allow_blank=True)


class Part2ConsentBody(Body, ConsentParts):
    """A consent as it was signed. `replaces`: the consent it takes the place of."""

    replaces = fields.PublicId(required=False, allow_null=True, default=None)
    site = fields.PublicId(required=False)


class Part2RevocationBody(Body):
    """How it was taken back. `revoked_at`: when the clinic received it; now, if left out."""

    method = fields.Choice(RevocationMethod)
    revoked_at = fields.Moment(required=False)
    note = fields.Text(max_length=verbs.NOTE_LIMIT, required=False, allow_blank=True, default="")


class Part2EndBody(Body):
    """When what it was to end with came."""

    on = fields.Day()


class Part2ConsentDoorBase(FindingsDoor):
    """What the doors about consents share."""

    def row(self, consent: Consent) -> dict[str, Any]:
        """One consent with its standing."""
        return self.told(consent, spans_of([consent.patient_id]).get(consent.patient_id, ()))

    def told(self, consent: Consent, courses: Sequence[Span]) -> dict[str, Any]:
        """One consent with its standing among these courses of treatment."""
        consent.standing = queries.standing_of(consent, courses, self.now)  # type: ignore[attr-defined]
        return dict(Part2ConsentRow(consent, context={"language": self.language}).data)

    @property
    def language(self) -> str:
        return str(getattr(self.request._request, "language", "en"))[:2]


class Part2ConsentsDoor(Part2ConsentDoorBase):
    """The consents of a person."""

    @operation("list_part2_consents", answers=Part2ConsentRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Newest first, whatever became of them, each with whether it holds now."""
        patient = self.patient(public_id)
        courses = spans_of([patient.pk]).get(patient.pk, ())
        return self.page(queries.listed(self.actor, patient), ORDER, lambda row: self.told(row, courses))

    @operation("record_part2_consent", takes=Part2ConsentBody, answers=Part2ConsentRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Kept as signed; it may take the place of another."""
        patient, given = self.patient(public_id), self.body(Part2ConsentBody)
        terms = terms_of(given)
        if given["replaces"] is None:
            made = verbs.record_consent(
                patient=patient, terms=terms, site=self.site(given.get("site")), by=self.actor, now=self.now
            )
        else:
            old = queries.of_patient(self.actor, patient, given["replaces"])
            made = verbs.replace_consent(consent=old, terms=terms, by=self.actor, now=self.now)
        row = queries.get(self.actor, made.public_id)
        return self.ok(self.row(row), status=201, location=reverse("api_part2_consent", args=[row.public_id]))


class OnePart2ConsentDoor(Part2ConsentDoorBase):
    """What the doors about one consent share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.get(self.actor, parts["public_id"])

    def one(self, public_id: UUID) -> Consent:
        found = queries.get(self.actor, public_id)
        self.seen(found.patient.public_id)
        return found


class Part2ConsentDoor(OnePart2ConsentDoor):
    """One consent."""

    @operation("read_part2_consent", answers=Part2ConsentRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """As it was signed, and whether it holds now."""
        return self.ok(self.row(self.one(public_id)))


class Part2RevocationDoor(OnePart2ConsentDoor):
    """Taken back."""

    @operation("revoke_part2_consent", takes=Part2RevocationBody, answers=Part2ConsentRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """From that moment on nothing more is told on it."""
        row, given = self.one(public_id), self.body(Part2RevocationBody)
        course.revoke_consent(consent=row, by=self.actor, now=self.now, **given)
        return self.ok(self.row(self.one(public_id)))


class Part2EndDoor(OnePart2ConsentDoor):
    """What it was to end with came."""

    @operation("end_part2_consent", takes=Part2EndBody, answers=Part2ConsentRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The event, or the end of treatment."""
        row, given = self.one(public_id), self.body(Part2EndBody)
        course.end_consent(consent=row, on=given["on"], by=self.actor, now=self.now)
        return self.ok(self.row(self.one(public_id)))


def terms_of(given: dict[str, Any]) -> ConsentTerms:
    """The terms in a body."""
    named = {name: given[name] for name in ConsentTerms.__dataclass_fields__}
    return ConsentTerms(**named | {name: tuple(given[name]) for name in ("categories", "purposes")})
