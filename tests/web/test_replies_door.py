"""The SMS provider brings what people write back: signed or turned away, once however often it is told."""

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as Xml

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from clinic import clock
from clinic.models import Site
from clinic.rules.roles import Role
from pathways.delivery.sms.provider import callback_url
from pathways.delivery.sms.signature import signature
from pathways.models import Reminder, Reply
from patients.models import ContactConsent, Patient, Suppression
from tests.delivery.provider import Provider
from tests.factories import clinic, patients
from tests.factories import replies as make
from tests.factories import sessions as make_session
from tests.factories.delivery import through_sms
from tests.factories.replies import OURS, PHONE

pytestmark = pytest.mark.django_db
STRANGER = "+14155550177"


@pytest.fixture
def provider(settings: Any) -> Provider:
    """Settings of a provider; nothing is sent to it here."""
    known = Provider(port=1)
    through_sms(settings, known)
    return known


@pytest.fixture
def site() -> Site:
    row = clinic.site(discreet_name="the office", phone="+12025550100")
    patients.patient(row, by=clinic.actor(roles=[Role.SUPERVISOR], sites=[row]), contact_points=[patients.phone()])
    return row


def post(client: Client, token: str, *, signed: str | None = None, **form: str) -> Any:
    given = signature(token, f"{callback_url(configured)}/replies", form) if signed is None else signed
    return client.post(reverse("sms_reply"), form, headers={"X-Twilio-Signature": given})


def message(text: str = "STOP", sid: str = "SM1", sender: str = PHONE, **more: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": sender, "To": OURS, "Body": text, **more}


def said_back(answer: Any) -> list[str | None]:
    """The messages the provider is to send by itself."""
    assert answer["Content-Type"] == "text/xml"
    return [each.text for each in Xml.fromstring(answer.content.decode())]


def test_a_signed_message_is_taken_in(client: Client, provider: Provider, site: Site) -> None:
    answer = post(client, provider.token, **message("STOP PLEASE"))
    assert (answer.status_code, said_back(answer)) == (200, [])
    row = Reply.objects.get()
    assert (row.provider, row.provider_id, row.channel, row.address, row.to_address) == (
        "sms",
        "SM1",
        "sms",
        PHONE,
        OURS,
    )
    assert (row.text, row.intent, row.received_by.name) == ("STOP PLEASE", "stop", "replies")
    assert Reminder.objects.get().template == "reply.stopped"


@pytest.mark.parametrize("signed", ["", "not one", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="])
def test_what_is_not_signed_is_turned_away(client: Client, provider: Provider, site: Site, signed: str) -> None:
    assert post(client, provider.token, signed=signed, **message()).status_code == 403
    assert not Reply.objects.exists()


def test_a_signature_for_other_words_or_another_address_is_none(client: Client, provider: Provider, site: Site) -> None:
    other = signature(provider.token, f"{callback_url(configured)}/replies", message("YES"))
    elsewhere = signature(provider.token, callback_url(configured), message())
    for signed in (other, elsewhere):
        assert post(client, provider.token, signed=signed, **message("STOP")).status_code == 403


def test_without_a_provider_nobody_is_believed(client: Client, settings: Any, site: Site) -> None:
    settings.SMS_TOKEN = ""
    assert post(client, "", **message()).status_code == 403


def test_the_same_message_again_is_answered_the_same(client: Client, provider: Provider, site: Site) -> None:
    first, second = (post(client, provider.token, **message("HELP")) for _ in range(2))
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert (Reply.objects.count(), Reminder.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"From": PHONE, "Body": "STOP"},
        {"MessageSid": "SM1", "Body": "STOP"},
        {"MessageSid": "SM1", "From": PHONE},
        {"MessageSid": "SM1" * 100, "From": PHONE, "Body": "STOP"},
        {"MessageSid": "SM\x001", "From": PHONE, "Body": "STOP"},
        {"MessageSid": "SM1", "From": "+1\x00415", "Body": "STOP"},
        {"MessageSid": "SM1", "From": "1" * 300, "Body": "STOP"},
    ],
    ids=["nothing", "no id", "nobody", "no words", "a long id", "NUL in the id", "NUL in the number", "a long number"],
)
def test_what_is_no_message_is_nonsense(client: Client, provider: Provider, site: Site, form: dict[str, str]) -> None:
    assert post(client, provider.token, **form).status_code == 400
    assert not Reply.objects.exists()


@pytest.mark.parametrize("text", ["a\x00b", "x" * 100_000, "\ud83d", "<script>", "👍🏽", ""])
def test_whatever_the_words_they_are_kept_and_looked_at(
    client: Client, provider: Provider, site: Site, text: str
) -> None:
    whole = text.encode("utf-8", "replace").decode()
    answer = post(client, provider.token, **message(whole, sender=STRANGER))
    assert (answer.status_code, said_back(answer)) == (200, [])
    row = Reply.objects.get()
    assert row.needs_person
    assert len(row.text) <= 10_000
    assert "\x00" not in row.text


def test_a_picture_without_words_is_for_a_person(client: Client, provider: Provider, site: Site) -> None:
    form = {"MessageSid": "MM1", "From": PHONE, "To": OURS, "NumMedia": "1"}
    assert post(client, provider.token, **form).status_code == 200
    assert Reply.objects.get().needs_person


def test_only_a_post_is_taken(client: Client, provider: Provider) -> None:
    assert client.get(reverse("sms_reply")).status_code == 405


# What they write, in both languages


@pytest.mark.parametrize(
    ("text", "effect", "template", "language"),
    [
        ("STOP PLEASE", "stopped", "reply.stopped", "en"),
        ("Alto, por favor", "stopped", "reply.stopped", "es"),
        ("BAJA", "stopped", "reply.stopped", "es"),
        ("HELP", "helped", "reply.help", "en"),
        ("AYUDA", "helped", "reply.help", "es"),
        ("START", "started", "reply.started", "en"),
        ("Wrong number", "suspended", "reply.wrong_person", "en"),
        ("Número equivocado", "suspended", "reply.wrong_person", "es"),
        ("I need to reschedule", "reschedule_asked", "reply.passed_on", "en"),
        ("¿Puede ser otro día?", "reschedule_asked", "reply.passed_on", "es"),
        ("C", "confirmed", "reply.confirmed", "en"),
        ("Sí, allí estaré", "confirmed", "reply.confirmed", "es"),
        ("My back hurts", "passed_on", "reply.passed_on", "en"),
    ],
)
def test_each_has_its_effect_and_its_answer_in_the_language_it_is_written_in(
    client: Client, provider: Provider, site: Site, text: str, effect: str, template: str, language: str
) -> None:
    person = Patient.objects.get()
    at = clock.now() + timedelta(days=2)
    row = make_session.individual(person, by=clinic.actor(roles=[Role.SUPERVISOR], sites=[site]), at=at)
    make.went(make_session.place_of(row, person), at=clock.now() - timedelta(hours=1))
    assert post(client, provider.token, **message(text)).status_code == 200
    reply = Reply.objects.get()
    assert (reply.effect, reply.patient) == (effect, person)
    answer = Reminder.objects.get(reply=reply)
    assert (answer.template, answer.language) == (template, language)


@pytest.mark.parametrize("text", ["yes", "sí", "What time?", "no puedo"])
def test_after_an_opt_out_a_person_answers_and_no_machine(
    client: Client, provider: Provider, site: Site, text: str
) -> None:
    post(client, provider.token, **message("STOP PLEASE"))
    assert said_back(post(client, provider.token, **message(text, "SM2"))) == []
    row = Reply.objects.get(provider_id="SM2")
    assert (row.effect, row.needs_person) == ("after_a_stop", True)
    assert [each.template for each in Reminder.objects.all()] == ["reply.stopped"]


def test_start_alone_begins_again_after_an_opt_out(client: Client, provider: Provider, site: Site) -> None:
    for number, text in enumerate(("STOP", "YES", "START")):
        closed = Suppression.objects.filter(lifted_at__isnull=True).exists()
        assert closed == (number > 0)
        post(client, provider.token, **message(text, f"SM{number}"))
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()


def test_a_stop_from_a_number_of_two_holds_for_both(client: Client, provider: Provider, site: Site) -> None:
    by = clinic.actor(roles=[Role.SUPERVISOR], sites=[site])
    patients.patient(site, by=by, contact_points=[patients.phone()])
    post(client, provider.token, **message("STOP PLEASE"))
    row = Reply.objects.get()
    assert (row.effect, row.patient) == ("stopped", None)
    assert Suppression.objects.get().patient is None  # the number, whoever has it
    withdrawn = ContactConsent.objects.filter(given=False).values_list("patient", flat=True)
    assert set(withdrawn) == set(Patient.objects.values_list("pk", flat=True))
    assert (row.needs_person, Reminder.objects.count()) == (True, 1)


def test_a_wrong_person_closes_the_number_until_it_is_confirmed_anew(
    client: Client, provider: Provider, site: Site
) -> None:
    post(client, provider.token, **message("You have the wrong number"))
    assert Suppression.objects.get(lifted_at__isnull=True).reason == "wrong_person"
    post(client, provider.token, **message("START", "SM2"))
    assert Suppression.objects.get(lifted_at__isnull=True).reason == "wrong_person"
    assert Reply.objects.get(provider_id="SM2").needs_person


def test_a_replay_of_an_old_message_undoes_nothing(client: Client, provider: Provider, site: Site) -> None:
    """Recorded and sent again with its good signature, after the person thought better of it."""
    for sid, text in (("SM1", "STOP"), ("SM2", "START"), ("SM1", "STOP")):
        assert post(client, provider.token, **message(text, sid)).status_code == 200
    assert Reply.objects.count() == 2
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()


# Somebody nobody knows


def test_an_unknown_number_that_stops_is_told_so_once_by_the_provider(
    client: Client, provider: Provider, site: Site
) -> None:
    answer = post(client, provider.token, **message("STOP", sender=STRANGER))
    (words,) = said_back(answer)
    assert words is not None
    assert words.startswith("the office: no more text messages")
    assert Suppression.objects.get().address == STRANGER
    assert said_back(post(client, provider.token, **message("STOP", sender=STRANGER))) == [words]
    assert said_back(post(client, provider.token, **message("STOP", "SM2", sender=STRANGER))) == []
    assert not Reminder.objects.exists()


@pytest.mark.parametrize("text", ["Hello?", "yes", "START", "wrong number", "can't come"])
def test_an_unknown_number_learns_nothing_else(client: Client, provider: Provider, site: Site, text: str) -> None:
    assert said_back(post(client, provider.token, **message(text, sender=STRANGER))) == []
    assert Reply.objects.get().needs_person


def test_behind_a_shut_latch_the_provider_sends_nothing_back(
    client: Client, provider: Provider, site: Site, settings: Any
) -> None:
    settings.DELIVERY_TO_LOOPBACK = False
    assert said_back(post(client, provider.token, **message("STOP", sender=STRANGER))) == []
    assert Reply.objects.exists()
