"""How somebody may be reached, what they agreed to, what must not be written to."""

from datetime import time, timedelta

import pytest
from django.db import DatabaseError, transaction

from clinic.errors import Refused
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from clinic.wording import say
from patients.actions import consents, contacts, patients
from patients.models import ContactConsent, ContactPoint
from patients.queries import contacts as reach
from patients.rules.contact import Channel, ConsentDecision, may_contact
from tests.factories import clinic
from tests.factories.patients import NOW, email, patient, phone

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    return clinic.actor(roles=[Role.FRONT_DESK], sites=[clinic.site()])


@pytest.fixture
def person(desk):
    return patient(desk.sites.get(), by=desk)


def facts_of(person, now=NOW):
    return {each.point.address: each.facts for each in reach.reaches([person.pk], now)[person.pk]}


def test_a_telephone_number_is_kept_as_it_is_dialled_from_anywhere(desk, person):
    point = contacts.add(patient=person, point=phone("415-555-2671"), by=desk, now=NOW)
    assert (point.address, point.rank) == ("+14155552671", 1)
    assert contacts.add(patient=person, point=email(), by=desk, now=NOW).rank == 2


def test_a_number_of_another_country_is_read_in_the_region_of_the_site():
    site = clinic.site(region="GB", time_zone="Europe/London")
    desk = clinic.actor(roles=[Role.FRONT_DESK], sites=[site])
    person = patient(site, by=desk)
    assert contacts.add(patient=person, point=phone("07400 123456"), by=desk, now=NOW).address == "+447400123456"


@pytest.mark.parametrize(
    ("point", "field"),
    [
        (phone("not a number"), "address"),
        (phone(""), "address"),
        (email("nobody"), "address"),
        (email("a\x00@b.org"), "address"),
        (phone(channel="pigeon"), "channel"),
        (phone(consent_method="guessed"), "consent_method"),
        (phone(opens=time(9)), "closes"),
        (phone(opens=time(19), closes=time(9)), "closes"),
    ],
)
def test_an_address_that_is_none_is_refused_with_its_field(desk, person, point, field):
    with pytest.raises(Refused) as refused:
        contacts.add(patient=person, point=point, by=desk, now=NOW)
    assert (refused.value.status, list(refused.value.fields)) == (422, [field])
    assert not ContactPoint.objects.exists()


def test_hours_that_never_meet_those_of_a_site_are_refused_with_them(desk, person):
    hours = {"opens": time(20), "closes": time(22)}
    with pytest.raises(Refused) as refused:
        contacts.add(patient=person, point=phone(**hours), by=desk, now=NOW)
    said = refused.value.fields["closes"]
    assert say(said) == "We write and call from 09:00 to 19:00. Choose hours that meet these at least in part."
    assert say(said, "es") == "Escribimos y llamamos de 09:00 a 19:00. Elija un horario que coincida al menos en parte."
    late = clinic.site(contact_opens=time(12), contact_closes=time(21))
    doctor = clinic.actor(roles=[Role.SUPERVISOR], sites=[late, *desk.sites.all()])
    patients.add_site(patient=person, site=late, by=doctor, now=NOW)
    assert contacts.add(patient=person, point=phone(**hours), by=desk, now=NOW).opens == time(20)


def test_the_same_address_twice_is_refused_in_a_sentence(desk, person):
    contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    with pytest.raises(Refused) as refused:
        contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    assert refused.value.code == "contact_point_once"


def test_another_address_is_another_contact_point_without_its_consent(desk, person):
    old = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    new = contacts.change(
        contact_point=old, expected_version=1, point=phone("+14155550199", confirmed=False, consent=False),
        by=desk, now=NOW,
    )  # fmt: skip
    old.refresh_from_db()
    assert old.retired_by == desk and new.rank == old.rank
    assert facts_of(person)[new.address].consent is None and not facts_of(person)[new.address].verified


def test_how_an_address_may_be_used_is_changed_in_place(desk, person):
    old = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    changed = contacts.change(contact_point=old, expected_version=1, point=phone(shared=True), by=desk, now=NOW)
    assert (changed.pk, changed.version, changed.shared) == (old.pk, 2, True)
    assert changed.verified_at is not None
    with pytest.raises(Refused) as refused:
        contacts.change(contact_point=old, expected_version=1, point=phone(), by=desk, now=NOW)
    assert refused.value.status == 412


def test_an_address_must_be_confirmed_before_anything_is_sent(desk, person):
    point = contacts.add(patient=person, point=phone(confirmed=False), by=desk, now=NOW)
    assert not may_contact(facts_of(person)[point.address]).allowed
    contacts.verify(contact_point=point, expected_version=1, by=desk, now=NOW)
    assert may_contact(facts_of(person)[point.address]).allowed


def test_a_retired_address_cannot_be_changed(desk, person):
    point = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    gone = contacts.retire(contact_point=point, expected_version=1, by=desk, now=NOW)
    with pytest.raises(Refused) as refused:
        contacts.verify(contact_point=point, expected_version=gone.version, by=desk, now=NOW)
    assert refused.value.code == "contact_point_retired"


def test_the_newest_effective_decision_on_consent_counts(desk, person):
    point = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    consents.record(contact_point=point, given=False, method="phone", evidence="call at noon", by=desk, now=NOW)
    assert facts_of(person)[point.address].consent is ConsentDecision.WITHDRAWN
    later = NOW + timedelta(days=1)
    consents.record(contact_point=point, given=True, method="written", by=desk, now=later)
    assert facts_of(person, later)[point.address].consent is ConsentDecision.GIVEN
    assert facts_of(person, NOW)[point.address].consent is ConsentDecision.WITHDRAWN


def test_a_decision_that_came_late_to_the_record_does_not_outweigh_a_newer_one(desk, person):
    point = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    long_ago = NOW - timedelta(days=3)
    consents.record(contact_point=point, given=False, method="phone", effective_at=long_ago, by=desk, now=NOW)
    assert facts_of(person)[point.address].consent is ConsentDecision.GIVEN


def test_a_decision_in_the_future_or_of_no_kind_is_refused(desk, person):
    point = contacts.add(patient=person, point=phone(consent=False), by=desk, now=NOW)
    with pytest.raises(Refused) as refused:
        consents.record(
            contact_point=point, given=True, method="?", effective_at=NOW + timedelta(days=1), by=desk, now=NOW
        )
    assert set(refused.value.fields) == {"method", "effective_at"}
    assert not ContactConsent.objects.exists()


def test_consent_is_never_rewritten(desk, person):
    point = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    from clinic.actions.verbs import allow_direct_writes

    with pytest.raises(DatabaseError), allow_direct_writes(), transaction.atomic():
        ContactConsent.objects.filter(contact_point=point).update(given=False)


def test_a_person_suppressed_for_two_reasons_gets_nothing_until_both_are_lifted(desk, person):
    contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    rows = [contacts.suppress(patient=person, reason=each, by=desk, now=NOW) for each in ("person_asked", "safety")]
    for row in rows:
        assert facts_of(person)["+14155550132"].person_suppressed
        contacts.lift(patient=person, suppression=row, by=desk, now=NOW)
    assert not facts_of(person)["+14155550132"].person_suppressed


def test_a_suppressed_person_gets_nothing_until_it_is_lifted(desk, person):
    contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    row = contacts.suppress(patient=person, reason="person_asked", by=desk, now=NOW)
    assert contacts.suppress(patient=person, reason="person_asked", by=desk, now=NOW) == row
    assert facts_of(person)["+14155550132"].person_suppressed
    assert list(reach.suppressions(person, desk)) == [row]
    contacts.lift(patient=person, suppression=row, by=desk, now=NOW)
    assert not facts_of(person)["+14155550132"].person_suppressed
    with pytest.raises(Refused) as refused:
        contacts.lift(patient=person, suppression=row, by=desk, now=NOW)
    assert refused.value.code == "suppression_lifted"


def test_a_channel_can_be_suppressed_alone(desk, person):
    for point in (phone(), email()):
        contacts.add(patient=person, point=point, by=desk, now=NOW)
    contacts.suppress(patient=person, reason="person_asked", channel=Channel.SMS, by=desk, now=NOW)
    assert facts_of(person)["+14155550132"].person_suppressed
    assert not facts_of(person)["person@example.org"].person_suppressed


def test_a_wrong_number_is_wrong_for_everybody(desk, person):
    other = patient(desk.sites.get(), by=desk)
    point = contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    contacts.add(patient=other, point=phone(), by=desk, now=NOW)
    contacts.suppress(patient=person, contact_point=point, reason="wrong_person", by=desk, now=NOW)
    assert facts_of(other)["+14155550132"].address_suppressed


def test_preferences_are_kept_with_a_version(desk, person):
    said = contacts.prefer(
        patient=person, expected_version=None, preferred_channel="email", reminders_wanted=False, by=desk, now=NOW
    )
    assert said.version == 1
    with pytest.raises(Refused) as refused:
        contacts.prefer(
            patient=person, expected_version=None, preferred_channel="", reminders_wanted=True, by=desk, now=NOW
        )
    assert refused.value.status == 412


def test_addresses_never_reach_the_audit(desk, person):
    contacts.add(patient=person, point=phone(), by=desk, now=NOW)
    contacts.suppress(patient=person, reason="safety", contact_point=person.contact_points.get(), by=desk, now=NOW)
    assert "4155550132" not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("number", [1, 12])
def test_how_many_may_be_reached_costs_the_same_for_one_as_for_many(desk, number, django_assert_num_queries):
    people = [patient(desk.sites.get(), by=desk, contact_points=[phone(f"+1415555{n:04d}")]) for n in range(number)]
    with django_assert_num_queries(4):
        found = reach.reaches([each.pk for each in people], NOW)
    assert all(len(points) == 1 for points in found.values())
