"""Today over REST: the same lines, groups, reasons and filters; warnings, absences and views beside it."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.actions.absences import record_absence
from pathways.models import Enrollment, FollowUp, WarningNote
from pathways.rules.follow_ups import Outcome
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories import course, pathways, patients

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SCOPES = ["follow_ups.read", "follow_ups.write", "assessments.read"]
WORKLIST, WARNINGS = "/api/v1/worklist/", "/api/v1/warnings/"


@pytest.fixture
def by(site: Site) -> Actor:
    return make.actor(roles=[Role.SUPERVISOR, Role.COUNSELOR], sites=[site])


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(make.api_client(scopes=SCOPES, sites=[site]))


def person(site: Site, by: Actor, days: int = 3) -> Enrollment:
    began = clock.now() - days * DAY
    who = patients.patient(site, by=by, now=began, contact_points=[patients.phone()])
    return pathways.enrolled(who, by=by, site=site, now=began)


def contact(row: Enrollment) -> FollowUp:
    return row.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)


def staff(site: Site, role: Role) -> Caller:
    return Caller(make.sign_in(Client(), make.staff(roles=[role], sites=[site])))


def lines(caller: Caller, query: str = "") -> list[dict[str, object]]:
    answer = caller.get(f"{WORKLIST}?{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["lines"]


def craving(row: Enrollment, by: Actor, value: int = 9) -> None:
    at = clock.now() - timedelta(hours=1)
    course.recorded(row.patient, "craving_vas", {"craving_vas_1": value}, by=by, at=at)


def test_a_line_says_whose_it_is_today_and_who_is_away(caller: Caller, site: Site, by: Actor) -> None:
    row = contact(person(site, by))
    cover = make.actor(roles=[Role.NURSE], sites=[site])
    follow_ups.assign(by=by, now=clock.now(), follow_up_id=row.public_id, owner_id=by.public_id)
    today = clock.now().astimezone(site.zone).date()
    record_absence(by=by, now=clock.now(), cover_id=cover.public_id, starts_on=today, ends_on=today)
    (line,) = [each for each in lines(caller) if each["id"] == str(row.public_id)]
    assert line["owner"] == {"id": str(cover.public_id), "name": cover.name}
    assert line["instead_of"] == {"id": str(by.public_id), "name": by.name}
    assert (line["program"], line["title"]) == ("kratom-outpatient", row.title)


def test_filters_hold_together(caller: Caller, site: Site, by: Actor) -> None:
    row = contact(person(site, by))
    follow_ups.assign(by=by, now=clock.now(), follow_up_id=row.public_id, owner_id=by.public_id)
    assert [each["id"] for each in lines(caller, f"kind=message&owner={by.public_id}")] == [str(row.public_id)]
    assert lines(caller, f"kind=visit&owner={by.public_id}") == []
    assert str(row.public_id) not in [each["id"] for each in lines(caller, "owner=nobody")]
    everything = caller.get(WORKLIST).json()
    assert everything["numbers"]["site"] == len(everything["lines"])


@pytest.mark.parametrize("query", ["kind=song", "owner=Ada", "risk=none", "scope=all", "patient=1", "view=1"])
def test_a_filter_that_is_none_is_refused(caller: Caller, query: str) -> None:
    assert caller.get(f"{WORKLIST}?{query}").status_code == 422


def test_the_list_costs_as_much_with_many_lines_as_with_few(caller: Caller, site: Site, by: Actor) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            lines(caller)
        return len(queries)

    person(site, by)
    lines(caller)
    few = cost()
    for _ in range(5):
        person(site, by)
    assert cost() == few


def test_the_list_comes_page_by_page_in_its_order_with_the_sums_of_all(caller: Caller, site: Site, by: Actor) -> None:
    for _ in range(3):
        person(site, by)
    whole = caller.get(f"{WORKLIST}?page_size=200").json()
    ids = [(each["type"], each["id"]) for each in whole["lines"]]
    assert (len(ids) > 4, whole["next"], whole["previous"]) == (True, None, None)
    found, address = [], f"{WORKLIST}?page_size=2"
    while address:
        answer = caller.get(address)
        found.append(answer.json())
        address = found[-1]["next"]
    assert [(line["type"], line["id"]) for each in found for line in each["lines"]] == ids
    assert {sum(each["tally"].values()) for each in found} == {len(ids)}
    back = caller.get(found[-1]["previous"])
    assert back.json()["lines"] == found[-2]["lines"]
    assert 'rel="next"' in back["Link"]


def test_a_page_begins_after_the_last_line_though_it_is_done_meanwhile(caller: Caller, site: Site, by: Actor) -> None:
    for _ in range(2):
        person(site, by)
    ids = [each["id"] for each in lines(caller, "kind=message&page_size=200")]
    first = caller.get(f"{WORKLIST}?kind=message&page_size=1").json()
    follow_ups.close(by=by, now=clock.now(), follow_up_id=UUID(ids[0]), outcome=Outcome.KEPT)
    assert [each["id"] for each in caller.get(first["next"]).json()["lines"]] == [ids[1]]


def test_a_page_of_another_list_is_refused(caller: Caller, site: Site, by: Actor) -> None:
    for _ in range(2):
        person(site, by)
    after = caller.get(f"{WORKLIST}?page_size=1").json()["next"]
    assert caller.get(f"{after}&kind=call").status_code == 422
    assert caller.get(f"{WORKLIST}?page_size=0").status_code == 422


def test_a_saved_view_stands_for_its_filters(site: Site, by: Actor) -> None:
    row = contact(person(site, by))
    nurse = staff(site, Role.NURSE)
    body = {"page": "today", "name": "Calls", "filters": {"scope": "site", "kind": "message"}, "default": True}
    made = nurse.post("/api/v1/saved-views/", body)
    assert (made.status_code, made.json()["default"]) == (201, True)
    view = made.json()["id"]
    assert str(row.public_id) in [each["id"] for each in lines(nurse, f"view={view}")]
    assert nurse.get(f"{WORKLIST}?view={view}&kind=call").status_code == 422
    address = f"/api/v1/saved-views/{view}/"
    changed = {"name": "Calls of all", "filters": {"kind": "call"}, "shared": True}
    assert nurse.put(address, changed).status_code == 428
    again = nurse.put(address, changed, If_Match=made["ETag"])
    assert (again.status_code, again.json()["shared"], again.json()["default"]) == (200, True, False)
    assert [each["name"] for each in staff(site, Role.COUNSELOR).get("/api/v1/saved-views/").json()["results"]] == [
        "Calls of all"
    ]
    assert nurse.send("delete", address, If_Match=again["ETag"]).status_code == 204
    assert nurse.get(address).status_code == 404


def test_a_view_of_a_filter_there_is_not_points_at_it(site: Site) -> None:
    body = {"page": "today", "name": "x", "filters": {"patient": "y"}}
    refused = staff(site, Role.NURSE).post("/api/v1/saved-views/", body)
    assert refused.status_code == 422
    assert "filters" in refused.json()["errors"][0]["pointer"]


def test_views_are_a_persons_and_no_programs(caller: Caller) -> None:
    assert caller.get("/api/v1/saved-views/").status_code == 403


def test_warnings_say_their_reason_and_what_they_rest_on(caller: Caller, site: Site, by: Actor) -> None:
    row = person(site, by)
    craving(row, by)
    (warned,) = caller.get(WARNINGS).json()["people"]
    (warning,) = warned["warnings"]
    assert warned["patient"] == str(row.patient.public_id)
    assert warning["kind"] == "rising_craving"
    assert warning["reason"].startswith("Craving was 9 of 10")
    assert [each["type"] for each in warning["evidence"]] == ["assessment"]
    assert caller.get(f"/api/v1/patients/{row.patient.public_id}/warnings/").json() == warned
    assert "early_warning" in [each["type"] for each in lines(caller)]


def test_a_noted_warning_is_gone_and_cannot_be_noted_twice(caller: Caller, site: Site, by: Actor) -> None:
    row = person(site, by)
    craving(row, by)
    address = f"/api/v1/patients/{row.patient.public_id}/warning-notes/"
    (warning,) = caller.get(WARNINGS).json()["people"][0]["warnings"]
    body = {"warnings": [{"kind": warning["kind"], "key": warning["key"]}], "note": "Called."}
    assert caller.post(address, body).json()["warnings"] == []
    assert WarningNote.objects.get().note == "Called."
    again = caller.post(address, body)
    assert (again.status_code, again.json()["code"]) == (409, "warning_gone")
    assert caller.get(WARNINGS).json()["people"] == []


def test_what_assessments_said_needs_their_scope(site: Site, by: Actor) -> None:
    craving(person(site, by), by)
    without = program(make.api_client(scopes=["follow_ups.read"], sites=[site]))
    assert without.get(WARNINGS).json()["people"] == []
    assert "early_warning" not in [each["type"] for each in lines(without)]


def test_a_flag_tells_what_it_says_only_to_who_may_read_assessments(caller: Caller, site: Site, by: Actor) -> None:
    row = person(site, by)
    at = clock.now() - timedelta(minutes=5)
    patients.assessment(row.patient, "phq9", patients.phq9(0, 0, 0, 0, 0, 0, 0, 0, 2), by=by, at=at)
    without = program(make.api_client(scopes=["follow_ups.read"], sites=[site]))
    assert "self-harm" in str(lines(caller)[0]["why"])
    assert "self-harm" not in str(lines(without)[0])


def test_a_foreign_persons_warnings_look_like_none(caller: Caller) -> None:
    far = make.site()
    row = person(far, make.actor(roles=[Role.SUPERVISOR], sites=[far]))
    for part in ("warnings", "warning-notes"):
        address = f"/api/v1/patients/{row.patient.public_id}/{part}/"
        answer = caller.get(address) if part == "warnings" else caller.post(address, {"warnings": []})
        assert answer.status_code == 404


def test_an_absence_is_recorded_read_and_cancelled(caller: Caller, site: Site, by: Actor) -> None:
    cover, today = make.actor(roles=[Role.NURSE], sites=[site]), clock.now().astimezone(site.zone).date()
    body = {
        "actor": str(by.public_id), "cover": str(cover.public_id), "starts_on": today.isoformat(),
        "ends_on": (today + DAY).isoformat(),
    }  # fmt: skip
    made = caller.post("/api/v1/absences/", body)
    assert made.status_code == 201, made.content
    address = f"/api/v1/absences/{made.json()['id']}/"
    assert caller.get(address).json()["cover"]["id"] == str(cover.public_id)
    assert len(caller.get(f"/api/v1/absences/?on={today}").json()["results"]) == 1
    assert caller.post(f"{address}cancel/").status_code == 428
    assert caller.post(f"{address}cancel/", If_Match=made["ETag"]).json()["cancelled_at"] is not None
    assert caller.get(f"/api/v1/absences/?on={today}").json()["results"] == []


def test_an_absence_that_cannot_be_points_at_the_field(caller: Caller, site: Site, by: Actor) -> None:
    body = {"actor": str(by.public_id), "cover": str(by.public_id), "starts_on": "2020-01-02", "ends_on": "2020-01-01"}
    refused = caller.post("/api/v1/absences/", body)
    assert refused.status_code == 422
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/cover", "/ends_on"}


def test_several_are_given_away_in_one_call(caller: Caller, site: Site, by: Actor) -> None:
    rows = [contact(person(site, by)), contact(person(site, by))]
    follow_ups.assign(by=by, now=clock.now(), follow_up_id=rows[1].public_id, owner_id=by.public_id)
    body = {
        "follow_ups": [{"id": str(row.public_id), "version": row.version} for row in rows],
        "owner": str(by.public_id),
    }
    answer = caller.post("/api/v1/follow-ups/assign/", body).json()
    assert [each["id"] for each in answer["given"]] == [str(rows[0].public_id)]
    assert [each["id"] for each in answer["left"]] == [str(rows[1].public_id)]
    assert caller.post("/api/v1/follow-ups/assign/", {"follow_ups": [], "owner": None}).status_code == 422
