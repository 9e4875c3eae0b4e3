"""A site's contact hours or schedules change: its messages still to come follow, batch by batch, whatever stops a
worker."""

from collections.abc import Iterator, MutableMapping
from datetime import datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from structlog.testing import capture_logs

from clinic.actions import sites
from clinic.actions.sites import Place
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.opening_hours import to_local
from clinic.rules.roles import Role
from pathways.actions import reminders, schedules
from pathways.actions.reminders import sites as plans
from pathways.models import Attendance, Enrollment, FollowUp, ProgramVersion, Reminder
from pathways.tasks import plan_messages_anew
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories import sessions as make
from tests.factories.patients import NOW, email, phone

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def job() -> Actor:
    return clinic.job()


def under_way(site: Site, by: Actor, *points: object, in_days: int = 14) -> Patient:
    """Somebody with contacts and an appointment, and everything planned by the hours of now."""
    person = patients.patient(site, by=by, contact_points=[*(points or (phone(),))])
    pathways.enrolled(person, site=site, by=by)
    make.individual(person, by=by, at=NOW + in_days * DAY)
    return person


def hours(site: Site, opens: int, closes: int) -> Site:
    """Other contact hours, by the verb of the site's page."""
    by = clinic.actor(roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site])
    names = ("name", "discreet_name", "time_zone", "phone", "region")
    place = Place(
        contact_opens=time(opens), contact_closes=time(closes), **{name: getattr(site, name) for name in names}
    )
    return sites.change(site=site, place=place, by=by, now=NOW)


def batches(job: Actor, now: datetime = NOW) -> Iterator[plans.Batch]:
    while (batch := reminders.plan_site_on(by=job, now=now)) is not None:
        yield batch


def settled(job: Actor) -> int:
    """Everything there is to do. Returns how many messages changed."""
    return sum(each.changed for each in batches(job))


def local_times(**where: object) -> set[time]:
    rows = Reminder.objects.filter(status="planned", **where)
    return {to_local(row.due_at, row.time_zone).time() for row in rows}


def due_by_wall_time(**where: object) -> dict[int, datetime]:
    rows = Reminder.objects.filter(status="planned", follow_up__isnull=False, **where)
    return {row.pk: row.due_at for row in rows}


def test_later_hours_delay_what_would_come_too_early_and_earlier_ones_bring_it_back(
    site: Site, by: Actor, job: Actor
) -> None:
    under_way(site, by)
    settled(job)
    before = due_by_wall_time()
    hours(site, 12, 19)
    assert settled(job) > 0
    assert min(local_times()) >= time(12)
    assert all(row.next_at == row.due_at for row in Reminder.objects.filter(status="planned"))
    hours(site, 9, 19)
    settled(job)
    assert due_by_wall_time() == before


def test_the_hours_of_their_own_still_count(site: Site, by: Actor, job: Actor) -> None:
    under_way(site, by, phone(opens=time(15), closes=time(18)))
    hours(site, 10, 17)
    settled(job)
    assert min(local_times()) >= time(15)
    assert max(local_times()) < time(17)


def test_appointments_follow_too(site: Site, by: Actor, job: Actor) -> None:
    under_way(site, by)
    settled(job)
    hours(site, 12, 19)
    settled(job)
    assert {row.due_time for row in Reminder.objects.filter(attendance__isnull=False, status="planned")} == {
        time(12), time(18, 30),
    }  # fmt: skip


def test_a_schedule_that_is_set_or_cleared_is_followed_by_what_is_planned(site: Site, by: Actor, job: Actor) -> None:
    under_way(site, by)
    settled(job)
    planned = Reminder.objects.filter(attendance__isnull=False, status="planned")
    assert planned.count() == 4
    row = schedules.set_schedule(
        by=by, now=NOW, site_id=site.public_id, modality="individual-counseling", offsets=[3 * DAY]
    )
    assert planned.count() == 4, "not in the request"
    assert settled(job) == 5
    assert list(planned.values_list("offset_minutes", flat=True)) == [3 * 24 * 60]
    schedules.clear_schedule(
        by=by, now=NOW, site_id=site.public_id, modality="individual-counseling", expected_version=row.version
    )
    settled(job)
    assert planned.count() == 4


def test_doing_it_again_changes_nothing_and_other_sites_are_left_alone(site: Site, by: Actor, job: Actor) -> None:
    under_way(site, by)
    elsewhere = clinic.site()
    there = under_way(elsewhere, clinic.actor(roles=[Role.SUPERVISOR], sites=[elsewhere]))
    settled(job)
    before = due_by_wall_time(patient=there)
    hours(site, 12, 19)
    assert {each.site for each in batches(job)} == {site.code}
    assert due_by_wall_time(patient=there) == before
    assert list(batches(job)) == []


def test_what_was_claimed_tried_or_is_due_already_keeps_its_time(site: Site, by: Actor, job: Actor) -> None:
    under_way(site, by)
    settled(job)
    first, second = Reminder.objects.filter(status="planned", follow_up__isnull=False).order_by("due_at")[:2]
    with allow_direct_writes():
        Reminder.objects.filter(pk=first.pk).update(tries=1, next_at=first.due_at + HOUR)
        Reminder.objects.filter(pk=second.pk).update(status="cancelled", status_code="reminder.cancelled.step_left")
    hours(site, 14, 19)
    settled(job)
    kept = Reminder.objects.get(pk=first.pk)
    assert (kept.due_at, kept.next_at) == (first.due_at, first.due_at + HOUR)
    assert Reminder.objects.get(pk=second.pk).due_at == second.due_at


def test_contacts_that_had_no_message_because_no_hours_were_left_get_theirs(by: Actor, job: Actor, site: Site) -> None:
    hours(site, 9, 10)
    person = under_way(site, by, phone(opens=time(11), closes=time(18)))
    assert not Reminder.objects.filter(patient=person, status="planned").exists()
    hours(site, 9, 19)
    settled(job)
    contacts = FollowUp.objects.open().filter(patient=person, rung=0).exclude(template="")
    assert (
        Reminder.objects.filter(patient=person, status="planned", follow_up__isnull=False).count() == contacts.count()
    )
    assert Reminder.objects.filter(patient=person, status="planned", attendance__isnull=False).count() == 4


def test_the_preferred_channel_is_planned_for(site: Site, by: Actor, job: Actor) -> None:
    hours(site, 9, 10)
    person = under_way(site, by, phone(opens=time(11), closes=time(18)), email(opens=time(11), closes=time(18)))
    from pathways.actions import contacts

    contacts.prefer(
        patient=person, expected_version=None, preferred_channel="email", reminders_wanted=True, by=by, now=NOW
    )
    hours(site, 9, 19)
    settled(job)
    assert set(Reminder.objects.filter(status="planned").values_list("channel", flat=True)) == {"email"}


def test_a_worker_that_stops_is_followed_by_the_next_where_it_stood(
    site: Site, by: Actor, job: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        under_way(site, by, in_days=14 + number)
    settled(job)
    monkeypatch.setattr(plans, "CONTACTS_AT_ONCE", 7)
    monkeypatch.setattr(plans, "PLACES_AT_ONCE", 2)
    hours(site, 12, 19)
    first = reminders.plan_site_on(by=job, now=NOW)
    assert first is not None and first.seen == 7
    total = FollowUp.objects.open().filter(site=site).count() + 3
    assert sum(each.seen for each in batches(clinic.job())) == total - 7
    assert min(local_times()) >= time(12)


def test_hours_that_change_again_meanwhile_begin_anew(
    site: Site, by: Actor, job: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way(site, by)
    settled(job)
    monkeypatch.setattr(plans, "CONTACTS_AT_ONCE", 5)
    hours(site, 14, 19)
    reminders.plan_site_on(by=job, now=NOW)
    hours(site, 12, 19)
    settled(job)
    assert min(local_times(follow_up__isnull=False)) == time(12)


# -- what cannot be read ----------------------------------------------------------------------------------------------


def of_no_version_that_can_be_read(person: Patient) -> ProgramVersion:
    """The person's contacts belong to a version with a document that nobody can read."""
    read = Enrollment.objects.get(patient=person).program_version
    with allow_direct_writes():
        broken = ProgramVersion.objects.create(
            program=read.program, number=99, status="published", document={"schema": 0}, digest="not readable",
            created_at=NOW, created_by=read.created_by, published_at=NOW, published_by=read.created_by,
        )  # fmt: skip
        Enrollment.objects.filter(patient=person).update(program_version=broken)
    return broken


def somewhere_nobody_knows(person: Patient) -> None:
    with allow_direct_writes():
        Patient.objects.filter(pk=person.pk).update(time_zone="Nowhere/Land")


def passed_over(lines: list[MutableMapping[str, object]]) -> list[tuple[object, object]]:
    return [(each["what"], each["id"]) for each in lines if each["event"] == "passed_over"]


def test_contacts_of_a_version_that_cannot_be_read_hold_up_neither_others_nor_later_sites(
    site: Site, by: Actor, job: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinic.clock.now", lambda: NOW)
    broken, other = under_way(site, by), under_way(site, by, in_days=15)
    elsewhere = clinic.site()
    there = under_way(elsewhere, clinic.actor(roles=[Role.SUPERVISOR], sites=[elsewhere]))
    settled(job)
    before = due_by_wall_time(patient=broken)
    of_no_version_that_can_be_read(broken)
    hours(site, 12, 19)
    hours(elsewhere, 13, 19)
    assert plan_messages_anew()["changed"] > 0
    assert due_by_wall_time(patient=broken) == before, "nobody can say when they are to go"
    assert min(local_times(patient=other)) >= time(12)
    assert min(local_times(patient=there)) >= time(13)
    assert min(local_times(patient=broken, attendance__isnull=False)) >= time(12), "appointments ask no program"
    assert plan_messages_anew() == {}, "both sites are done with"


def test_a_version_that_cannot_be_read_is_told_once_a_batch(
    site: Site, by: Actor, job: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = under_way(site, by)
    settled(job)
    version = of_no_version_that_can_be_read(person)
    contacts = FollowUp.objects.open().filter(site=site).count()
    monkeypatch.setattr(plans, "CONTACTS_AT_ONCE", contacts - 1)
    hours(site, 12, 19)
    with capture_logs() as lines:
        assert sum(each.seen for each in batches(job)) == contacts + 1
    assert passed_over(lines) == [("program_version", str(version.public_id))] * 2


def test_somebody_whose_time_nobody_can_tell_holds_up_no_other(site: Site, by: Actor, job: Actor) -> None:
    broken, other = under_way(site, by), under_way(site, by, in_days=15)
    settled(job)
    before = due_by_wall_time(patient=broken)
    somewhere_nobody_knows(broken)
    hours(site, 12, 19)
    with capture_logs() as lines:
        settled(job)
    assert due_by_wall_time(patient=broken) == before
    assert min(local_times(patient=other)) >= time(12)
    first = FollowUp.objects.open().filter(patient=broken).order_by("pk")[0]
    place = Attendance.objects.get(patient=broken)
    assert passed_over(lines) == [("follow_up", str(first.public_id)), ("attendance", str(place.public_id))]


@pytest.mark.parametrize("number", [5, 50])
def test_a_batch_of_many_costs_as_many_statements_as_one_of_few(number: int, site: Site, by: Actor, job: Actor) -> None:
    for _ in range(number):
        person = patients.patient(site, by=by, contact_points=[phone()])
        pathways.enrolled(person, site=site, by=by)
    settled(job)
    hours(site, 12, 19)
    with CaptureQueriesContext(connection) as seen:
        batch = reminders.plan_site_on(by=job, now=NOW)
    assert batch is not None and batch.changed > number
    assert len(seen) == PLANNED_IN


PLANNED_IN = 14
