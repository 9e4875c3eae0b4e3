"""Somebody has died."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from pathways.actions import deaths as verbs
from patients.api.patients import PeopleDoor
from patients.models import Patient
from patients.queries import patients as queries


class DeathBody(Body):
    """The day."""

    died_on = fields.Day()
    despite_later_contacts = fields.YesNo(
        default=False, help_text="The day is right although they were met or spoken to after it."
    )


class DeathRow(Row):
    """Nothing where no death is recorded."""

    patient = fields.PublicId()
    died_on = fields.Day(allow_null=True)
    recorded_at = fields.Moment(allow_null=True)
    recorded_by = fields.Text(allow_null=True)


class DeathDoor(PeopleDoor):
    """The death of one person."""

    @operation("read_death", answers=DeathRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Whether it is recorded, and who did."""
        return self._told(queries.get(self.actor, public_id))

    @operation("record_death", takes=DeathBody, answers=DeathRow, edits=True)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Record it: enrollments, contacts, places and messages still to come end with it."""
        version, given = self.expected_version(), self.body(DeathBody)
        return self._told(
            verbs.record_death(
                by=self.actor,
                now=self.now,
                patient_id=public_id,
                on=given["died_on"],
                despite_later_contacts=given["despite_later_contacts"],
                expected_version=version,
            )
        )

    @operation("withdraw_death", answers=DeathRow, edits=True)
    def delete(self, request: Request, public_id: UUID) -> Response:
        """It was recorded by mistake: what had ended with it is owed again, but for places in sessions."""
        version = self.expected_version()
        return self._told(
            verbs.withdraw_death(by=self.actor, now=self.now, patient_id=public_id, expected_version=version)
        )

    def _told(self, patient: Patient) -> Response:
        self.seen(patient.public_id)
        by = patient.death_recorded_by
        row: dict[str, Any] = {
            "patient": patient.public_id,
            "died_on": patient.died_on,
            "recorded_at": patient.death_recorded_at,
            "recorded_by": by.name if by is not None else None,
        }
        return self.ok(row, etag=etag_of(patient))
