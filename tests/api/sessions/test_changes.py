"""A session is moved or cancelled only as it was seen."""

from datetime import datetime

import pytest

from clinic.models import Actor, Site
from patients.models import Patient
from tests.api.callers import Caller
from tests.api.sessions.asking import PATH, body, pointers
from tests.factories.sessions import DAY

pytestmark = pytest.mark.django_db


def test_a_session_moves_only_as_it_was_seen(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    made = caller.post(PATH, body(site, by, now + DAY, patient, title="First talk"))
    address = f"{made['Location']}move/"
    given = {"starts_at": (now + 2 * DAY).isoformat(), "minutes": 30}
    assert caller.post(address, given).status_code == 428
    assert caller.post(address, given, If_Match='"9"').status_code == 412
    moved = caller.post(address, given, If_Match=made["ETag"])
    assert (moved.status_code, moved.json()["plan_version"], moved.json()["title"]) == (200, 2, "First talk")
    assert moved.json()["attendances"][0]["starts_at"] == moved.json()["starts_at"]
    assert moved["ETag"] != made["ETag"]
    nobody = caller.post(address, {"leader": None}, If_Match=moved["ETag"])
    assert pointers(nobody) == {"/leader"}


def test_a_session_is_cancelled_and_stays_so(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    made = caller.post(PATH, body(site, by, now + DAY, patient))
    gone = caller.post(f"{made['Location']}cancel/", {"wish": "patient", "note": "Ill."}, If_Match=made["ETag"])
    assert (gone.json()["status"], gone.json()["cancelled_for"]) == ("cancelled", "patient")
    assert gone.json()["attendances"][0]["status"] == "cancelled_by_patient"
    again = caller.post(f"{made['Location']}cancel/", {"wish": "clinic"}, If_Match=gone["ETag"])
    assert (again.status_code, again.json()["code"]) == (409, "session_closed")
