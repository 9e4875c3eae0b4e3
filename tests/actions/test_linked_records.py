"""Two records that were found to be one person's: what they say counts for both, and they are written to as one."""

from datetime import timedelta

import pytest

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import reminders, replies
from pathways.models import Reminder
from pathways.queries.replies import waiting
from pathways.queries.sending import TOGETHER, send_facts
from pathways.rules.reminders import SendFacts
from pathways.rules.replies import ReplyEffect
from patients.actions import contacts
from patients.actions.deaths import record_death
from patients.models import Patient, Suppression
from patients.queries import contacts as reach
from patients.queries.contacts import StoppedElsewhere
from patients.queries.records import same_people
from patients.rules.contact import may_contact
from tests.factories import clinic, pathways, patients
from tests.factories import replies as make
from tests.factories import sessions as make_session
from tests.factories.patients import NOW, linked
from tests.factories.replies import PHONE, wrote
from tests.faults.load import NOON, plant_due

pytestmark = pytest.mark.django_db
OTHER_PHONE = "+14155550199"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.SUPERVISOR, Role.CLINICIAN], sites=[site])


@pytest.fixture
def kept(site: Site, by: Actor) -> Patient:
    """The older record, which stands for the person."""
    return patients.patient(site, by=by, contact_points=[patients.phone()])


def twin_of(kept: Patient, site: Site, by: Actor, address: str = OTHER_PHONE, *, under_way: bool = True) -> Patient:
    """A second record of the person, with this number; it is the one that is enrolled."""
    newer = patients.patient(site, by=by, contact_points=[patients.phone(address)])
    if under_way:
        pathways.enrolled(newer, by=by, site=site)
    return linked(newer, kept, by)


def about(twin: Patient, now: object = NOW) -> SendFacts:
    """What is asked just before the first planned message of this record goes."""
    row = Reminder.objects.filter(patient=twin, status="planned").select_related(*TOGETHER).earliest("due_at")
    return send_facts([row], now=now)[row.pk]  # type: ignore[arg-type]


def allowed(person: Patient) -> bool:
    """Whether staff are told that this record's first address may be written to."""
    return may_contact(reach.reaches([person.pk], NOW)[person.pk][0].facts).allowed


def test_all_records_of_a_person_are_found_from_any_of_them(kept: Patient, site: Site, by: Actor) -> None:
    twin = twin_of(kept, site, by, under_way=False)
    third = linked(patients.patient(site, by=by), twin, by)
    stranger = patients.patient(site, by=by)
    for each in (kept, twin, third):
        assert same_people([each.pk]).of == dict.fromkeys([kept.pk, twin.pk, third.pk], kept.pk)
    assert same_people([stranger.pk]).of == {stranger.pk: stranger.pk}


@pytest.mark.parametrize("number", [PHONE, OTHER_PHONE])
def test_a_stop_from_either_number_holds_for_both_records(kept: Patient, site: Site, by: Actor, number: str) -> None:
    twin = twin_of(kept, site, by)
    assert not about(twin).person_suppressed
    row = wrote("STOP", address=number)
    assert (row.effect, row.patient) == (ReplyEffect.STOPPED, kept if number == PHONE else twin)
    assert about(twin).person_suppressed


def test_a_start_opens_what_a_stop_had_closed_before_the_records_were_linked(
    kept: Patient, site: Site, by: Actor
) -> None:
    newer = patients.patient(site, by=by, contact_points=[patients.phone(OTHER_PHONE)])
    wrote("STOP", address=OTHER_PHONE)
    linked(newer, kept, by)
    assert wrote("START", address=OTHER_PHONE, now=NOW + 10 * MINUTE).effect == ReplyEffect.STARTED
    assert not Suppression.objects.filter(lifted_at__isnull=True).exists()
    consent = newer.contact_points.get().consents.order_by("-effective_at", "-pk")[0]
    assert (consent.given, consent.patient) == (True, newer)


@pytest.mark.parametrize("number", [PHONE, OTHER_PHONE])
def test_a_yes_confirms_the_appointment_of_whichever_record(kept: Patient, site: Site, by: Actor, number: str) -> None:
    newer = patients.patient(site, by=by, contact_points=[patients.phone(number)])
    place = make_session.place_of(make_session.individual(newer, by=by), newer)
    make.went(place)
    linked(newer, kept, by)
    row = wrote("C", address=number)
    place.refresh_from_db()
    assert (row.effect, row.attendance, row.patient) == (ReplyEffect.CONFIRMED, place, newer)
    assert place.confirmed_at == NOW


def test_while_they_wait_for_a_person_nothing_goes_to_either_number(kept: Patient, site: Site, by: Actor) -> None:
    twin = twin_of(kept, site, by)
    assert not about(twin).reply_waits
    assert wrote("please call me").patient == kept
    assert about(twin).reply_waits


@pytest.mark.parametrize(("are_one", "going"), [(True, 1), (False, 2)])
def test_of_messages_due_at_once_to_two_records_of_one_person_one_waits(are_one: bool, going: int) -> None:
    site = plant_due(2)
    if are_one:
        one, other = Patient.objects.filter(site_stays__site=site)
        linked(other, one, clinic.actor(roles=[Role.SUPERVISOR], sites=[site]))
    claim = reminders.claim_due(by=clinic.job(), now=NOON)
    window = reminders.open_window(
        by=clinic.job(), now=NOON, claim_id=claim.claim_id, ids=claim.by_channel["sms"], live=False
    )
    assert len(window) == going


def test_a_reply_waits_where_the_record_that_was_written_to_is_seen(kept: Patient, site: Site, by: Actor) -> None:
    elsewhere = clinic.site()
    there = clinic.actor(roles=[Role.SUPERVISOR], sites=[elsewhere])
    newer = patients.patient(elsewhere, by=there, contact_points=[patients.phone()])
    make.went(make_session.place_of(make_session.individual(newer, by=there), newer))
    linked(newer, kept, clinic.actor(roles=[Role.SUPERVISOR], sites=[site, elsewhere]))
    row = wrote("please call me")
    assert (row.patient, row.site, list(waiting(elsewhere, there))) == (newer, elsewhere, [row])


def test_a_person_says_whose_it_is_by_either_record(kept: Patient, site: Site, by: Actor) -> None:
    newer = patients.patient(site, by=by, contact_points=[patients.phone(OTHER_PHONE)])
    patients.patient(site, by=by, contact_points=[patients.phone(OTHER_PHONE)])
    place = make_session.place_of(make_session.individual(newer, by=by), newer)
    make.went(place)
    linked(newer, kept, by)
    row = wrote("who are you?", address=OTHER_PHONE)
    told = replies.assign(by=by, now=NOW, reply_id=row.public_id, patient_id=kept.public_id)
    assert (told.patient, told.attendance, told.contact_point) == (kept, place, newer.contact_points.get())


def test_who_wants_no_messages_is_written_to_by_no_record_of_theirs(kept: Patient, site: Site, by: Actor) -> None:
    twin = twin_of(kept, site, by)
    contacts.suppress(patient=kept, reason="person_asked", by=by, now=NOW)
    assert about(twin).person_suppressed


@pytest.mark.parametrize("said_of_the_older", [True, False])
def test_what_is_stopped_for_one_record_is_shown_and_can_be_allowed_again_at_the_other(
    kept: Patient, site: Site, by: Actor, said_of_the_older: bool
) -> None:
    twin = twin_of(kept, site, by)
    told, other = (kept, twin) if said_of_the_older else (twin, kept)
    row = contacts.suppress(patient=told, reason="person_asked", by=by, now=NOW)
    assert list(reach.suppressions(other, by)) == [row]
    assert not any(allowed(each) for each in (told, other))
    contacts.lift(patient=other, suppression=reach.suppression(other, by, row.public_id), by=by, now=NOW)
    assert all(allowed(each) for each in (told, other))
    assert not about(twin).person_suppressed
    assert set(AuditEntry.objects.get(action="contact.lift").patient_ids) == {told.public_id, other.public_id}


def test_a_start_names_every_record_it_opens(kept: Patient, site: Site, by: Actor) -> None:
    twin = twin_of(kept, site, by)
    wrote("STOP", address=PHONE)
    wrote("START", address=OTHER_PHONE, now=NOW + MINUTE)
    wrote("STOP", address=OTHER_PHONE, now=NOW + 2 * MINUTE)
    wrote("START", address=PHONE, now=NOW + 3 * MINUTE)
    named = AuditEntry.objects.filter(action="contact.opt_in").values_list("patient_ids", flat=True)
    assert [set(each) for each in named] == [{kept.public_id, twin.public_id}] * 2


class TestWhatARecordNobodyHereSeesForbids:
    @pytest.fixture
    def there(self) -> Site:
        return clinic.site()

    @pytest.fixture
    def theirs(self, kept: Patient, site: Site, there: Site) -> Patient:
        """The person's record at another site."""
        both = clinic.actor(roles=[Role.SUPERVISOR], sites=[site, there])
        return linked(patients.patient(there, by=both), kept, both)

    @pytest.fixture
    def row(self, theirs: Patient, there: Site) -> Suppression:
        staff = clinic.actor(roles=[Role.SUPERVISOR], sites=[there])
        return contacts.suppress(patient=theirs, reason="safety", channel="sms", by=staff, now=NOW)

    def test_is_told_by_its_channel_and_since_when(self, kept: Patient, by: Actor, row: Suppression) -> None:
        assert not reach.suppressions(kept, by)
        assert reach.stopped_elsewhere(kept, by) == [StoppedElsewhere("sms", NOW)]
        assert not allowed(kept)

    def test_cannot_be_allowed_again_here(self, kept: Patient, by: Actor, row: Suppression) -> None:
        for lift in (
            lambda: reach.suppression(kept, by, row.public_id),
            lambda: contacts.lift(patient=kept, suppression=row, by=by, now=NOW),
        ):
            with pytest.raises(Refused) as refused:
                lift()
            assert refused.value.status == 404
        row.refresh_from_db()
        assert row.lifted_at is None
        assert not AuditEntry.objects.filter(action="contact.lift", outcome="done").exists()

    def test_is_told_in_full_to_who_sees_both(
        self, kept: Patient, theirs: Patient, site: Site, there: Site, row: Suppression
    ) -> None:
        both = clinic.actor(roles=[Role.FRONT_DESK], sites=[site, there])
        assert list(reach.suppressions(kept, both)) == [row]
        assert reach.stopped_elsewhere(kept, both) == []
        contacts.lift(patient=kept, suppression=row, by=both, now=NOW)
        assert allowed(kept)


def test_a_stop_on_one_channel_of_one_record_leaves_the_other_channels_of_the_other(
    kept: Patient, site: Site, by: Actor
) -> None:
    twin = twin_of(kept, site, by)
    contacts.add(patient=twin, point=patients.email(), by=by, now=NOW)
    contacts.suppress(patient=kept, reason="person_asked", channel="sms", by=by, now=NOW)
    found = reach.reaches([twin.pk], NOW)[twin.pk]
    assert {each.point.channel: each.facts.person_suppressed for each in found} == {"sms": True, "email": False}


def test_what_is_stopped_for_a_stranger_is_shown_to_nobody_else(kept: Patient, site: Site, by: Actor) -> None:
    stranger = patients.patient(site, by=by, contact_points=[patients.phone(OTHER_PHONE)])
    contacts.suppress(patient=stranger, reason="person_asked", by=by, now=NOW)
    assert not reach.suppressions(kept, by)
    assert allowed(kept)


def test_what_went_to_one_record_counts_for_the_other(kept: Patient, site: Site, by: Actor) -> None:
    twin = twin_of(kept, site, by)
    make.went(make_session.place_of(make_session.individual(kept, by=by), kept))
    assert about(twin).written_at == (NOW - timedelta(hours=1),)


def test_nothing_goes_to_any_record_of_somebody_who_has_died(kept: Patient, site: Site, by: Actor) -> None:
    twin = twin_of(kept, site, by)
    assert about(twin).subject_open
    record_death(patient=kept, on=NOW.date(), by=by, now=NOW)
    assert not about(twin).subject_open
    assert wrote("hello", address=OTHER_PHONE).effect == ReplyEffect.WHO_IS_IT


def test_a_window_asks_about_any_number_of_people_in_as_many_queries(
    kept: Patient, site: Site, by: Actor, django_assert_num_queries: object
) -> None:
    twins = [twin_of(kept, site, by), twin_of(patients.patient(site, by=by), site, by, "+14155550188")]
    rows = list(Reminder.objects.filter(patient__in=twins, status="planned").select_related(*TOGETHER))
    for some in (rows[:1], rows):
        with django_assert_num_queries(9):  # type: ignore[operator]
            send_facts(some, now=NOW)
