"""Sessions over REST: listed by cursor, booked without a clash, moved with If-Match, documented, attended."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import sessions as verbs
from pathways.models import Attendance, Session
from patients.models import Patient
from tests.api.callers import Caller, program
from tests.factories import clinic as house
from tests.factories import pathways, patients
from tests.factories import sessions as make
from tests.factories.sessions import place_of

pytestmark = pytest.mark.django_db
SCOPES = ["sessions.read", "sessions.write"]
PATH = "/api/v1/sessions/"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(house.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def now() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def patient(site: Site, by: Actor, now: datetime) -> Patient:
    return patients.patient(site, by=by, now=now)


def body(site: Site, by: Actor, at: datetime, *people: Patient, **changed: Any) -> dict[str, Any]:
    return {
        "site": str(site.public_id),
        "modality": "individual-counseling",
        "starts_at": at.isoformat(),
        "leader": str(by.public_id),
        "people": [{"patient": str(each.public_id)} for each in people],
    } | changed


def pointers(answer: Any) -> set[str]:
    return {each["pointer"] for each in answer.json()["errors"]}


def begun(person: Patient, by: Actor, now: datetime) -> tuple[Session, Attendance]:
    """A session that began a minute ago."""
    row = make.individual(person, by=by, at=now - timedelta(minutes=1), now=now)
    return row, place_of(row, person)


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


def test_the_list_is_cut_by_site_day_leader_and_room(caller: Caller, site: Site, by: Actor, now: datetime) -> None:
    room, other = make.room(site), house.actor(sites=[site])
    noon = (now.astimezone(site.zone) + DAY).replace(hour=12, minute=0, second=0)
    late = make.group(site, by=by, at=noon + 11 * HOUR, now=now, room_id=room.public_id)
    theirs = make.group(site, by=by, leader=other, at=noon, now=now)
    after = make.group(site, by=by, at=noon + DAY, now=now)

    def listed(query: str) -> list[str]:
        answer = caller.get(f"{PATH}?{query}")
        assert answer.status_code == 200, answer.json()
        return [each["id"] for each in answer.json()["results"]]

    ids = {row.pk: str(row.public_id) for row in (late, theirs, after)}
    assert listed("") == [ids[theirs.pk], ids[late.pk], ids[after.pk]]
    assert listed(f"site={site.public_id}&on={noon.date()}") == [ids[theirs.pk], ids[late.pk]]
    assert listed(f"leader={other.public_id}") == [ids[theirs.pk]]
    assert listed(f"room={room.public_id}") == [ids[late.pk]]
    assert listed(f"since={(noon + HOUR).isoformat().replace('+', '%2B')}&status=booked&modality=group-therapy") == [
        ids[late.pk], ids[after.pk],
    ]  # fmt: skip
    assert listed("status=held") == []


def test_a_day_is_that_of_a_site_one_works_at(caller: Caller) -> None:
    alone = caller.get(f"{PATH}?on=2026-06-19")
    assert (alone.status_code, pointers(alone)) == (422, {"/site"})
    foreign = caller.get(f"{PATH}?on=2026-06-19&site={house.site().public_id}")
    assert (foreign.status_code, pointers(foreign)) == (422, {"/site"})


def test_the_list_goes_on_by_cursor_and_costs_the_same_with_fifty_sessions_as_with_five(
    caller: Caller, site: Site, by: Actor, now: datetime
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(f"{PATH}?page_size=200").status_code == 200
        return len(queries)

    for number in range(5):
        make.group(site, by=by, at=now + number * 2 * HOUR, now=now)
    few = cost()
    for number in range(5, 50):
        make.group(site, by=by, at=now + number * 2 * HOUR, now=now)
    assert cost() == few
    page = caller.get(f"{PATH}?page_size=20").json()
    seen = [each["id"] for each in page["results"]]
    while page.get("next"):
        page = caller.get(page["next"]).json()
        seen += [each["id"] for each in page["results"]]
    assert len(seen) == len(set(seen)) == 50


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


def test_a_series_is_booked_whole_or_in_part(caller: Caller, site: Site, by: Actor, now: datetime) -> None:
    start = (now.astimezone(site.zone) + 2 * DAY).replace(hour=10, minute=0, second=0)
    make.group(site, by=by, at=start + 7 * DAY, now=now)
    given = body(site, by, now, modality="group-therapy", weekdays=[start.weekday()], minutes=60) | {
        "starts_on": str(start.date()), "ends_on": str((start + 14 * DAY).date()), "starts_time": "10:30",
    }  # fmt: skip
    del given["starts_at"]
    address = "/api/v1/session-series/"
    refused = caller.post(address, given)
    assert (refused.status_code, len(refused.json()["clashes"])) == (409, 1)
    made = caller.post(address, given | {"those_that_fit": True})
    assert (made.status_code, len(made.json()["sessions"]), len(made.json()["left_out"])) == (201, 2, 1)
    assert by.name in made.json()["left_out"][0]["sentence"]
    for changed, pointer in (
        ({"weekdays": [9]}, "/weekdays"),
        ({"ends_on": "2140-01-01"}, "/ends_on"),
        ({"every_weeks": 0}, "/every_weeks"),
        ({"minutes": 10**9}, "/minutes"),
    ):
        answer = caller.post(address, given | changed)
        assert (answer.status_code, pointers(answer)) == (422, {pointer})


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


def test_the_modalities_say_what_counts(site: Site) -> None:
    reader = program(house.api_client(scopes=["programs.read"], sites=[site]))
    found = {each["key"]: each for each in reader.get("/api/v1/modalities/").json()["results"]}
    assert len(found) == 25
    assert (found["yoga"]["counts_toward_hours"], found["cbt"]["settings"][0]["minutes"]) == (False, 50)


def test_a_token_that_only_reads_books_nothing(site: Site, by: Actor, patient: Patient, now: datetime) -> None:
    reader = program(house.api_client(scopes=["sessions.read"], sites=[site]))
    assert reader.get(PATH).status_code == 200
    assert reader.post(PATH, body(site, by, now + DAY, patient)).status_code == 403


def test_rooms_are_listed_by_everybody_and_looked_after_by_administrators(
    caller: Caller, site: Site, by: Actor, now: datetime
) -> None:
    address = f"/api/v1/sites/{site.public_id}/rooms/"
    assert caller.post(address, {"name": "Willow", "seats": 9}).status_code == 403
    administrator = Caller(house.sign_in(Client(), house.staff(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])))
    made = administrator.post(address, {"name": "Willow", "seats": 9})
    assert made.status_code == 201, made.json()
    assert [each["name"] for each in caller.get(address).json()["results"]] == ["Willow"]
    room = made["Location"]
    assert administrator.put(room, {"name": "Oak", "seats": 0}, If_Match=made["ETag"]).status_code == 422
    changed = administrator.put(room, {"name": "Oak", "seats": 3}, If_Match=made["ETag"])
    assert (changed.status_code, changed.json()["seats"]) == (200, 3)
    make.individual(patients.patient(site, by=by, now=now), by=by, at=now + DAY, now=now, room_id=made.json()["id"])
    refused = administrator.post(f"{room}close/", If_Match=changed["ETag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "room_booked")
    assert caller.get(f"/api/v1/sites/{house.site().public_id}/rooms/").status_code == 404


# -- reminders before a session ----------------------------------------------------------------------------------------


def schedules_of(site: Site, key: str = "") -> str:
    return f"/api/v1/sites/{site.public_id}/reminder-schedules/{key}"


def test_a_schedule_is_set_changed_and_cleared_with_its_version(caller: Caller, site: Site) -> None:
    address = schedules_of(site, "cbt/")
    assert caller.get(address).status_code == 404
    made = caller.put(address, {"offsets": ["2h", "3d"]})
    assert (made.status_code, made.json()["offsets"], made["ETag"]) == (200, ["3d", "2h"], '"1"')
    assert caller.put(address, {"offsets": []}).status_code == 428
    assert caller.put(address, {"offsets": []}, If_Match='"7"').status_code == 412
    changed = caller.put(address, {"offsets": []}, If_Match='"1"')
    assert (changed.json()["offsets"], changed["ETag"]) == ([], '"2"')
    assert caller.get(schedules_of(site)).json()["results"] == [changed.json()]
    assert caller.send("delete", address, If_Match='"2"').status_code == 204
    assert caller.get(schedules_of(site)).json()["results"] == []


def test_every_other_modality_has_an_address_of_its_own(caller: Caller, site: Site) -> None:
    assert caller.put(schedules_of(site, "every-other/"), {"offsets": ["1d"]}).json()["modality"] == "every-other"


@pytest.mark.parametrize("offsets", [["tomorrow"], ["1d", "1d"], ["5m"], ["40d"], "1d", [1]])
def test_a_schedule_that_cannot_be_is_refused_by_field(caller: Caller, site: Site, offsets: Any) -> None:
    refused = caller.put(schedules_of(site, "cbt/"), {"offsets": offsets})
    assert refused.status_code == 422
    assert any(each["pointer"].startswith("/offsets") for each in refused.json()["errors"])


def test_a_schedule_of_another_site_or_of_no_modality_is_not_there(caller: Caller, site: Site) -> None:
    elsewhere = house.site()
    assert caller.get(schedules_of(elsewhere)).status_code == 404
    assert caller.put(schedules_of(elsewhere, "cbt/"), {"offsets": ["1d"]}).status_code == 404
    assert caller.put(schedules_of(site, "wine-tasting/"), {"offsets": ["1d"]}).status_code == 422


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


def test_reminders_of_a_place_are_listed_by_it(site: Site, by: Actor, now: datetime) -> None:
    reader = program(house.api_client(scopes=["follow_ups.read"], sites=[site]))
    who = patients.patient(site, by=by, now=now, contact_points=[patients.phone()])
    row = make.individual(who, by=by, at=now + 20 * DAY, now=now)
    place = place_of(row, who).public_id
    listed = reader.get(f"/api/v1/reminders/?attendance={place}").json()["results"]
    assert len(listed) == 4
    assert {(each["attendance"], each["follow_up"], each["status"]) for each in listed} == {
        (str(place), None, "planned")
    }  # fmt: skip
