"""A stop closes, and a start opens again what the stop had closed, each with its evidence."""

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from pathways.models import Reminder
from pathways.rules.replies import ReplyEffect
from patients.actions import consents, contacts
from patients.models import ContactConsent, Patient, Suppression
from tests.factories import pathways, patients
from tests.factories.patients import NOW
from tests.factories.replies import (
    MINUTE,
    PHONE,
    answers,
    for_a_person,
    gone,
    reasons_in_force,
    reminded,
    somebody,
    wrote,
)

pytestmark = pytest.mark.django_db


def test_a_stop_closes_number_and_channel_with_its_evidence(person: Patient, site: Site, by: Actor) -> None:
    place = reminded(person, by)
    row = wrote("STOP PLEASE")
    closed = set(
        Suppression.objects.filter(lifted_at__isnull=True).values_list("channel", "address", "patient", "reason")
    )
    assert closed == {("sms", PHONE, None, "stop_reply"), ("sms", "", person.pk, "stop_reply")}
    newest = ContactConsent.objects.order_by("-effective_at", "-pk")[0]
    assert (newest.given, newest.method, newest.effective_at, newest.contact_point) == (
        False,
        "reply",
        NOW,
        row.contact_point,
    )
    sent = Reminder.objects.get(attendance=place).attempts.get()
    for part in ("STOP PLEASE", "2026-06-16 13:30 UTC", "text message", str(row.public_id), str(sent.public_id)):
        assert part in newest.evidence
    assert (row.effect, row.needs_person, answers()) == (ReplyEffect.STOPPED, False, ["reply.stopped"])


def test_after_a_stop_nothing_goes_but_the_one_answer(person: Patient, by: Actor) -> None:
    pathways.enrolled(person, by=by)
    planned = Reminder.objects.filter(patient=person, status="planned").earliest("due_at")
    wrote("stop")
    assert gone(NOW) == ["reply.stopped"]
    assert gone(planned.due_at) == []
    planned.refresh_from_db()
    assert planned.status_code == "reminder.suppressed.person"


def test_a_stop_that_says_more_is_seen_by_a_person(person: Patient, site: Site, by: Actor) -> None:
    assert wrote("stop. I want to die").effect == ReplyEffect.STOPPED
    assert for_a_person(site, by) == ["stop. I want to die"]


def test_a_second_stop_changes_nothing_and_is_not_answered(person: Patient) -> None:
    wrote("STOP")
    counts = ContactConsent.objects.count(), Suppression.objects.count()
    assert wrote("STOP", now=NOW + 10 * MINUTE).effect == ReplyEffect.STOPPED_BEFORE
    assert (ContactConsent.objects.count(), Suppression.objects.count()) == counts
    assert answers() == ["reply.stopped"]


@pytest.mark.parametrize("text", ["yes", "What time is it?", "can't come", "hello"])
def test_after_a_stop_a_person_answers_and_no_machine(person: Patient, site: Site, by: Actor, text: str) -> None:
    place = reminded(person, by)
    wrote("STOP")
    row = wrote(text, now=NOW + 10 * MINUTE)
    place.refresh_from_db()
    assert (row.effect, place.confirmed_at) == (ReplyEffect.AFTER_A_STOP, None)
    assert for_a_person(site, by) == [text]
    assert answers() == ["reply.stopped"]


def test_after_a_stop_help_is_still_answered(person: Patient) -> None:
    wrote("STOP")
    wrote("HELP", now=NOW + 10 * MINUTE)
    assert answers() == ["reply.stopped", "reply.help"]


def test_start_opens_what_the_stop_had_closed_with_its_evidence(person: Patient) -> None:
    wrote("STOP")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert row.effect == ReplyEffect.STARTED
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    newest = ContactConsent.objects.order_by("-effective_at", "-pk")[0]
    assert (newest.given, newest.method) == (True, "reply")
    assert "START" in newest.evidence
    assert answers() == ["reply.stopped", "reply.started"]


def test_start_opens_nothing_that_somebody_else_has_closed(person: Patient, site: Site, by: Actor) -> None:
    contacts.suppress(patient=person, reason="safety", channel="sms", by=by, now=NOW)
    wrote("STOP")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert (row.effect, row.needs_person) == (ReplyEffect.PASSED_ON, True)
    assert reasons_in_force(patient=person) == {"safety", "stop_reply"}
    assert not ContactConsent.objects.order_by("-effective_at", "-pk")[0].given


def test_start_gives_consent_back_that_was_withdrawn_otherwise(person: Patient, by: Actor) -> None:
    point = person.contact_points.get()
    consents.record(contact_point=point, given=False, method="phone", by=by, now=NOW)
    wrote("START", now=NOW + MINUTE)
    assert ContactConsent.objects.order_by("-effective_at", "-pk")[0].given


def test_a_stop_by_mail_closes_mail_and_leaves_texts(site: Site, by: Actor) -> None:
    person = somebody(site, by, patients.phone(), patients.email())
    wrote("Please unsubscribe me", address="person@example.org", channel="email")
    closed = set(Suppression.objects.values_list("channel", "address", "patient"))
    assert closed == {("email", "person@example.org", None), ("email", "", person.pk)}


def closed(site: Site, by: Actor) -> None:
    with allow_direct_writes():
        Site.objects.filter(pk=site.pk).update(closed_at=NOW, closed_by=by)
