"""The words of messages over REST."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from clinic.models import Site
from clinic.rules.roles import Role
from pathways.models import MessageTemplate
from tests.api.callers import Caller, program
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db
ONE = "/api/v1/templates/follow_up.check_in/sms/en/"
OURS = "{discreet_name}: how are you? Call {phone}. Reply STOP to opt out."


@pytest.fixture
def person(site: Site) -> Caller:
    return Caller(make.sign_in(Client(), make.staff(roles=[Role.SUPERVISOR], sites=[site])))


@pytest.fixture
def reader(site: Site) -> Caller:
    return program(make.api_client(scopes=["templates.read"], sites=[site]))


def at(site: Site, address: str = ONE) -> str:
    return f"{address}?site={site.public_id}"


def tag(caller: Caller, address: str) -> dict[str, str]:
    return {"If_Match": caller.get(address)["ETag"]}


def test_a_program_reads_what_is_in_force(reader: Caller, person: Caller, site: Site) -> None:
    found = reader.get(at(site, "/api/v1/templates/")).json()["templates"]
    assert {(each["level"], each["number"]) for each in found} == {("shipped", None)}
    written = person.put(at(site), {"text": OURS}, **tag(person, at(site)))
    assert written.status_code == 200, written.json()
    assert (written.json()["level"], written.json()["text"], written.json()["number"]) == ("site", OURS, 1)
    assert reader.get(at(site)).json() == written.json()
    assert reader.get(ONE).json()["level"] == "shipped"


def test_a_program_changes_no_words(reader: Caller, site: Site) -> None:
    assert reader.put(at(site), {"text": OURS}, If_Match='"1"').status_code == 403
    assert reader.send("delete", at(site), If_Match='"1"').status_code == 403
    assert reader.post(at(site, f"{ONE}trials/"), {"text": OURS}).status_code == 403


def test_a_change_names_the_version_it_was_made_from(person: Caller, site: Site) -> None:
    assert person.put(at(site), {"text": OURS}).status_code == 428
    seen = tag(person, at(site))
    assert person.put(at(site), {"text": OURS}, **seen).status_code == 200
    assert person.put(at(site), {"text": OURS + " Bye"}, **seen).status_code == 412
    assert person.put(at(site), {"text": OURS}, **tag(person, at(site))).status_code == 409
    gone = person.send("delete", at(site), **tag(person, at(site)))
    assert (gone.status_code, gone.json()["level"]) == (200, "shipped")
    rows = person.get(at(site, f"{ONE}versions/")).json()["results"]
    assert [(each["number"], each["retired_at"] is None) for each in rows] == [(1, False)]


def test_words_that_may_not_be_sent_are_refused_with_every_problem(person: Caller, site: Site) -> None:
    answer = person.put(at(site), {"text": "Your d.r.u.g test"}, **tag(person, at(site)))
    assert answer.status_code == 422
    told = answer.json()
    assert told["code"] == "template_problems"
    assert [each["code"] for each in told["problems"]][:1] == ["message.word"]
    assert told["errors"][0]["pointer"] == "/text"
    assert not MessageTemplate.objects.exists()


def test_words_are_checked_without_being_kept(reader: Caller) -> None:
    told = reader.post(f"{ONE}check/", {"text": OURS}).json()
    assert told["problems"] == []
    assert told["length"]["used"] < told["length"]["limit"] == 160
    wrong = reader.post(f"{ONE}check/", {"text": "{why}"}).json()
    assert "message.field.unknown" in [each["code"] for each in wrong["problems"]]
    assert wrong["length"] is None
    mail = "/api/v1/templates/follow_up.check_in/email/en/check/"
    assert reader.post(mail, {"text": "{phone} {discreet_name}", "subject": "A note"}).json() == {
        "problems": [], "length": None,
    }  # fmt: skip


def test_a_message_to_oneself_is_put_in_line_and_told_about(person: Caller, site: Site) -> None:
    mail = at(site, "/api/v1/templates/follow_up.check_in/email/en/trials/")
    made = person.post(mail, {"text": "{phone} {discreet_name}", "subject": "A note"})
    assert (made.status_code, made.json()["status"]) == (201, "planned")
    assert person.get(made["Location"]).json()["id"] == made.json()["id"]
    other = Caller(make.sign_in(Client(), make.staff(roles=[Role.SUPERVISOR], sites=[site])))
    assert other.get(made["Location"]).status_code == 404


@pytest.mark.parametrize("address", ["nothing/sms/en/", "follow_up.check_in/fax/en/", "follow_up.check_in/sms/fr/"])
def test_a_message_that_is_none_is_not_found(person: Caller, address: str) -> None:
    assert person.get(f"/api/v1/templates/{address}").status_code == 404
    assert person.get(f"/api/v1/templates/{address}versions/").status_code == 404


def test_a_foreign_site_is_not_found(person: Caller, reader: Caller) -> None:
    for foreign in (make.site().public_id, uuid4()):
        for caller in (person, reader):
            assert caller.get(f"{ONE}?site={foreign}").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/text"), ({"text": 1}, "/text"), ({"text": OURS, "words": ""}, "/words"), ({"text": "a\x00"}, "/text")],
)
def test_a_body_that_is_none_is_refused_with_its_place(
    person: Caller, site: Site, body: dict[str, Any], pointer: str
) -> None:
    answer = person.put(at(site), body, **tag(person, at(site)))
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
