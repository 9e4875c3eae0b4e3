"""Ways to reach somebody, consent to them, and what the person likes."""

from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.views import Door
from clinic.errors import not_found
from pathways.actions import contacts as verbs
from patients.actions import consents
from patients.actions import contacts as addresses
from patients.actions.contacts import NewContactPoint
from patients.api.shapes import (
    ConsentBody,
    ConsentRow,
    ContactPointBody,
    ContactPointRow,
    NewContactPointBody,
    PreferenceBody,
    PreferenceRow,
)
from patients.models import ContactPoint, ContactPreference
from patients.queries import contacts as queries
from patients.queries import patients as people


class OnePersonDoor(Door):
    """What the doors about one person share."""

    def admit(self, request: Request, **parts: UUID) -> None:
        people.get(self.actor, parts["public_id"])


class ContactPointsDoor(OnePersonDoor):
    """The addresses of a person."""

    @operation("list_contact_points", answers=ContactPointRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Addresses in use, in their order."""
        patient = people.get(self.actor, public_id)
        self.seen(patient.public_id)
        return self.page(queries.contact_points(patient), ("rank", "id"), lambda row: ContactPointRow(row).data)

    @operation("add_contact_point", takes=NewContactPointBody, answers=ContactPointRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """One more address."""
        point = NewContactPoint(**self.body(NewContactPointBody))
        patient = people.get(self.actor, public_id)
        made = verbs.add(patient=patient, point=point, by=self.actor, now=self.now)
        self.seen(patient.public_id)
        address = reverse("api_contact_point", args=[made.public_id])
        return self.ok(ContactPointRow(made).data, status=201, etag=etag_of(made), location=address)


class OneAddressDoor(Door):
    """What the doors about one address share."""

    def admit(self, request: Request, **parts: UUID) -> None:
        queries.contact_point(self.actor, parts["public_id"])

    def point(self, public_id: UUID) -> ContactPoint:
        found = queries.contact_point(self.actor, public_id)
        self.seen(found.patient.public_id)
        return found

    def answer(self, row: ContactPoint) -> Response:
        return self.ok(ContactPointRow(row).data, etag=etag_of(row))


class ContactPointDoor(OneAddressDoor):
    """One address."""

    @operation("read_contact_point", answers=ContactPointRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """An address and how it may be used."""
        return self.answer(self.point(public_id))

    @operation("change_contact_point", takes=ContactPointBody, answers=ContactPointRow, edits=True)
    def put(self, request: Request, public_id: UUID) -> Response:
        """How it may be used. Another address is a new contact point, which has to be confirmed and agreed to again."""
        version, point = self.expected_version(), NewContactPoint(**self.body(ContactPointBody))
        row = verbs.change(
            contact_point=self.point(public_id), expected_version=version, point=point, by=self.actor, now=self.now
        )
        return self.answer(row)

    @operation("retire_contact_point", answers=ContactPointRow, edits=True)
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Not used any more; kept, because messages and consents point at it."""
        version = self.expected_version()
        row = verbs.retire(contact_point=self.point(public_id), expected_version=version, by=self.actor, now=self.now)
        return self.answer(row)


class VerificationDoor(OneAddressDoor):
    """The person confirmed the address."""

    @operation("verify_contact_point", answers=ContactPointRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Only a confirmed address is ever written to."""
        version = self.expected_version()
        row = addresses.verify(
            contact_point=self.point(public_id), expected_version=version, by=self.actor, now=self.now
        )
        return self.answer(row)


class ConsentsDoor(OneAddressDoor):
    """Decisions on being written to at one address."""

    @operation("list_consents", answers=ConsentRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Every decision, newest first."""
        rows = queries.consents(self.point(public_id).patient).filter(contact_point__public_id=public_id)
        return self.page(rows, ("-effective_at", "-id"), lambda row: ConsentRow(row).data)

    @operation("record_consent", takes=ConsentBody, answers=ConsentRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """A decision; it counts from its moment on, and is never rewritten."""
        given = self.body(ConsentBody)
        row = consents.record(contact_point=self.point(public_id), by=self.actor, now=self.now, **given)
        return self.ok(ConsentRow(row).data, status=201)


class PreferenceDoor(OnePersonDoor):
    """What a person likes."""

    @operation("read_preference", answers=PreferenceRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """404 until something was said."""
        kept = self._kept(public_id)
        if kept is None:
            raise not_found()
        return self.ok(PreferenceRow(kept).data, etag=etag_of(kept))

    @operation("record_preference", takes=PreferenceBody, answers=PreferenceRow)
    def put(self, request: Request, public_id: UUID) -> Response:
        """Say it anew; with `If-Match` where something was said before."""
        given, kept = self.body(PreferenceBody), self._kept(public_id)
        version = self.expected_version() if kept or "If-Match" in request.headers else None
        patient = people.get(self.actor, public_id)
        row = verbs.prefer(patient=patient, expected_version=version, by=self.actor, now=self.now, **given)
        return self.ok(PreferenceRow(row).data, etag=etag_of(row))

    def _kept(self, public_id: UUID) -> ContactPreference | None:
        patient = people.detail(self.actor, public_id)
        self.seen(patient.public_id)
        return getattr(patient, "contact_preference", None)
