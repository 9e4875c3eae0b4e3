"""People: list, register, search, and the sites that see them. One person stands in `pathways.api.people`."""

from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.views import Door
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Site
from clinic.queries.workplaces import workplaces_of
from clinic.rules.sentences import sentence
from patients.actions import patients
from patients.actions.contacts import NewContactPoint
from patients.api.shapes import (
    FoundRow,
    PatientDetailRow,
    PatientFilters,
    PatientRow,
    PatientSiteBody,
    RegistrationBody,
    SearchBody,
    StayRow,
)
from patients.models import Patient
from patients.queries import patients as queries

ORDER = ("family_name", "given_name", "id")


class PeopleDoor(Door):
    """What the doors about one person share."""

    def admit(self, request: Request, **parts: UUID) -> None:
        if "public_id" in parts:
            queries.get(self.actor, parts["public_id"])

    def answer(self, public_id: UUID, status: int = 200, location: str | None = None) -> Response:
        patient = queries.detail(self.actor, public_id)
        self.seen(patient.public_id)
        return self.ok(PatientDetailRow(patient).data, status=status, etag=etag_of(patient), location=location)

    def one_site(self, public_id: UUID | None) -> Site:
        """The named site of the caller, or their only one."""
        mine = list(workplaces_of(self.actor))
        chosen = [each for each in mine if public_id in (None, each.public_id)]
        if public_id is None and len(mine) > 1:
            raise bad_input(site=sentence("refused.required"))
        if not chosen:
            raise not_found()
        return chosen[0]


class PatientsDoor(PeopleDoor):
    """The people of one's sites, and a new one."""

    @operation("list_patients", answers=PatientRow, pages=True, filters=PatientFilters)
    def get(self, request: Request) -> Response:
        """People by family name, given name."""
        site = self.filters(PatientFilters).get("site")
        listed = queries.listed(self.actor, site=self.one_site(site) if site else None)
        return self.page(listed, ORDER, self._row, PatientFilters)

    @operation("register_patient", takes=RegistrationBody, answers=PatientDetailRow, status=201)
    def post(self, request: Request) -> Response:
        """Register somebody. 409 `possible_duplicate` names who may be the same, unless confirmed."""
        given = self.body(RegistrationBody)
        points = [NewContactPoint(**point) for point in given.pop("contact_points", [])]
        site = self.one_site(given.pop("site", None))
        try:
            made = patients.register(by=self.actor, now=self.now, site=site, contact_points=points, **given)
        except Refused as refused:
            if refused.code == "possible_duplicate" and isinstance(refused.details, dict):
                self.seen(*(match["patient"] for match in refused.details["matches"]))
            raise
        address = reverse("api_patient", args=[made.public_id])
        return self.answer(made.public_id, status=201, location=address)

    def _row(self, patient: Patient) -> dict[str, object]:
        self.seen(patient.public_id)
        return dict(PatientRow(patient).data)


class SearchDoor(Door):
    """People are searched for by POST, never in an address."""

    changes = False

    @operation("search_patients", takes=SearchBody, answers=FoundRow)
    def post(self, request: Request) -> Response:
        """Whom a typed line fits."""
        given = self.body(SearchBody)
        found = queries.find(self.actor, given["text"], given["limit"])
        self.seen(*(each.public_id for each in found))
        return self.ok({"results": PatientRow(found, many=True).data})


class PatientSitesDoor(PeopleDoor):
    """The sites that see a person."""

    @operation("list_patient_sites", answers=StayRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Where the person is seen."""
        patient = queries.get(self.actor, public_id)
        self.seen(patient.public_id)
        return self.page(queries.stays(patient), ("since", "id"), lambda stay: StayRow(stay).data)

    @operation("add_patient_site", takes=PatientSiteBody, answers=PatientDetailRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Another of the caller's sites sees the person from now on."""
        patient, site = queries.get(self.actor, public_id), self.one_site(self.body(PatientSiteBody)["site"])
        patients.add_site(patient=patient, site=site, by=self.actor, now=self.now)
        return self.answer(public_id)
