"""Words of danger stand first until a named person has seen to them, and are answered at once."""

import pytest

from clinic.models import Actor, Site
from clinic.wording import say
from pathways.actions import replies
from pathways.models import Reply
from pathways.queries.replies import words_to_somebody_unknown
from pathways.queries.worklist import dressed, owed
from pathways.rules.replies import Handling, Intent, ReplyEffect
from pathways.rules.worklist import Line, LineGroup
from patients.models import Patient, Suppression
from patients.rules.instruments import Severity
from tests.factories.patients import NOW
from tests.factories.replies import (
    MINUTE,
    OTHER_PHONE,
    answers,
    asked_to_call,
    for_a_person,
    gone,
    reminded,
    two,
    wrote,
)

pytestmark = pytest.mark.django_db


def first(site: Site, by: Actor) -> Line | None:
    """The line that stands first of all in the group of safety."""
    lines = owed(by, site, now=NOW + 20 * MINUTE).lines
    return lines[0] if lines and lines[0].group is LineGroup.SAFETY else None


def said(site: Site, by: Actor, language: str = "en") -> list[str]:
    """What the first line says, and why."""
    found = owed(by, site, now=NOW + 20 * MINUTE)
    told = dressed(found, found.lines[:1])[found.lines[0].key]
    return [each if isinstance(each, str) else say(each, language) for each in (told.title, told.why)]


@pytest.mark.parametrize("text", ["I want to kill myself", "quiero morir", "me quiero matar", "sobredosis"])
def test_words_of_danger_stand_first_on_today(person: Patient, site: Site, by: Actor, text: str) -> None:
    wrote("Where do I park?")
    row = wrote(text, now=NOW + MINUTE)
    line = first(site, by)
    assert line is not None
    assert (line.item.public_id, line.item.severity) == (row.public_id, Severity.EMERGENCY)
    assert said(site, by)[1].startswith("Words of danger in it: call them now.")


def test_they_stand_there_until_a_named_person_has_seen_to_them(person: Patient, site: Site, by: Actor) -> None:
    row = wrote("I want to die")
    assert first(site, by) is not None
    handled = replies.handle(by=by, now=NOW + MINUTE, reply_id=row.public_id, handling=Handling.CALLED)
    assert (first(site, by), handled.handled_by) == (None, by)


def test_they_are_everybodys_whoever_has_the_contact(person: Patient, site: Site, by: Actor) -> None:
    asked_to_call(person, by)
    wrote("I want to die")
    found = owed(by, site, now=NOW + 20 * MINUTE)
    assert found.holders[found.lines[0].key].everybody


def test_they_are_answered_with_where_help_is(person: Patient) -> None:
    wrote("I want to die")
    assert gone(NOW) == ["reply.danger"]


def test_their_answer_goes_although_another_has_just_gone(person: Patient) -> None:
    wrote("Where do I park?")
    wrote("I want to die", now=NOW + MINUTE)
    wrote("I want to die", now=NOW + 2 * MINUTE)
    wrote("I want to die", now=NOW + 7 * MINUTE)
    assert answers() == ["reply.passed_on", "reply.danger", "reply.danger"]


def test_a_stop_beside_them_still_stops(person: Patient, site: Site, by: Actor) -> None:
    row = wrote("STOP I want to die")
    assert (row.urgent, row.intent, row.effect) == (True, Intent.STOP, ReplyEffect.STOPPED)
    assert Suppression.objects.filter(patient=person, channel="sms", lifted_at__isnull=True).exists()
    assert first(site, by) is not None
    assert gone(NOW) == ["reply.danger"]


def test_after_a_stop_they_are_raised_and_answered_all_the_same(person: Patient, site: Site, by: Actor) -> None:
    wrote("STOP")
    row = wrote("I want to die", now=NOW + MINUTE)
    assert (row.effect, answers()) == (ReplyEffect.PASSED_ON, ["reply.stopped", "reply.danger"])
    assert first(site, by) is not None


def test_a_polite_ok_after_them_confirms_no_appointment(person: Patient, by: Actor) -> None:
    place = reminded(person, by)
    wrote("I want to die")
    assert wrote("ok", now=NOW + MINUTE).effect == ReplyEffect.PASSED_ON
    place.refresh_from_db()
    assert place.confirmed_at is None


def test_from_a_shared_number_they_are_raised_before_it_is_known_whose_they_are(site: Site, by: Actor) -> None:
    one, _ = two(site, by)
    row = wrote("STOP I want to die")
    assert first(site, by) is not None
    replies.assign(by=by, now=NOW + MINUTE, reply_id=row.public_id, patient_id=one.public_id)
    row.refresh_from_db()
    assert (row.patient, row.effect, row.needs_person) == (one, ReplyEffect.STOPPED, True)
    assert first(site, by) is not None


def test_somebody_unknown_in_danger_is_told_where_help_is_and_raised(site: Site, by: Actor) -> None:
    wrote("HELP", address=OTHER_PHONE)
    row = wrote("I want to die", address=OTHER_PHONE, now=NOW + MINUTE)
    told = words_to_somebody_unknown(row)
    assert told is not None
    assert "911" in told
    assert "988" in told
    assert first(site, by) is not None
    again = wrote("I want to die", address=OTHER_PHONE, now=NOW + 2 * MINUTE)
    assert words_to_somebody_unknown(again) is None


def test_a_figure_of_speech_stands_where_other_replies_stand(person: Patient, site: Site, by: Actor) -> None:
    wrote("I am dying to see you")
    assert (first(site, by), for_a_person(site, by)) == (None, ["I am dying to see you"])
    assert not Reply.objects.get().urgent
