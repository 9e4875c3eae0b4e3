"""Patients' links over REST: given with an address that is told once, listed, read, taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from clinic import clock
from clinic.models import Actor, AuditEntry, Site
from pathways.models import Attendance, PatientLink
from pathways.queries.links import address
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories import links as given
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.links import form_owed

pytestmark = pytest.mark.django_db
SCOPES = ["links.write", "patients.read"]


@pytest.fixture(autouse=True)
def public(settings: Any) -> None:
    settings.PATIENT_LINK_URL = given.BASE


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return patients.patient(site, by=by)


@pytest.fixture
def place(person: Patient, by: Actor) -> Attendance:
    """A session of theirs that is to come, whatever the day."""
    at = clock.now() + timedelta(days=2)
    return make_session.place_of(make_session.individual(person, by=by, at=at), person)


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(make.api_client(scopes=SCOPES, sites=[site]))


def of(person: Patient) -> str:
    return f"/api/v1/patients/{person.public_id}/links/"


def test_a_link_to_an_appointment_is_given_and_leads_there(caller: Caller, person: Patient, place: Attendance) -> None:
    made = caller.post(of(person), {"purpose": "appointment", "attendance": str(place.public_id)})
    told, row = made.json(), PatientLink.objects.get()
    assert (made.status_code, made["Location"]) == (201, f"/api/v1/links/{row.public_id}/")
    assert (told["state"], told["attendance"], told["patient"]) == ("open", str(place.public_id), str(person.public_id))
    assert told["address"] == address(row)
    assert Client().get(told["address"].removeprefix(given.BASE)).status_code == 200
    assert AuditEntry.objects.get(action="link.give").patient_ids == [person.public_id]


def test_links_to_a_form_and_to_preferences_are_given(caller: Caller, person: Patient, by: Actor) -> None:
    owed = form_owed(person, by)
    for body, told in (
        ({"purpose": "questionnaire", "instrument": "gad7"}, ("gad7", None)),
        ({"purpose": "questionnaire", "follow_up": str(owed.public_id)}, (owed.instrument, str(owed.public_id))),
        ({"purpose": "preferences"}, (None, None)),
    ):
        made = caller.post(of(person), body)
        assert (made.status_code, made.json()["instrument"], made.json()["follow_up"]) == (201, *told)


def test_the_address_is_told_once(caller: Caller, person: Patient) -> None:
    made = caller.post(of(person), {"purpose": "preferences"}).json()
    listed = caller.get(of(person)).json()["results"]
    assert [each["id"] for each in listed] == [made["id"]]
    for told in (*listed, caller.get(f"/api/v1/links/{made['id']}/").json()):
        assert "address" not in told
        assert PatientLink.objects.get().handle not in str(told)
        assert told["wrong_tries"] == 0


def test_links_are_listed_with_what_became_of_them(caller: Caller, person: Patient, by: Actor) -> None:
    first, second = (given.to_preferences(person, by=by, now=clock.now()) for _ in range(2))
    caller.post(f"/api/v1/links/{first.public_id}/revoke/")
    states = {each["id"]: each["state"] for each in caller.get(of(person)).json()["results"]}
    assert states == {str(first.public_id): "revoked", str(second.public_id): "open"}


def test_a_revoked_link_opens_nothing(caller: Caller, person: Patient) -> None:
    made = caller.post(of(person), {"purpose": "preferences"}).json()
    at = f"/api/v1/links/{made['id']}/revoke/"
    for _ in range(2):
        done = caller.post(at)
        assert (done.status_code, done.json()["state"]) == (200, "revoked")
    assert Client().get(made["address"].removeprefix(given.BASE)).status_code == 410
    assert AuditEntry.objects.filter(action="link.revoke").count() == 1


def test_the_same_asking_with_one_key_is_one_link(caller: Caller, person: Patient) -> None:
    one, other = (caller.post(of(person), {"purpose": "preferences"}, Idempotency_Key="a-key") for _ in range(2))
    assert one.json() == other.json()
    assert PatientLink.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"purpose": "everything"},
        {"purpose": "appointment"},
        {"purpose": "questionnaire"},
        {"purpose": "questionnaire", "instrument": "cows"},
        {"purpose": "preferences", "more": 1},
    ],
)
def test_what_cannot_be_given_is_refused_with_its_fields(
    caller: Caller, person: Patient, body: dict[str, object]
) -> None:
    answer = caller.post(of(person), body)
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert not PatientLink.objects.exists()


def test_without_an_address_for_links_it_is_said(caller: Caller, person: Patient, settings: Any) -> None:
    settings.PATIENT_LINK_URL = ""
    answer = caller.post(of(person), {"purpose": "preferences"})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_link_address")


def test_people_of_another_site_have_no_links_here(person: Patient, place: Attendance, by: Actor) -> None:
    row = given.to_preferences(person, by=by)
    elsewhere = program(make.api_client(scopes=SCOPES, sites=[make.site()]))
    assert elsewhere.get(of(person)).status_code == 404
    assert elsewhere.post(of(person), {"purpose": "preferences"}).status_code == 404
    assert elsewhere.get(f"/api/v1/links/{row.public_id}/").status_code == 404
    assert elsewhere.post(f"/api/v1/links/{row.public_id}/revoke/").status_code == 404
    assert PatientLink.objects.get() == row
    assert PatientLink.objects.get().revoked_at is None


def test_a_link_to_somebody_elses_appointment_is_not_given(
    caller: Caller, person: Patient, place: Attendance, site: Site, by: Actor
) -> None:
    other = patients.patient(site, by=by)
    answer = caller.post(of(other), {"purpose": "appointment", "attendance": str(place.public_id)})
    assert answer.status_code == 404


def test_who_may_only_read_gives_no_links(site: Site, person: Patient) -> None:
    reading = program(make.api_client(scopes=["patients.read"], sites=[site]))
    assert reading.post(of(person), {"purpose": "preferences"}).status_code == 403
    assert reading.get(of(person)).status_code == 403
