"""Replies over REST: the same verbs, with versions."""

import pytest

from clinic.models import Actor, Site
from pathways.models import Reminder
from tests.api.callers import Caller, program
from tests.factories import clinic as make
from tests.factories.replies import reminded, somebody, two, wrote

pytestmark = pytest.mark.django_db


@pytest.fixture
def caller(site: Site) -> Caller:
    return program(make.api_client(scopes=["replies.read", "replies.write"], sites=[site]))


def test_replies_are_listed_with_what_they_did(caller: Caller, site: Site, by: Actor) -> None:
    person = somebody(site, by)
    place = reminded(person, by)
    wrote("C")
    wrote("Where do I park?")
    newest, oldest = caller.get("/api/v1/replies/").json()["results"]
    assert (oldest["intent"], oldest["effect"], oldest["attendance"]) == ("confirm", "confirmed", str(place.public_id))
    assert (newest["text"], newest["needs_person"], newest["patient"]) == (
        "Where do I park?",
        True,
        str(person.public_id),
    )
    for query, texts in (("waiting=true", ["Where do I park?"]), ("waiting=false", ["C"]), ("intent=confirm", ["C"])):
        assert [each["text"] for each in caller.get(f"/api/v1/replies/?{query}").json()["results"]] == texts


def test_one_is_seen_to_with_the_version_that_was_read(caller: Caller, site: Site, by: Actor) -> None:
    somebody(site, by)
    at = f"/api/v1/replies/{wrote('Call me').public_id}/"
    tag = caller.get(at)["ETag"]
    assert caller.post(f"{at}handle/", {"handling": "called"}).status_code == 428
    done = caller.post(f"{at}handle/", {"handling": "called", "note": "Rang."}, If_Match=tag)
    assert (done.status_code, done.json()["handling"], done.json()["handling_note"]) == (200, "called", "Rang.")
    assert caller.post(f"{at}handle/", {"handling": "called"}, If_Match=tag).status_code == 412
    again = caller.post(f"{at}handle/", {"handling": "called"}, If_Match=done["ETag"])
    assert (again.status_code, again.json()["code"]) == (409, "reply_handled")


@pytest.mark.parametrize("body", [{}, {"handling": "asked_to_call"}, {"handling": "x"}, {"handling": "called", "a": 1}])
def test_what_cannot_be_is_refused(caller: Caller, site: Site, by: Actor, body: dict[str, object]) -> None:
    somebody(site, by)
    at = f"/api/v1/replies/{wrote('Call me').public_id}/"
    assert caller.post(f"{at}handle/", body, If_Match=caller.get(at)["ETag"]).status_code == 422


def test_it_can_be_said_who_wrote(caller: Caller, site: Site, by: Actor) -> None:
    first, second = two(site, by)
    reminded(first, by)
    reminded(second, by)
    at = f"/api/v1/replies/{wrote('yes').public_id}/"
    assert caller.get(at).json()["patient"] is None
    told = caller.post(f"{at}assign/", {"patient": str(first.public_id)}, If_Match=caller.get(at)["ETag"]).json()
    assert (told["patient"], told["effect"]) == (str(first.public_id), "confirmed")


def test_another_sites_reply_is_not_there_and_reading_is_not_working(site: Site, by: Actor) -> None:
    somebody(site, by)
    at = f"/api/v1/replies/{wrote('Call me').public_id}/"
    elsewhere = program(make.api_client(scopes=["replies.read"], sites=[make.site()]))
    assert elsewhere.get(at).status_code == 404
    reading = program(make.api_client(scopes=["replies.read"], sites=[site]))
    assert reading.post(f"{at}handle/", {"handling": "called"}, If_Match='"1"').status_code == 403


def test_they_are_asked_to_call_and_that_is_what_was_done(caller: Caller, site: Site, by: Actor) -> None:
    somebody(site, by)
    at = f"/api/v1/replies/{wrote('Call me').public_id}/"
    tag = caller.get(at)["ETag"]
    assert caller.post(f"{at}ask-to-call/", {}).status_code == 428
    done = caller.post(f"{at}ask-to-call/", {"note": "About Friday."}, If_Match=tag)
    assert (done.status_code, done.json()["handling"]) == (200, "asked_to_call")
    assert Reminder.objects.filter(reply__public_id=done.json()["id"], template="reply.please_call").count() == 1
    again = caller.post(f"{at}ask-to-call/", {}, If_Match=done["ETag"])
    assert (again.status_code, again.json()["code"]) == (409, "reply_handled")
