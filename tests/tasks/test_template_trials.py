"""Somebody sends themselves a message to see it arrive: through the latch and the channels everything takes."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from redis import Redis

from clinic import clock
from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways import tasks
from pathways.actions.template_trials import open_trials, try_template
from pathways.actions.templates import Words
from pathways.delivery.mailbox import read
from pathways.models import TemplateTrial
from pathways.queries.trials import MOST_AT_ONCE, waiting
from tests.delivery.mail_server import MailServer
from tests.delivery.provider import Provider
from tests.factories import clinic as make
from tests.factories.delivery import running_mail, running_sms

pytestmark = pytest.mark.django_db
LETTER = Words("Hello {given_name}, see you {day}. Call {phone}. {discreet_name}", "{discreet_name}: {day}")
TEXT = Words("{discreet_name}: call {phone}. STOP")


@pytest.fixture
def site() -> Site:
    return make.site(discreet_name="the red door")


@pytest.fixture
def person(site: Site) -> StaffMember:
    return make.staff(roles=[Role.PROGRAM_MANAGER], sites=[site], email="ada@riverbend.example", phone="(202) 555-0143")


@pytest.fixture
def server(settings: Any) -> Iterator[MailServer]:
    with running_mail(settings) as it:
        yield it


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running_sms(settings) as it:
        yield it


def tried(person: StaffMember, site: Site, words: Words = LETTER, **given: str) -> TemplateTrial:
    of = {"key": "follow_up.check_in", "channel": "email" if words.subject else "sms", "language": "en"} | given
    return try_template(by=person.actor, now=clock.now(), words=words, site_id=site.public_id, **of)


def again(trial: TemplateTrial) -> TemplateTrial:
    trial.refresh_from_db()
    return trial


def test_a_letter_comes_to_the_address_one_signs_in_with(person: StaffMember, site: Site, server: MailServer) -> None:
    trial = tried(person, site)
    assert tasks.deliver_template_trials() == {"sent": 1}
    assert tasks.deliver_template_trials() == {}
    [letter] = server.letters.parsed()
    assert letter["To"] == "ada@riverbend.example"
    assert letter["Subject"] == "the red door: Tue 5 May"
    assert letter.get_content().startswith("Hello Jo, see you Tue 5 May. Call +12025550100. the red door")
    assert (again(trial).status, trial.provider) == ("sent", "email")


def test_a_text_message_comes_to_the_number_of_ones_own_entry(
    person: StaffMember, site: Site, provider: Provider
) -> None:
    trial = tried(person, site, TEXT)
    tasks.deliver_template_trials()
    assert (again(trial).status, trial.address) == ("sent", "+12025550143")
    assert [each.body for each in provider.ledger.taken] == [trial.text]


def test_behind_the_shut_latch_it_falls_into_the_mailbox(
    person: StaffMember, site: Site, settings: Any, tmp_path: Any
) -> None:
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    trial = tried(person, site)
    tasks.deliver_template_trials()
    [arrived] = read(settings.MAILBOX_DIR)
    assert arrived.message.reference == str(trial.public_id)
    assert (again(trial).status, trial.provider) == ("sent", "mailbox")


def test_who_has_no_number_is_told(site: Site) -> None:
    person = make.staff(roles=[Role.PROGRAM_MANAGER], sites=[site])
    with pytest.raises(Refused) as refusal:
        tried(person, site, TEXT)
    assert refusal.value.code == "trial_no_number"


def test_words_that_may_not_be_sent_are_not_tried_either(person: StaffMember, site: Site) -> None:
    with pytest.raises(Refused, match="template_problems"):
        tried(person, site, Words("Your recovery. {phone} {discreet_name}", "A note"))
    with pytest.raises(Refused, match="forbidden"):
        tried(make.staff(roles=[Role.CLINICIAN], sites=[site]), site)
    assert not TemplateTrial.objects.exists()


def test_ten_in_an_hour_are_enough(person: StaffMember, site: Site) -> None:
    for _ in range(10):
        tried(person, site)
    with pytest.raises(Refused) as refusal:
        tried(person, site)
    assert (refusal.value.code, refusal.value.status) == ("trial_too_many", 429)
    tried(make.staff(roles=[Role.SUPERVISOR], sites=[site]), site)


def test_what_a_provider_refuses_did_not_go_and_is_not_tried_again(
    person: StaffMember, site: Site, server: MailServer
) -> None:
    trial = tried(person, site)
    with allow_direct_writes():
        TemplateTrial.objects.update(address="no address")
    assert tasks.deliver_template_trials() == {"failed": 1}
    assert (again(trial).status, trial.detail_code) == ("failed", "bad_address")
    assert tasks.deliver_template_trials() == {}


def test_a_worker_that_falls_silent_leaves_it_unclear_and_nobody_sends_it_again(
    person: StaffMember, site: Site, server: MailServer
) -> None:
    trial, job, now = tried(person, site), make.job(), clock.now()
    room = {"email": 1}
    assert [each.reference for each in open_trials(by=job, now=now, live=False, room=room)] == [trial.public_id]
    assert open_trials(by=job, now=now, live=False, room=room) == []
    assert again(trial).status == "sending"
    open_trials(by=job, now=now + timedelta(minutes=11), live=False, room=room)
    assert again(trial).status == "uncertain"
    assert tasks.deliver_template_trials() == {}
    assert server.letters.parsed() == []


def test_room_is_asked_for_those_that_are_opened_next(person: StaffMember, site: Site) -> None:
    latest, first = tried(person, site, TEXT), tried(person, site)
    first.asked_at -= timedelta(minutes=1)
    with allow_direct_writes():
        latest.delete()
        for _ in range(MOST_AT_ONCE):
            latest.pk, latest.public_id = None, uuid4()
            latest.save(force_insert=True)
        first.delete()
        first.pk = None
        first.save(force_insert=True)
    room = waiting()
    assert room == {"email": 1, "sms": MOST_AT_ONCE - 1}
    assert len(open_trials(by=make.job(), now=clock.now(), live=False, room=room)) == MOST_AT_ONCE


def test_a_link_in_a_trial_is_nobodys(person: StaffMember, site: Site, settings: Any) -> None:
    words = Words("{day} {time} {link} {phone} {discreet_name}", "A note")
    assert "https://go.example/l/2222222222222222222222/" in tried(person, site, words, key="appointment.reminder").text
    settings.PATIENT_LINK_URL = "https://our.example"
    assert "https://our.example/l/222" in tried(person, site, words, key="appointment.reminder").text


def test_trials_count_under_the_ceiling_of_their_provider(
    person: StaffMember, site: Site, provider: Provider, settings: Any, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pathways.couriers.ceilings.PERIOD", 3600.0)
    settings.SMS_PER_SECOND = 1
    with Redis.from_url(valkey) as server:
        server.delete("stepwell:ceiling:sms")
        first, second = tried(person, site, TEXT), tried(person, site, TEXT)
        assert tasks.deliver_template_trials() == {"sent": 1}
        assert tasks.deliver_template_trials() == {}
        assert (again(first).status, again(second).status) == ("sent", "planned")
        server.delete("stepwell:ceiling:sms")
