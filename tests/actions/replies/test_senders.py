"""Who wrote: somebody else, nobody we know, one of two; and the site where their reply waits."""

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.models import Attendance, Reply
from pathways.rules.replies import Intent, ReplyEffect
from patients.actions import contacts, opt_outs
from patients.models import ContactConsent, Patient, Suppression
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW
from tests.factories.replies import (
    MINUTE,
    OTHER_PHONE,
    PHONE,
    answers,
    for_a_person,
    reasons_in_force,
    reminded,
    somebody,
    two,
    wrote,
)

pytestmark = pytest.mark.django_db


# Somebody else


def test_a_wrong_person_closes_the_number_and_its_confirmation(person: Patient, site: Site, by: Actor) -> None:
    row = wrote("wrong number")
    point = person.contact_points.get()
    assert (point.verified_at, point.verified_by) == (None, None)
    assert Suppression.objects.get().reason == "wrong_person"
    assert (row.effect, answers()) == (ReplyEffect.SUSPENDED, ["reply.wrong_person"])
    assert for_a_person(site, by) == ["wrong number"]


def test_a_start_from_a_wrong_person_starts_nothing(person: Patient, site: Site, by: Actor) -> None:
    wrote("no soy ella")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert (row.effect, row.needs_person) == (ReplyEffect.PASSED_ON, True)
    assert Suppression.objects.filter(lifted_at__isnull=True).exists()


def test_a_number_found_wrong_after_a_stop_is_not_opened_by_a_start(person: Patient, site: Site, by: Actor) -> None:
    wrote("STOP")
    wrote("wrong number", now=NOW + 10 * MINUTE)
    row = wrote("START", now=NOW + 20 * MINUTE)
    assert row.effect == ReplyEffect.PASSED_ON
    assert reasons_in_force(patient=None) == {"stop_reply", "wrong_person"}


def test_a_start_opens_the_stop_alone_where_the_clinic_closed_the_channel_too(person: Patient, by: Actor) -> None:
    wrote("STOP")
    contacts.suppress(patient=person, reason="safety", channel="sms", by=by, now=NOW + MINUTE)
    opt_outs.opt_in(patient=person, channel="sms", address=PHONE, by=by, now=NOW + 2 * MINUTE)
    assert reasons_in_force() == {"safety"}


def test_not_me_by_name_is_a_wrong_person(site: Site, by: Actor) -> None:
    somebody(site, by, given_name="Tobias")
    assert wrote("This is not Tobias").intent == Intent.WRONG_PERSON


def test_a_number_that_nobody_has_is_kept_for_a_person_and_told_nothing(site: Site, by: Actor) -> None:
    row = wrote("Hi, when is my appointment?", address=OTHER_PHONE)
    assert (row.patient, row.contact_point, row.effect) == (None, None, ReplyEffect.WHO_IS_IT)
    assert for_a_person(site, by) == ["Hi, when is my appointment?"]
    assert answers() == []


def test_a_stop_from_a_number_that_nobody_has_holds_when_somebody_has_it(site: Site, by: Actor) -> None:
    assert wrote("STOP", address=OTHER_PHONE).effect == ReplyEffect.STOPPED
    person = somebody(site, by, patients.phone(OTHER_PHONE))
    asked = pathways.enrolled(person, by=by)
    assert asked
    assert wrote("yes", address=OTHER_PHONE).effect == ReplyEffect.AFTER_A_STOP


def test_a_reply_waits_at_the_site_that_wrote_last(by: Actor, person: Patient, site: Site) -> None:
    reminded(person, by)
    point = person.contact_points.get()
    contacts.retire(contact_point=point, expected_version=point.version, by=by, now=NOW)
    clinic.site()
    row = wrote("Hello?")
    assert (row.patient, row.site) == (None, site)


def closed(site: Site, by: Actor) -> None:
    with allow_direct_writes():
        Site.objects.filter(pk=site.pk).update(closed_at=NOW, closed_by=by)


@pytest.mark.parametrize("answers_a_message", [True, False])
def test_a_reply_to_a_closed_site_waits_where_somebody_sees_it(
    site: Site, by: Actor, *, answers_a_message: bool
) -> None:
    first, gone_by = clinic.site("First"), clinic.site("Closing")
    both = clinic.actor(roles=[Role.SUPERVISOR], sites=[gone_by, site])
    person = somebody(gone_by, both)
    if answers_a_message:
        reminded(person, both)
    closed(gone_by, both)
    closed(first, both)
    assert wrote("I am not well, please call me").site == site
    assert for_a_person(site, both) == ["I am not well, please call me"]


def test_a_reply_of_somebody_whose_own_site_has_closed_goes_where_people_know_them(site: Site, by: Actor) -> None:
    knows, gone_by = clinic.site("Knows them"), clinic.site("Closing")
    both = clinic.actor(roles=[Role.SUPERVISOR], sites=[gone_by, knows])
    somebody(gone_by, both)
    closed(gone_by, both)
    assert wrote("please call me").site == knows
    assert for_a_person(knows, both) == ["please call me"]


def test_a_short_code_is_kept_as_it_came(site: Site, by: Actor) -> None:
    assert wrote("Your code is 1234", address="72975").address == "72975"


# A number that two people have


def test_a_stop_from_a_shared_number_closes_it_for_both_and_nobodys_other_number(site: Site, by: Actor) -> None:
    first, second = two(site, by)
    row = wrote("STOP")
    withdrawn = ContactConsent.objects.filter(given=False).values_list("patient", flat=True)
    assert set(withdrawn) == {first.pk, second.pk}
    closed = set(Suppression.objects.values_list("address", "patient"))
    assert closed == {(PHONE, None)}
    assert (row.patient, answers()) == (None, ["reply.stopped"])
    assert for_a_person(site, by) == ["STOP"]


def test_a_yes_from_a_shared_number_counts_for_the_one_who_was_asked(site: Site, by: Actor) -> None:
    first, second = two(site, by)
    place = reminded(second, by)
    row = wrote("Yes")
    place.refresh_from_db()
    assert (row.patient, place.confirmed_at) == (second, NOW)
    assert not Reply.objects.filter(patient=first).exists()


def test_a_yes_from_a_shared_number_with_two_asked_is_for_a_person(site: Site, by: Actor) -> None:
    places = [reminded(each, by) for each in two(site, by)]
    row = wrote("Yes")
    assert (row.patient, row.effect) == (None, ReplyEffect.WHO_IS_IT)
    assert not Attendance.objects.filter(pk__in=[each.pk for each in places], confirmed_at__isnull=False).exists()
    assert for_a_person(site, by) == ["Yes"]


def test_own_words_from_a_shared_number_belong_to_nobody_yet(site: Site, by: Actor) -> None:
    first, _ = two(site, by)
    reminded(first, by)
    row = wrote("Could somebody ring me?")
    assert (row.patient, row.effect, answers()) == (None, ReplyEffect.WHO_IS_IT, ["reply.passed_on"])


def test_start_from_a_shared_number_starts_for_nobody_by_itself(site: Site, by: Actor) -> None:
    two(site, by)
    wrote("STOP")
    row = wrote("START", now=NOW + 10 * MINUTE)
    assert (row.effect, row.needs_person) == (ReplyEffect.WHO_IS_IT, True)
    assert Suppression.objects.filter(lifted_at__isnull=False).count() == 0
