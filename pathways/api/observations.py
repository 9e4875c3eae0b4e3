"""What was measured of a person: panels recorded, values read, put right and retracted; the catalogue of tests."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.schema import operation
from clinic.api.views import Door
from pathways.actions import findings
from pathways.api.finding_shapes import ReasonBody
from pathways.api.findings import FindingsDoor
from pathways.api.observation_shapes import (
    ObservationCorrectionBody,
    ObservationFilters,
    ObservationRow,
    ObservationTestListRow,
    ObservationTestRow,
    PanelBody,
    PanelRow,
    entry_of,
)
from patients.actions import observations as verbs
from patients.actions.observations import Collection
from patients.models import Observation
from patients.queries import observations as queries

ORDER = ("-effective_at", "-id")
COLLECTION = ("laboratory", "specimen", "resulted_on", "witnessed")


class ObservationTestsDoor(Door):
    """The tests a clinic records."""

    @operation("list_observation_tests", answers=ObservationTestListRow)
    def get(self, request: Request) -> Response:
        """Every test, in the catalogue's order."""
        language = str(getattr(request._request, "language", "en"))[:2]
        rows = ObservationTestRow(queries.definitions(), many=True, context={"language": language}).data
        return self.ok({"results": rows})


class ObservationsDoor(FindingsDoor):
    """The values of a person."""

    @operation("list_observations", answers=ObservationRow, pages=True, filters=ObservationFilters)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Newest first, whatever became of them."""
        patient, wanted = self.patient(public_id), self.filters(ObservationFilters)
        listed = queries.listed(self.actor, patient, code=wanted.get("code", ""), category=wanted.get("category"))
        return self.page(listed, ORDER, lambda row: ObservationRow(row).data, ObservationFilters)

    @operation("record_observations", takes=PanelBody, answers=PanelRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """What was measured together: all of it or none. What it warns of becomes safety flags."""
        patient, given = self.patient(public_id), self.body(PanelBody)
        made = verbs.record_panel(
            patient=patient,
            effective_at=given.get("effective_at", self.now),
            entries=[entry_of(each["code"], each) for each in given["entries"]],
            collection=Collection(**{name: given[name] for name in COLLECTION}),
            site=self.site(given.get("site")),
            by=self.actor,
            now=self.now,
        )
        return self.ok({"observations": [ObservationRow(each).data for each in made]}, status=201)


class ObservationDoorBase(FindingsDoor):
    """What the doors about one value share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.get(self.actor, parts["public_id"])

    def one(self, public_id: UUID) -> Observation:
        found = queries.get(self.actor, public_id)
        self.seen(found.patient.public_id)
        return found


class ObservationDoor(ObservationDoorBase):
    """One value."""

    @operation("read_observation", answers=ObservationRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """As it was recorded."""
        return self.ok(ObservationRow(self.one(public_id)).data)


class CorrectionDoor(ObservationDoorBase):
    """A corrected value."""

    @operation("amend_observation", takes=ObservationCorrectionBody, answers=ObservationRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The correction counts from now on; the original stays."""
        row, given = self.one(public_id), self.body(ObservationCorrectionBody)
        made = findings.amend_observation(
            observation=row,
            entry=entry_of(row.code, given),
            reason=given["reason"],
            effective_at=given.get("effective_at"),
            resulted_on=given.get("resulted_on"),
            by=self.actor,
            now=self.now,
        )
        return self.ok(ObservationRow(self.one(made.public_id)).data, status=201)


class ObservationRetractionDoor(ObservationDoorBase):
    """Entered in error."""

    @operation("retract_observation", takes=ReasonBody, answers=ObservationRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Kept, but it counts for nothing any more."""
        row, given = self.one(public_id), self.body(ReasonBody)
        findings.retract_observation(observation=row, reason=given["reason"], by=self.actor, now=self.now)
        return self.ok(ObservationRow(self.one(public_id)).data)
