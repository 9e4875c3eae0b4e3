"""A booking is made once and without a clash, and what cannot be booked is pointed at."""

from datetime import datetime
from typing import Any

import pytest

from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.models import Session
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.api.sessions.asking import PATH, body, pointers
from tests.factories import clinic as house
from tests.factories import pathways, patients
from tests.factories import sessions as make
from tests.factories.sessions import DAY, place_of

pytestmark = pytest.mark.django_db


def test_a_session_is_booked_and_read(caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime) -> None:
    enrolled = pathways.enrolled(patient, by=by, site=site, now=now)
    made = caller.post(PATH, body(site, by, now + DAY, patient))
    assert made.status_code == 201, made.json()
    found = made.json()
    assert made["Location"] == f"{PATH}{found['id']}/"
    assert (found["kind"], found["status"], found["taken"], found["capacity"]) == ("individual", "booked", 1, 1)
    assert found["leader"] == {"id": str(by.public_id), "name": by.name}
    assert [(each["patient"], each["enrollment"], each["status"]) for each in found["attendances"]] == [
        (str(patient.public_id), str(enrolled.public_id), "booked")
    ]
    read = caller.get(made["Location"])
    assert (read.json(), read["ETag"]) == (found, made["ETag"])
    entry = AuditEntry.objects.filter(action="read.api_session").latest("id")
    assert entry.patient_ids == [patient.public_id]


def test_a_booking_sent_twice_with_one_key_is_made_once(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    given = body(site, by, now + DAY, patient)
    first = caller.post(PATH, given, Idempotency_Key="b-1")
    second = caller.post(PATH, given, Idempotency_Key="b-1")
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert Session.objects.count() == 1


def test_who_is_taken_is_said_with_pointers_and_times(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    caller.post(PATH, body(site, by, now + DAY, patient))
    answer = caller.post(PATH, body(site, by, now + DAY, patient))
    assert (answer.status_code, answer.json()["code"]) == (409, "session_clash")
    assert pointers(answer) == {"/leader", "/people"}
    assert {each["kind"] for each in answer.json()["clashes"]} == {"leader", "patient"}
    assert by.name in answer.json()["detail"]


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"modality": "horoscopes"}, "/modality"),
        ({"kind": "group"}, "/kind"),
        ({"kind": "crowd"}, "/kind"),
        ({"minutes": 2}, "/minutes"),
        ({"minutes": "50"}, "/minutes"),
        ({"starts_at": "2026-06-19T14:00:00"}, "/starts_at"),
        ({"starts_at": "2149-06-19T14:00:00Z"}, "/starts_at"),
        ({"leader": "00000000-0000-0000-0000-000000000007"}, "/leader"),
        ({"leader": None}, "/leader"),
        ({"room": "00000000-0000-0000-0000-000000000007"}, "/room"),
        ({"people": []}, "/people"),
        ({"people": [{"patient": "x"}]}, "/people/0/patient"),
        ({"capacity": 2}, "/capacity"),
        ({"title": "x" * 121}, "/title"),
        ({"notes": "x"}, "/notes"),
    ],
)
def test_what_cannot_be_booked_is_pointed_at(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime, changed: dict[str, Any], pointer: str
) -> None:
    answer = caller.post(PATH, body(site, by, now + DAY, patient, **changed))
    assert answer.status_code == 422
    assert pointer in pointers(answer)


def test_what_is_foreign_is_not_found(caller: Caller, site: Site, by: Actor, now: datetime) -> None:
    foreign = patients.patient(house.site(), now=now)
    assert caller.post(PATH, body(site, by, now + DAY, foreign)).status_code == 404
    other = house.site()
    stranger = house.actor(roles=[Role.SUPERVISOR], sites=[other])
    person = patients.patient(other, by=stranger, now=now)
    assert caller.post(PATH, body(other, stranger, now + DAY, person)).status_code == 404
    row = make.individual(person, by=stranger, at=now + DAY, now=now)
    place = place_of(row, person).public_id
    assert caller.get(f"{PATH}{row.public_id}/").status_code == 404
    assert caller.get(f"/api/v1/patients/{person.public_id}/attendance/").status_code == 404
    assert caller.get(f"/api/v1/patients/{person.public_id}/mutual-help/").status_code == 404
    for door in ("check-in", "undo-check-in", "no-show"):
        assert caller.post(f"/api/v1/attendances/{place}/{door}/").status_code == 404
    for door, given in (("move", {}), ("cancel", {"wish": "clinic"}), ("document", {"came": []})):
        assert caller.post(f"{PATH}{row.public_id}/{door}/", given, If_Match='"1"').status_code == 404


def test_a_token_that_only_reads_books_nothing(site: Site, by: Actor, patient: Patient, now: datetime) -> None:
    reader = program(house.api_client(scopes=["sessions.read"], sites=[site]))
    assert reader.get(PATH).status_code == 200
    assert reader.post(PATH, body(site, by, now + DAY, patient)).status_code == 403
