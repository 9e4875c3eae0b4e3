"""Many reminders due at once: people, addresses, consents, follow-ups and planned messages, planted in batches.

Planted and not acted out: what is under test here is what happens to due rows, not how they came to be.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Installation, Site
from pathways.models import Attendance, Enrollment, FollowUp, Program, ProgramVersion, Reminder, Session
from patients.models import ContactConsent, ContactPoint, Patient, PatientSite
from tests.factories.clinic import job, site

BATCH = 5_000
ZONE = "America/New_York"
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NOON = datetime(2026, 6, 18, 16, tzinfo=UTC)
"""Noon in New York on a Thursday."""


def phone(number: int) -> str:
    return f"+1202{2_000_000 + number:07d}"


def stand_at(moment: datetime) -> None:
    """Move the practice clock so that it is this moment now; tests do not depend on the hour."""
    from clinic.clock import real_now

    with allow_direct_writes():
        Installation.objects.update(clock_offset=moment - real_now(), practice=True)


def plant_due(
    count: int,
    *,
    channel: str = "sms",
    now: datetime = NOON,
    version: ProgramVersion | None = None,
    ladder: str = "load",
    first: int = 0,
    zone: str = ZONE,
) -> Site:
    """`count` people with one contact each, the message of which was due a minute ago. `version`: of a program with
    that ladder, where what is under test reads it. `first`: the number that makes the first one's address.
    `zone`: where the site is and the people live."""
    where, by = site(contact_opens="08:00", contact_closes="20:00", time_zone=zone), job()
    with allow_direct_writes():
        version = version or _version(by, now)
        for numbers in _batches(count, first):
            points = _plant_people(numbers, channel, now, where, by)
            _plant_contacts(points, now, where, by, version, ladder)
    return where


def plant_places(count: int, *, channel: str = "sms", now: datetime = NOON, first: int = 0) -> Site:
    """`count` people with a session each at this time tomorrow, the message of which was due a minute ago."""
    where, by = site(contact_opens="08:00", contact_closes="20:00"), job()
    with allow_direct_writes():
        for numbers in _batches(count, first):
            _plant_places(_plant_people(numbers, channel, now, where, by), now, where, by)
    return where


def link_others(where: Site) -> None:
    """Every person of the site has another record, elsewhere and with nothing of its own, found to be theirs."""
    people, elsewhere, by = list(Patient.objects.filter(site_stays__site=where).order_by("pk")), site(), job()
    with allow_direct_writes():
        others = Patient.objects.bulk_create(_patient(n, NOON, elsewhere, by) for n in range(len(people)))
        for one, other in zip(people, others, strict=True):
            other.merged_into, other.merged_at, other.merged_by = one, NOON, by
        Patient.objects.bulk_update(others, ["merged_into", "merged_at", "merged_by"], batch_size=BATCH)
        since = NOON - MINUTE
        PatientSite.objects.bulk_create(
            PatientSite(patient=each, site=elsewhere, since=since, added_by=by) for each in others
        )


def _batches(count: int, first: int = 0) -> Iterator[range]:
    for start in range(first, first + count, BATCH):
        yield range(start, min(start + BATCH, first + count))


def _version(by: Actor, now: datetime) -> ProgramVersion:
    program = Program.objects.create(key=f"load-{uuid4().hex[:8]}", title="Load")
    return ProgramVersion.objects.create(
        program=program, number=1, document={}, digest=uuid4().hex, created_at=now, created_by=by
    )


def _plant_people(numbers: range, channel: str, now: datetime, where: Site, by: Actor) -> list[ContactPoint]:
    """People of the site with an address each that they agreed to."""
    since = now - MINUTE
    patients = Patient.objects.bulk_create(_patient(n, now, where, by) for n in numbers)
    PatientSite.objects.bulk_create(
        PatientSite(patient=each, site=where, since=since, added_by=by) for each in patients
    )
    points = ContactPoint.objects.bulk_create(
        ContactPoint(
            patient=patient, channel=channel, address=phone(n) if channel == "sms" else f"p{n}@example.org",
            added_at=since, added_by=by, verified_at=since, verified_by=by,
        )
        for n, patient in zip(numbers, patients, strict=True)
    )  # fmt: skip
    ContactConsent.objects.bulk_create(
        ContactConsent(
            patient=point.patient, contact_point=point, given=True, method="in_person",
            effective_at=since, recorded_at=since, recorded_by=by,
        )
        for point in points
    )  # fmt: skip
    return list(points)


def _plant_contacts(
    points: Sequence[ContactPoint], now: datetime, where: Site, by: Actor, version: ProgramVersion, ladder: str
) -> None:
    due = now - MINUTE
    enrollments = Enrollment.objects.bulk_create(
        Enrollment(
            patient=point.patient, program=version.program, program_version=version, site=where, status="active",
            opened_at=due, opened_by=by,
        )
        for point in points
    )  # fmt: skip
    follow_ups = FollowUp.objects.bulk_create(_follow_up(each, due, by, ladder) for each in enrollments)
    Reminder.objects.bulk_create(
        _reminder(point, where, due, follow_up=follow_up, template="follow_up.check_in")
        for follow_up, point in zip(follow_ups, points, strict=True)
    )


def _plant_places(points: Sequence[ContactPoint], now: datetime, where: Site, by: Actor) -> None:
    due = now - MINUTE
    leaders = Actor.objects.bulk_create(Actor(kind="staff", name=f"Leader {point.pk}") for point in points)
    sessions = Session.objects.bulk_create(
        Session(
            site=where, modality="individual-counseling", kind="individual", leader=leader, starts_at=due + DAY,
            ends_at=due + DAY + 50 * MINUTE, time_zone=where.time_zone, booked_at=due, booked_by=by,
        )
        for leader in leaders
    )  # fmt: skip
    places = Attendance.objects.bulk_create(
        Attendance(session=session, patient=point.patient, booked_at=due, booked_by=by)
        for session, point in zip(sessions, points, strict=True)
    )
    Reminder.objects.bulk_create(
        _reminder(point, where, due, attendance=place, template="appointment.reminder", offset_minutes=24 * 60)
        for place, point in zip(places, points, strict=True)
    )


def _patient(number: int, now: datetime, where: Site, by: Actor) -> Patient:
    return Patient(
        record_number=f"L{uuid4().hex[:12]}", given_name="Juniper", family_name=f"Load {number}",
        birth_date="1990-05-01", time_zone=where.time_zone, registered_at=now, registered_by=by,
    )  # fmt: skip


def _follow_up(enrollment: Enrollment, due: datetime, by: Actor, ladder: str) -> FollowUp:
    local = due.astimezone(enrollment.site.zone)
    return FollowUp(
        enrollment=enrollment, patient=enrollment.patient, site=enrollment.site, rule_key="load",
        anchor_kind="admission", anchor_id=uuid4(), purpose="check_in", title="Check-in", mode="message",
        template="follow_up.check_in",
        ladder=ladder, due_on=local.date(), due_time=local.time(), time_zone=enrollment.site.time_zone, due_at=due,
        act_at=due, planned_at=due, planned_by=by,
    )  # fmt: skip


def _reminder(point: ContactPoint, where: Site, due: datetime, **about: Any) -> Reminder:
    local = due.astimezone(where.zone)
    return Reminder(
        patient=point.patient, site=where, subject_version=1, rung=0, channel=point.channel, contact_point=point,
        language="en", due_on=local.date(), due_time=local.time(), time_zone=where.time_zone,
        due_at=due, next_at=due, planned_at=due, status_at=due, **about,
    )  # fmt: skip
