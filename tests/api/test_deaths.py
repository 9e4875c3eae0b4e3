"""A death over REST: recorded once, read, and taken back."""

from datetime import timedelta

import pytest

from clinic import clock
from clinic.models import Site
from pathways.actions import enrollments
from pathways.models import FollowUp
from pathways.rules.moves import DischargeReason
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways

pytestmark = pytest.mark.django_db
SCOPES = ["enrollments.read", "enrollments.write", "patients.read"]


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def discharged(site: Site) -> Patient:
    row = pathways.enrolled(site=site, now=clock.now() - timedelta(days=10))
    enrollments.discharge(
        by=row.opened_by, now=clock.now() - timedelta(days=2), enrollment_id=row.public_id,
        reason=DischargeReason.CHOSE_TO_LEAVE,
    )  # fmt: skip
    return row.patient


def address(patient: Patient) -> str:
    return f"/api/v1/patients/{patient.public_id}/death/"


def test_a_death_is_recorded_read_and_taken_back(caller: Caller, discharged: Patient) -> None:
    day = clock.now().astimezone(discharged.zone).date().isoformat()
    none = caller.get(address(discharged))
    assert (none.status_code, none.json()["died_on"]) == (200, None)
    assert caller.post(address(discharged), {"died_on": day}).status_code == 428
    made = caller.post(address(discharged), {"died_on": day}, If_Match=none["ETag"])
    assert (made.status_code, made.json()["died_on"]) == (200, day)
    assert caller.get(address(discharged)).json() == made.json()
    assert not FollowUp.objects.open().filter(patient=discharged).exists()
    twice = caller.post(address(discharged), {"died_on": day}, If_Match=made["ETag"])
    assert (twice.status_code, twice.json()["code"]) == (409, "death_recorded")
    back = caller.send("delete", address(discharged), If_Match=made["ETag"])
    assert (back.status_code, back.json()["recorded_by"]) == (200, None)
    assert FollowUp.objects.open().filter(patient=discharged).exists()


def test_a_day_before_a_later_contact_is_recorded_only_when_confirmed(caller: Caller, discharged: Patient) -> None:
    early = (clock.now() - timedelta(days=30)).date().isoformat()
    version = caller.get(address(discharged))["ETag"]
    no = caller.post(address(discharged), {"died_on": early}, If_Match=version)
    assert (no.status_code, no.json()["errors"][0]["pointer"]) == (422, "/despite_later_contacts")
    sure = {"died_on": early, "despite_later_contacts": True}
    assert caller.post(address(discharged), sure, If_Match=version).json()["died_on"] == early


def test_who_may_only_read_records_none(discharged: Patient, site: Site) -> None:
    reader = program(clinic.api_client(scopes=["patients.read"], sites=[site]))
    seen = reader.get(address(discharged))
    day = clock.now().date().isoformat()
    assert reader.post(address(discharged), {"died_on": day}, If_Match=seen["ETag"]).status_code == 403
