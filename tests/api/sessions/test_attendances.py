"""Who joins, comes, stays away or gives the place up, what is written of it, and for whom."""

from datetime import datetime, timedelta

import pytest

from clinic.models import Actor, Site
from pathways.actions import sessions as verbs
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.api.sessions.asking import PATH, begun, pointers
from tests.factories import clinic as house
from tests.factories import patients
from tests.factories import sessions as make
from tests.factories.sessions import DAY, place_of

pytestmark = pytest.mark.django_db


def test_somebody_joins_comes_and_is_written_about(caller: Caller, site: Site, by: Actor, now: datetime) -> None:
    one, two = (patients.patient(site, by=by, now=now) for _ in range(2))
    row = make.group(site, one, by=by, at=now - timedelta(minutes=1), now=now)
    joined = caller.post(f"{PATH}{row.public_id}/people/", {"patient": str(two.public_id)})
    assert (joined.status_code, joined.json()["taken"]) == (201, 2)
    here = {each["patient"]: each["id"] for each in joined.json()["attendances"]}
    place = here[str(one.public_id)]
    answer = caller.post(f"/api/v1/attendances/{place}/check-in/")
    assert (answer.status_code, answer.json()["status"]) == (200, "checked_in")
    assert caller.post(f"/api/v1/attendances/{place}/undo-check-in/").json()["status"] == "booked"
    came = [{"attendance": place, "minutes": 80, "note": "Listened."}]
    told = {"came": came, "missed": [{"attendance": here[str(two.public_id)], "note": "Ill."}], "note": "Sleep."}
    etag = caller.get(f"{PATH}{row.public_id}/")["ETag"]
    assert caller.post(f"{PATH}{row.public_id}/document/", told).status_code == 428
    done = caller.post(f"{PATH}{row.public_id}/document/", told, If_Match=etag)
    assert (done.status_code, done.json()["status"]) == (200, "held")
    assert {each["patient"]: (each["status"], each["minutes"]) for each in done.json()["attendances"]} == {
        str(one.public_id): ("attended", 80), str(two.public_id): ("no_show", 0),
    }  # fmt: skip
    wrong = told | {"reason": "Longer.", "came": [{"attendance": place, "minutes": 9000}]}
    refused = caller.post(f"{PATH}{row.public_id}/amend/", wrong, If_Match=done["ETag"])
    assert pointers(refused) == {"/came/0/minutes"}
    right = wrong | {"came": [{"attendance": place, "minutes": 85}]}
    assert caller.post(f"{PATH}{row.public_id}/amend/", right, If_Match=done["ETag"]).status_code == 200
    both = right | {"missed": [{"attendance": place, "note": "x"}]}
    assert caller.post(f"{PATH}{row.public_id}/amend/", both, If_Match='"9"').status_code == 412


def test_what_was_written_is_for_those_who_read_findings(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    row, place = begun(patient, by, now)
    line = verbs.Came(place.public_id, 50, "Night shift.")
    verbs.document(by=by, now=now, session_id=row.public_id, came=[line], note="Cravings.")
    verbs.amend(by=by, now=now, session_id=row.public_id, came=[line], note="Cravings, sleep.", reason="More said.")
    read = caller.get(f"{PATH}{row.public_id}/").json()
    assert (read["note"], read["amendments"], read["attendances"][0]["note"]) == (None, [], None)
    listed = caller.get(f"/api/v1/patients/{patient.public_id}/attendance/").json()["results"]
    assert [(each["minutes"], each["note"]) for each in listed] == [(50, None)]
    reader = program(house.api_client(scopes=["sessions.read", "assessments.read"], sites=[site]))
    full = reader.get(f"{PATH}{row.public_id}/").json()
    assert (full["note"], full["attendances"][0]["note"]) == ("Cravings, sleep.", "Night shift.")
    assert [(each["reason"], each["note"]) for each in full["amendments"]] == [("More said.", "Cravings.")]


def test_somebody_who_did_not_come_or_gave_the_place_up(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    _, place = begun(patient, by, now)
    gone = caller.post(f"/api/v1/attendances/{place.public_id}/no-show/")
    assert gone.json()["status"] == "no_show"
    row = make.group(site, patient, by=by, at=now + DAY, now=now)
    off = caller.post(
        f"/api/v1/attendances/{place_of(row, patient).public_id}/cancel/", {"wish": "patient", "note": "Work."}
    )
    assert (off.json()["status"], off.json()["taken"]) == ("booked", 0)
    assert off.json()["attendances"][0]["cancellation_note"] == "Work."


def test_attendance_of_a_person_is_listed_and_summed_by_week(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    row, place = begun(patient, by, now)
    verbs.document(by=by, now=now, session_id=row.public_id, came=[verbs.Came(place.public_id, 45)])
    later = make.group(site, patient, by=by, at=now + 21 * DAY, now=now)
    address = f"/api/v1/patients/{patient.public_id}/attendance/"
    listed = caller.get(address).json()["results"]
    assert [each["session"] for each in listed] == [str(later.public_id), str(row.public_id)]
    assert [each["minutes"] for each in caller.get(f"{address}?status=attended").json()["results"]] == [45]
    assert caller.get(f"{address}?modality=yoga").json()["results"] == []
    weeks = caller.get(f"/api/v1/patients/{patient.public_id}/attendance-weeks/").json()
    assert (weeks["weeks"][-1]["minutes"], weeks["weeks"][-1]["state"], weeks["review"]) == (45, "under_way", None)


def test_who_says_they_will_come_is_told_with_how_and_taken_back(
    caller: Caller, site: Site, by: Actor, patient: Patient, now: datetime
) -> None:
    row = make.individual(patient, by=by, at=now + 3 * DAY, now=now)
    place = f"/api/v1/attendances/{place_of(row, patient).public_id}"
    told = caller.post(f"{place}/confirm/").json()["attendances"][0]
    assert told["confirmed_at"] is not None
    assert told["confirmed_how"] == "program"
    undone = caller.post(f"{place}/undo-confirm/").json()["attendances"][0]
    assert (undone["confirmed_at"], undone["confirmed_how"]) == (None, None)
