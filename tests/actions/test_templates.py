"""The words of messages: written, given up, in force; and which of them a message that goes out takes."""

from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import reminders
from pathways.actions.templates import Words, retire_template, write_template
from pathways.messages import template
from pathways.models import Attempt, MessageTemplate
from pathways.queries.replies import words_to_somebody_unknown
from pathways.queries.templates import Asked, Ladder, slot, slot_version, templates_in_force
from pathways.rules.templates import Level
from tests.factories import clinic as make
from tests.factories import patients
from tests.factories.delivery import due_now, site_at
from tests.factories.patients import NOW
from tests.factories.replies import wrote

pytestmark = pytest.mark.django_db
CHECK_IN = {"key": "follow_up.check_in", "channel": "sms", "language": "en"}
OURS = "{discreet_name}: how are you? Call {phone}. Reply STOP to opt out."
HOUR = timedelta(hours=1)


NAMING = "{discreet_name}: sorry {given_name}, wrong number. {phone}. Nothing more comes, as after STOP"


@pytest.fixture
def manager(site: Site) -> Actor:
    return make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])


def written(
    by: Actor, text: str = OURS, *, site: Site | None = None, now: datetime = NOW, **given: Any
) -> MessageTemplate:
    words = Words(text, given.pop("subject", ""), given.pop("note", ""))
    return write_template(
        by=by, now=now, words=words, site_id=site.public_id if site else None, **(CHECK_IN | given)
    )  # fmt: skip


def retired(by: Actor, *, site: Site | None = None, **given: Any) -> MessageTemplate:
    return retire_template(by=by, now=NOW, site_id=site.public_id if site else None, **(CHECK_IN | given))


def standing(site: Site | None, language: str = "en", channel: str = "sms", key: str = "follow_up.check_in") -> Ladder:
    asked = Asked(key, channel, language, site.pk if site else None)
    return templates_in_force([asked])[asked]


def said(site: Site | None, *, link: bool = False, **given: str) -> tuple[Level, str]:
    found = standing(site, **given).in_force(link=link)
    return found.level, found.template.text


def refused(code: str, by: Actor, **given: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        written(by, **given)
    assert refusal.value.code == code
    return refusal.value


def test_the_sites_words_come_before_the_clinics_and_these_before_the_shipped_ones(site: Site, manager: Actor) -> None:
    other = make.site()
    everywhere = make.actor(roles=[Role.SUPERVISOR], sites=[site, other])
    shipped = template(**CHECK_IN).text
    assert said(site) == said(None) == (Level.SHIPPED, shipped)
    written(everywhere, OURS)
    assert said(site) == said(other) == said(None) == (Level.CLINIC, OURS)
    written(manager, OURS.replace("how", "so how"), site=site)
    assert said(site)[0] is Level.SITE
    assert said(other) == (Level.CLINIC, OURS)
    retired(manager, site=site)
    assert said(site) == (Level.CLINIC, OURS)
    retired(everywhere)
    assert said(site) == (Level.SHIPPED, shipped)


def test_a_version_takes_the_place_of_the_one_before_and_both_stay(site: Site, manager: Actor) -> None:
    first = written(manager, site=site, note="Warmer.")
    second = written(manager, OURS.replace("Call", "Do call"), site=site, now=NOW + HOUR)
    first.refresh_from_db()
    assert (first.number, second.number) == (1, 2)
    assert (first.retired_by, first.retired_at, second.retired_at) == (manager, NOW + HOUR, None)
    assert (first.text, first.note) == (OURS, "Warmer.")
    assert [(each.action, each.details["number"]) for each in AuditEntry.objects.order_by("pk")
            if each.action == "template.write"] == [("template.write", 1), ("template.write", 2)]  # fmt: skip


def test_what_is_in_force_may_not_be_written_again(site: Site, manager: Actor) -> None:
    written(manager, site=site)
    refused("template_unchanged", manager, site=site, text=f"  {OURS}\r\n")
    assert MessageTemplate.objects.count() == 1


def test_who_saw_an_older_state_is_told(site: Site, manager: Actor) -> None:
    of = slot(**CHECK_IN)
    assert slot_version(of, site) == 1
    written(manager, site=site, expected_version=1)
    refused("stale", manager, site=site, text=OURS + " Ok", expected_version=1)
    seen = slot_version(of, site)
    retired(manager, site=site, expected_version=seen)
    refused("stale", manager, site=site, text=OURS + " Ok", expected_version=seen)
    with pytest.raises(Refused, match="stale"):
        retired(manager, site=site, expected_version=seen)
    with pytest.raises(Refused, match="template_not_there"):
        retired(manager, site=site)


def test_words_that_may_not_be_sent_are_refused_with_every_problem(site: Site, manager: Actor) -> None:
    said = refused("template_problems", manager, site=site, text="Your k.r.a.t.o.m group, see a.example/x {why}")
    codes = [each["code"] for each in said.details["problems"]]  # type: ignore[call-overload,index]
    assert codes == [
        "message.word", "message.link", "message.field.unknown", "message.lacks", "message.lacks", "message.lacks",
    ]  # fmt: skip
    assert said.fields["text"].code == "message.word"
    refused("template_problems", manager, site=site, text=OURS + " {link}")
    refused("template_problems", manager, site=site, subject="A note")
    refused("bad_input", manager, site=site, note="x" * 201)
    assert not MessageTemplate.objects.exists()


@pytest.mark.parametrize(
    "given", [{"key": "follow_up.nothing"}, {"channel": "letter"}, {"language": "fr"}, {"key": "../x"}]
)
def test_a_message_that_is_none_has_no_words(site: Site, manager: Actor, given: dict[str, str]) -> None:
    refused("not_found", manager, site=site, **given)


def test_words_are_changed_where_one_works_and_for_the_clinic_by_who_works_everywhere(
    site: Site, manager: Actor
) -> None:
    written(manager)  # one site, so everywhere
    other = make.site()
    refused("not_found", manager, site=other)
    refused("forbidden", manager, text=OURS + " Ok")
    written(make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site, other]), OURS + " Ok")
    written(make.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[other]), OURS + " Fine")
    for role in (Role.CLINICIAN, Role.FRONT_DESK, Role.PRIVACY_OFFICER):
        refused("forbidden", make.actor(roles=[role], sites=[site]), site=site)
    client = make.api_client(scopes=["templates.read"], sites=[site]).actor
    refused("forbidden", client, site=site)


def test_words_that_need_a_link_are_passed_over_where_there_is_none(site: Site, manager: Actor) -> None:
    of = {"key": "appointment.reminder"}
    plain, shown = template(of["key"], "sms", "en").text, "{discreet_name}: {day} {time} {link} {phone} STOP"
    assert said(site, **of) == (Level.SHIPPED, plain)
    assert "{link}" in said(site, link=True, **of)[1]
    written(manager, shown, site=site, **of)
    assert said(site, link=True, **of) == (Level.SITE, shown)
    assert said(site, **of) == (Level.SHIPPED, plain)
    assert standing(site, **of).wants_link
    written(manager, plain.replace("see you", "we see you"), site=site, **of)
    assert said(site, link=True, **of)[0] is Level.SITE
    assert not standing(site, **of).wants_link


def test_words_of_another_language_do_not_count(site: Site, manager: Actor) -> None:
    written(manager, site=site)
    assert said(site, language="es")[0] is Level.SHIPPED
    assert said(site, language="fr") == (Level.SITE, OURS)


def test_the_words_of_many_messages_of_many_sites_are_one_query(manager: Actor) -> None:
    kinds, channels, languages = ("check_in", "closer", "visit"), ("sms", "email"), ("en", "es")
    asked = [
        Asked(f"follow_up.{kind}", channel, language, make.site().pk)
        for kind, channel, language in product(kinds, channels, languages)
    ]
    with CaptureQueriesContext(connection) as queries:
        assert len(templates_in_force(asked)) == len(asked)
    assert len(queries) == 1
    with CaptureQueriesContext(connection) as queries:
        assert templates_in_force([]) == {}
    assert len(queries) == 0


def test_a_message_takes_the_words_in_force_when_it_goes() -> None:
    site = site_at()
    manager = make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])
    row, job = due_now(patients.phone(), site=site), make.job()
    sent = written(manager, OURS.replace("how are you", "hello"), site=site, key=row.template, now=row.due_at)
    claim = reminders.claim_due(by=job, now=row.next_at)
    reminders.open_window(by=job, now=row.next_at, claim_id=claim.claim_id, ids=[row.pk], live=False)
    attempt = Attempt.objects.get(reminder=row)
    assert attempt.text.startswith("the office: hello? Call +1202")
    assert attempt.template_digest == sent.digest
    written(manager, OURS, site=site, key=row.template, now=row.due_at)
    attempt.refresh_from_db()
    assert attempt.text.startswith("the office: hello?")


def test_a_kept_version_cannot_be_changed_behind_our_back(site: Site, manager: Actor) -> None:
    from django.db import DatabaseError, transaction

    from clinic.actions.verbs import allow_direct_writes

    row = written(manager, site=site)
    for change in ({"text": "x"}, {"number": 7}):
        with pytest.raises(DatabaseError), transaction.atomic(), allow_direct_writes():
            MessageTemplate.objects.filter(pk=row.pk).update(**change)


@pytest.mark.parametrize("key", ["reply.wrong_person", "reply.stopped"])
def test_nobody_is_named_to_a_stranger_who_writes(site: Site, manager: Actor, key: str) -> None:
    told = refused("template_problems", manager, text=NAMING, site=site, key=key)
    assert [each["code"] for each in told.details["problems"]] == ["message.field.unknown"]


def test_a_strangers_stop_is_answered_though_older_words_would_name_somebody(site: Site, manager: Actor) -> None:
    with allow_direct_writes():
        MessageTemplate.objects.create(key="reply.stopped", channel="sms", language="en", site=site, number=1,
                                       text=NAMING, digest="0" * 16, written_at=NOW, written_by=manager)  # fmt: skip
    shipped = template("reply.stopped", "sms", "en").text
    said_back = words_to_somebody_unknown(wrote("STOP", address="+14155550777"))
    assert said_back == shipped.format(discreet_name=site.discreet_name, phone=site.phone)
