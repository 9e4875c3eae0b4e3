"""Meetings of mutual help are put down and taken back, and their notes read by who may."""

from datetime import datetime

import pytest
from django.test import Client

from clinic.models import Site
from clinic.rules.roles import Role
from patients.models import Patient
from tests.api.callers import Caller
from tests.api.sessions.asking import pointers
from tests.factories import clinic as house
from tests.factories.sessions import DAY

pytestmark = pytest.mark.django_db


def test_meetings_are_put_down_and_taken_back(caller: Caller, patient: Patient, now: datetime) -> None:
    address = f"/api/v1/patients/{patient.public_id}/mutual-help/"
    today = now.astimezone(patient.zone).date()
    future = caller.post(address, {"kind": "twelve_step", "attended_on": str(today + 3 * DAY)})
    assert pointers(future) == {"/attended_on"}
    made = caller.post(address, {"kind": "twelve_step", "attended_on": str(today), "minutes": 60})
    assert made.status_code == 201, made.json()
    back = caller.post(f"/api/v1/mutual-help/{made.json()['id']}/retract/")
    assert back.json()["retracted_at"] is not None
    assert [each["kind"] for each in caller.get(address).json()["results"]] == ["twelve_step"]


def test_the_note_of_a_meeting_is_read_by_who_wrote_it_and_who_reads_assessments(
    caller: Caller, site: Site, patient: Patient, now: datetime
) -> None:
    address = f"/api/v1/patients/{patient.public_id}/mutual-help/"
    today = str(now.astimezone(patient.zone).date())
    made = caller.post(address, {"kind": "twelve_step", "attended_on": today, "note": "CANARY shared a relapse"})
    assert made.json()["note"] == "CANARY shared a relapse"
    told = {}
    for role in (Role.FRONT_DESK, Role.NURSE):
        reader = Caller(house.sign_in(Client(), house.staff(roles=[role], sites=[site])))
        told[role] = reader.get(address).json()["results"][0]["note"]
    assert told == {Role.FRONT_DESK: None, Role.NURSE: "CANARY shared a relapse"}
