"""One person: who somebody is, and put right."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.schema import operation
from pathways.actions import people as verbs
from patients.actions.details import Details
from patients.api.patients import PeopleDoor
from patients.api.shapes import CorrectionBody, PatientDetailRow
from patients.queries import patients as queries


class PatientDoor(PeopleDoor):
    """One person."""

    @operation("read_patient", answers=PatientDetailRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Who somebody is, where they are seen, how they are reached."""
        return self.answer(public_id)

    @operation("correct_patient", takes=CorrectionBody, answers=PatientDetailRow, edits=True)
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Put the record right; what is not named stays. In another time zone, messages keep to the hours there."""
        version, given = self.expected_version(), self.body(CorrectionBody)
        patient = queries.get(self.actor, public_id)
        kept = {name: getattr(patient, name) for name in Details.__dataclass_fields__}
        verbs.correct(
            patient=patient, expected_version=version, details=Details(**{**kept, **given}), by=self.actor, now=self.now
        )
        return self.answer(public_id)
