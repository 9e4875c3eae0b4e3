"""Follow-ups, reminders and today's list over REST: the same verbs, with versions."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic import clock
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions import follow_ups
from pathways.models import CallResult, FollowUp
from pathways.rules.follow_ups import CallResult as Result
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories import pathways, patients
from tests.factories.delivery import due_now

pytestmark = pytest.mark.django_db
SCOPES = ["follow_ups.read", "follow_ups.write"]
PATH = "/api/v1/follow-ups/"


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(make.api_client(scopes=SCOPES, sites=[site]))


def _row(site: Site, by: Actor, days: int = 3) -> FollowUp:
    """The first daily contact of somebody who joined some days ago."""
    began = clock.now() - timedelta(days=days)
    patient = patients.patient(site, by=by, now=began, contact_points=[patients.phone()])
    enrolled = pathways.enrolled(patient, by=by, site=site, now=began)
    return enrolled.follow_ups.get(rule_key="stabilization-daily-contact", occurrence=1)


def _staff(site: Site, role: Role) -> Caller:
    return Caller(make.sign_in(Client(), make.staff(roles=[role], sites=[site])))


def test_the_list_is_cut_by_its_filters(caller: Caller, site: Site, by: Actor) -> None:
    row = _row(site, by)
    everything = caller.get(PATH).json()["results"]
    assert [each["due_at"] for each in everything] == sorted(each["due_at"] for each in everything)
    late = caller.get(f"{PATH}?overdue=true").json()["results"]
    assert late
    assert all(each["overdue"] for each in late)
    assert [each["id"] for each in late] == [each["id"] for each in everything if each["overdue"]]
    assert len(caller.get(f"{PATH}?overdue=false").json()["results"]) == len(everything) - len(late)
    assert caller.get(f"{PATH}?open=false").json()["results"] == []
    assert len(caller.get(f"{PATH}?patient={row.patient.public_id}").json()["results"]) == len(everything)
    assert caller.get(f"{PATH}?site={make.site().public_id}").json()["results"] == []


@pytest.mark.parametrize("query", ["open=yes", "site=1", "name=Ada", "overdue=1&overdue=2"])
def test_a_filter_that_is_none_is_refused(caller: Caller, query: str) -> None:
    assert caller.get(f"{PATH}?{query}").status_code == 422


def test_the_list_costs_as_much_with_many_rows_as_with_few(caller: Caller, site: Site, by: Actor) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(PATH).status_code == 200
        return len(queries)

    _row(site, by)
    few = cost()
    for _ in range(4):
        _row(site, by)
    assert cost() == few


def test_a_call_result_needs_the_version_that_was_seen(caller: Caller, site: Site, by: Actor) -> None:
    row = _row(site, by)
    address = f"{PATH}{row.public_id}/call-results/"
    body = {"result": "reached", "note": "doing well"}
    assert caller.post(address, body).status_code == 428
    assert caller.post(address, body, If_Match='"9"').status_code == 412
    seen = caller.get(f"{PATH}{row.public_id}/")
    saved = caller.post(address, body, If_Match=seen["ETag"])
    assert saved.status_code == 201
    assert saved["ETag"] != seen["ETag"]
    assert (saved.json()["outcome"], saved.json()["call_results"][0]["note"]) == ("reached", "doing well")
    again = caller.post(address, body, If_Match=saved["ETag"])
    assert (again.status_code, again.json()["code"]) == (409, "follow_up_closed")


def test_a_call_result_sent_twice_with_one_key_is_recorded_once(caller: Caller, site: Site, by: Actor) -> None:
    row = _row(site, by)
    address, said = f"{PATH}{row.public_id}/call-results/", {"If_Match": '"1"', "Idempotency_Key": "k-1"}
    first = caller.post(address, {"result": "no_answer"}, **said)
    second = caller.post(address, {"result": "no_answer"}, **said)
    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert CallResult.objects.filter(follow_up=row).count() == 1


def test_a_call_can_be_taken_back(caller: Caller, site: Site, by: Actor) -> None:
    row = _row(site, by)
    saved = caller.post(f"{PATH}{row.public_id}/call-results/", {"result": "reached"}, If_Match='"1"').json()
    undone = caller.post(f"/api/v1/call-results/{saved['call_results'][0]['id']}/undo/")
    assert (undone.status_code, undone.json()["outcome"]) == (200, None)


def test_it_moves_is_given_away_and_ends(caller: Caller, site: Site, by: Actor) -> None:
    row = _row(site, by)
    on = (clock.now() + timedelta(days=5)).date().isoformat()
    moved = caller.post(f"{PATH}{row.public_id}/reschedule/", {"on": on, "at": "11:30"}, If_Match='"1"')
    assert (moved.json()["due_on"], moved.json()["due_time"]) == (on, "11:30")
    given = caller.post(f"{PATH}{row.public_id}/assign/", {"owner": str(by.public_id)}, If_Match=moved["ETag"])
    assert given.json()["owner"]["id"] == str(by.public_id)
    given_up = {"outcome": "unreachable", "note": "No answer."}
    refused = caller.post(f"{PATH}{row.public_id}/close/", given_up, If_Match=given["ETag"])
    assert (refused.status_code, refused.json()["code"]) == (409, "outcome_not_allowed")
    silent = caller.post(f"{PATH}{row.public_id}/close/", {"outcome": "cancelled"}, If_Match=given["ETag"])
    assert silent.status_code == 422
    assert silent.json()["errors"][0]["pointer"] == "/note"
    ended = caller.post(
        f"{PATH}{row.public_id}/close/", {"outcome": "cancelled", "note": "Moved away."}, If_Match=given["ETag"]
    )
    assert ended.json()["outcome"] == "cancelled"


@pytest.mark.parametrize(
    ("door", "body"),
    [
        ("call-results", {"result": "shouted"}),
        ("call-results", {"result": "reached", "notes": "x"}),
        ("reschedule", {"on": "soon"}),
        ("assign", {}),
        ("close", {"outcome": "kept", "note": "x" * 301}),
    ],
)
def test_a_body_that_is_none_is_refused(caller: Caller, site: Site, by: Actor, door: str, body: object) -> None:
    row = _row(site, by)
    assert caller.post(f"{PATH}{row.public_id}/{door}/", body, If_Match='"1"').status_code == 422


def test_a_foreign_follow_up_looks_like_none(caller: Caller) -> None:
    far = make.site()
    row = _row(far, make.actor(roles=[Role.SUPERVISOR], sites=[far]))
    assert caller.get(PATH).json()["results"] == []
    assert caller.get(f"{PATH}{row.public_id}/").status_code == 404
    assert caller.post(f"{PATH}{row.public_id}/close/", {"outcome": "kept"}, If_Match='"1"').status_code == 404


def test_who_may_only_read_cannot_write(site: Site, by: Actor) -> None:
    row = _row(site, by)
    reader = program(make.api_client(scopes=["follow_ups.read"], sites=[site]))
    assert reader.get(f"{PATH}{row.public_id}/").status_code == 200
    assert reader.post(f"{PATH}{row.public_id}/close/", {"outcome": "kept"}, If_Match='"1"').status_code == 403


def test_todays_list_says_what_is_owed_in_its_order(caller: Caller, site: Site, by: Actor) -> None:
    row = _row(site, by)
    patients.assessment(
        row.patient, "phq9", patients.phq9(0, 0, 0, 0, 0, 0, 0, 0, 2), by=by, at=clock.now() - timedelta(minutes=5)
    )
    owed = caller.get("/api/v1/worklist/?scope=site").json()
    assert (owed["site"], owed["scope"]) == (str(site.public_id), "site")
    assert owed["lines"][0]["type"] == "safety_flag"
    assert sum(owed["tally"].values()) == len(owed["lines"])
    assert str(row.public_id) in [line["id"] for line in owed["lines"]]
    assert caller.get(f"/api/v1/worklist/?site={make.site().public_id}").status_code == 404


def test_what_was_said_on_a_call_is_read_by_its_author_and_by_who_reads_assessments(site: Site, by: Actor) -> None:
    row = _row(site, by)
    follow_ups.record_call(
        by=by, now=clock.now(), follow_up_id=row.public_id, result=Result.REACHED, note="Slept badly"
    )  # fmt: skip
    desk, nurse = _staff(site, Role.FRONT_DESK), _staff(site, Role.NURSE)
    hidden, told = (each.get(f"{PATH}{row.public_id}/").json() for each in (desk, nurse))
    assert (hidden["outcome_note"], hidden["call_results"][0]["note"]) == (None, None)
    assert (hidden["outcome"], told["call_results"][0]["note"]) == ("reached", "Slept badly")
    for page in (f"/follow-ups/{row.public_id}/", f"/patients/{row.patient.public_id}/chart/?tab=timeline"):
        assert "Slept badly" not in desk.get(page).content.decode()
        assert "Slept badly" in nurse.get(page).content.decode()


def test_a_reminder_tells_what_was_sent_and_to_whom(caller: Caller, settings, tmp_path, site: Site, by: Actor) -> None:
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    reminder = due_now(patients.phone())
    here = program(make.api_client(scopes=SCOPES, sites=[reminder.follow_up.site]))
    planned = here.get(f"/api/v1/reminders/?follow_up={reminder.follow_up.public_id}").json()["results"]
    assert [each["status"] for each in planned] == ["planned"]
    tasks.deliver_due_reminders()
    told = here.get(f"/api/v1/reminders/{reminder.public_id}/").json()
    assert (told["status"], told["attempts"][0]["address"]) == ("delivered", "+14155550132")
    assert here.get("/api/v1/reminders/?status=planned&channel=sms").json()["results"] == []
    assert caller.get(f"/api/v1/reminders/{reminder.public_id}/").status_code == 404


def test_only_a_person_says_what_became_of_a_message(site: Site) -> None:
    reminder = due_now(patients.phone())
    address = f"/api/v1/reminders/{reminder.public_id}/decide/"
    here = program(make.api_client(scopes=SCOPES, sites=[reminder.follow_up.site]))
    assert here.post(address, {"arrived": True}).status_code == 403
    nurse = _staff(reminder.follow_up.site, Role.NURSE)
    certain = nurse.post(address, {"arrived": True})
    assert (certain.status_code, certain.json()["code"]) == (409, "reminder_not_uncertain")
    assert nurse.post(address, {"arrived": "yes"}).status_code == 422
