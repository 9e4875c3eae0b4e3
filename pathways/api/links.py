"""Patients' own links: given, listed, taken back. The address of a link is told once, when it is made."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from pathways.actions import links as verbs
from pathways.models import PatientLink
from pathways.queries import links as queries
from pathways.rules.links import LinkPurpose, LinkState
from patients.queries import patients as people


class LinkBody(Body):
    """What the link is for: an appointment (`attendance`), a form (`follow_up`, or `instrument`), or preferences."""

    purpose = fields.Choice(LinkPurpose)
    attendance = fields.PublicId(required=False)
    follow_up = fields.PublicId(required=False)
    instrument = fields.Code(required=False)


class LinkRow(Row):
    """A link and what became of it."""

    id = fields.PublicId()
    patient = fields.PublicId()
    site = fields.PublicId()
    purpose = fields.Choice(LinkPurpose)
    attendance = fields.PublicId(allow_null=True)
    follow_up = fields.PublicId(allow_null=True)
    instrument = fields.Code(allow_null=True)
    state = fields.Choice(LinkState)
    made_at = fields.Moment()
    made_by = fields.Text()
    expires_at = fields.Moment()
    used_at = fields.Moment(allow_null=True)
    revoked_at = fields.Moment(allow_null=True)
    wrong_tries = fields.Whole(help_text="How often somebody said wrongly whom it is for; too often revokes it.")


class NewLinkRow(LinkRow):
    address = fields.Text(help_text="Told here and nowhere else.")


class PatientLinksDoor(Door):
    """The links of one person."""

    @operation("list_patient_links", answers=LinkRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """List them, the newest first."""
        patient = people.get(self.actor, public_id)
        self.seen(patient.public_id)
        return self.page(queries.links_of(self.actor, patient), ("-made_at", "-id"), self._row)

    @operation("give_patient_link", takes=LinkBody, answers=NewLinkRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Make a link, to be handed to the person by whoever asks."""
        given = self.body(LinkBody)
        made = verbs.give_link(
            by=self.actor,
            now=self.now,
            purpose=given["purpose"],
            patient_id=public_id,
            attendance_id=given.get("attendance"),
            follow_up_id=given.get("follow_up"),
            instrument=given.get("instrument", ""),
        )
        self.seen(public_id)
        shown = self._row(made) | {"address": queries.address(made)}
        return self.ok(shown, status=201, location=f"/api/v1/links/{made.public_id}/")

    def _row(self, row: PatientLink) -> dict[str, Any]:
        return link_row(row, queries.state_of(row, self.now))


class LinkDoor(Door):
    """One link."""

    @operation("read_patient_link", answers=LinkRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Read it: whether it still works, and when it was used."""
        return _told(self, queries.link(self.actor, public_id))


class LinkRevokeDoor(Door):
    """The end of a link before its time."""

    @operation("revoke_patient_link", answers=LinkRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """It works no more."""
        verbs.revoke_link(by=self.actor, now=self.now, link_id=public_id)
        return _told(self, queries.link(self.actor, public_id))


def _told(door: Door, row: PatientLink) -> Response:
    door.seen(row.patient.public_id)
    return door.ok(link_row(row, queries.state_of(row, door.now)))


def link_row(row: PatientLink, state: LinkState) -> dict[str, Any]:
    """A link as JSON, without its address."""
    return {
        "id": row.public_id,
        "patient": row.patient.public_id,
        "site": row.site.public_id,
        "purpose": row.purpose,
        "attendance": row.attendance.public_id if row.attendance else None,
        "follow_up": row.follow_up.public_id if row.follow_up else None,
        "instrument": row.instrument or None,
        "state": state,
        "made_at": row.made_at,
        "made_by": row.made_by.name,
        "expires_at": row.expires_at,
        "used_at": row.used_at,
        "revoked_at": row.revoked_at,
        "wrong_tries": row.wrong_tries,
    }
