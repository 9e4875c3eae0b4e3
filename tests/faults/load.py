"""Many reminders due at once: people, addresses, consents, follow-ups and planned messages, planted in batches.

Planted and not acted out: what is under test here is what happens to due rows, not how they came to be.
"""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Installation, Site
from pathways.models import Enrollment, FollowUp, Program, ProgramVersion, Reminder
from patients.models import ContactConsent, ContactPoint, Patient, PatientSite
from tests.factories.clinic import job, site

BATCH = 5_000
NOON = datetime(2026, 6, 18, 16, tzinfo=UTC)
"""Noon in New York on a Thursday."""


def phone(number: int) -> str:
    return f"+1202{2_000_000 + number:07d}"


def stand_at(moment: datetime) -> None:
    """Move the practice clock so that it is this moment now; tests do not depend on the hour."""
    from clinic.clock import real_now

    with allow_direct_writes():
        Installation.objects.update(clock_offset=moment - real_now(), practice=True)


def plant_due(count: int, *, channel: str = "sms", now: datetime = NOON) -> Site:
    """`count` people with one reminder each, due a minute ago."""
    where, by = site(contact_opens="08:00", contact_closes="20:00"), job()
    with allow_direct_writes():
        version = _version(by, now)
        for start in range(0, count, BATCH):
            _plant(range(start, min(start + BATCH, count)), channel, now, where, by, version)
    return where


def _version(by: Actor, now: datetime) -> ProgramVersion:
    program = Program.objects.create(key=f"load-{uuid4().hex[:8]}", title="Load")
    return ProgramVersion.objects.create(
        program=program, number=1, document={}, digest=uuid4().hex, created_at=now, created_by=by
    )


def _plant(numbers: range, channel: str, now: datetime, where: Site, by: Actor, version: ProgramVersion) -> None:
    due = now - timedelta(minutes=1)
    patients = Patient.objects.bulk_create(_patient(n, now, by) for n in numbers)
    PatientSite.objects.bulk_create(PatientSite(patient=each, site=where, since=due, added_by=by) for each in patients)
    points = ContactPoint.objects.bulk_create(
        ContactPoint(
            patient=patient, channel=channel, address=phone(n) if channel == "sms" else f"p{n}@example.org",
            added_at=due, added_by=by, verified_at=due, verified_by=by,
        )
        for n, patient in zip(numbers, patients, strict=True)
    )  # fmt: skip
    ContactConsent.objects.bulk_create(
        ContactConsent(
            patient=point.patient, contact_point=point, given=True, method="in_person",
            effective_at=due, recorded_at=due, recorded_by=by,
        )
        for point in points
    )  # fmt: skip
    enrollments = Enrollment.objects.bulk_create(
        Enrollment(
            patient=patient, program=version.program, program_version=version, site=where, status="active",
            opened_at=due, opened_by=by,
        )
        for patient in patients
    )  # fmt: skip
    follow_ups = FollowUp.objects.bulk_create(_follow_up(each, due, by) for each in enrollments)
    Reminder.objects.bulk_create(
        _reminder(follow_up, point, due) for follow_up, point in zip(follow_ups, points, strict=True)
    )


def _patient(number: int, now: datetime, by: Actor) -> Patient:
    return Patient(
        record_number=f"L{uuid4().hex[:12]}", given_name="Juniper", family_name=f"Load {number}",
        birth_date="1990-05-01", time_zone="America/New_York", registered_at=now, registered_by=by,
    )  # fmt: skip


def _follow_up(enrollment: Enrollment, due: datetime, by: Actor) -> FollowUp:
    local = due.astimezone(enrollment.site.zone)
    return FollowUp(
        enrollment=enrollment, patient=enrollment.patient, site=enrollment.site, rule_key="load",
        anchor_kind="admission", anchor_id=uuid4(), purpose="check_in", title="Check-in", mode="message",
        template="follow_up.check_in",
        ladder="load", due_on=local.date(), due_time=local.time(), time_zone=enrollment.site.time_zone, due_at=due,
        act_at=due, planned_at=due, planned_by=by,
    )  # fmt: skip


def _reminder(follow_up: FollowUp, point: ContactPoint, due: datetime) -> Reminder:
    return Reminder(
        patient=follow_up.patient, site=follow_up.site, follow_up=follow_up, subject_version=1, rung=0,
        channel=point.channel, contact_point=point,
        template="follow_up.check_in", language="en", due_on=follow_up.due_on, due_time=follow_up.due_time,
        time_zone=follow_up.time_zone, due_at=due, next_at=due, planned_at=due, status_at=due,
    )  # fmt: skip
