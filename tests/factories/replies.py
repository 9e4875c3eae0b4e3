"""Messages that went to somebody, and what they wrote back."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from clinic.actions.jobs import job
from clinic.actions.verbs import allow_direct_writes
from pathways.actions.replies import receive
from pathways.models import Attempt, Attendance, FollowUp, Reminder, Reply
from patients.models import ContactPoint, Patient
from patients.rules.contact import Channel
from tests.factories.patients import NOW

PHONE = "+14155550132"
OURS = "+12025550199"
_number = count(1)


def went(subject: Attendance | FollowUp, *, at: datetime = NOW - timedelta(hours=1), channel: str = "sms") -> Attempt:
    """A message about this that the provider delivered to the person's first address on the channel."""
    point = ContactPoint.objects.get(patient=subject.patient, channel=channel, retired_at__isnull=True)
    with allow_direct_writes():
        if isinstance(subject, FollowUp):
            row = _of_contact(subject, point, at)
        else:
            row = _of_place(subject, point, at)
        return Attempt.objects.create(
            reminder=row, number=row.tries, claim_id=uuid4(), channel=channel, provider=channel, address=point.address,
            sender=OURS, text="the office: see you Tue 16 Jun at 10:00. Reply STOP to opt out.", template=row.template,
            template_digest="0" * 16, started_at=at, finished_at=at, outcome="delivered",
            provider_id=f"SM{next(_number)}",
        )  # fmt: skip


def _of_contact(subject: FollowUp, point: ContactPoint, at: datetime) -> Reminder:
    Reminder.objects.filter(follow_up=subject).delete()
    return Reminder.objects.create(
        follow_up=subject, site=subject.site, subject_version=subject.plan_version, template="follow_up.check_in",
        **_delivered(subject.patient, point, at),
    )  # fmt: skip


def _of_place(subject: Attendance, point: ContactPoint, at: datetime) -> Reminder:
    session = subject.session
    Reminder.objects.filter(attendance=subject).delete()
    return Reminder.objects.create(
        attendance=subject, site=session.site, subject_version=session.plan_version, offset_minutes=1440,
        template="appointment.reminder", **_delivered(subject.patient, point, at),
    )  # fmt: skip


def _delivered(patient: Patient, point: ContactPoint, at: datetime) -> dict[str, Any]:
    local = at.astimezone(patient.zone)
    return {
        "patient": patient, "channel": point.channel, "contact_point": point, "language": patient.language,
        "due_on": local.date(), "due_time": local.time(), "time_zone": patient.time_zone, "due_at": at, "next_at": at,
        "planned_at": at, "status": "delivered", "status_at": at, "tries": 1,
    }  # fmt: skip


def wrote(text: str, *, address: str = PHONE, now: datetime = NOW, channel: str = Channel.SMS, **given: Any) -> Reply:
    """Somebody wrote this to us."""
    named = {"provider": channel, "provider_id": f"SM-in-{next(_number)}", "to_address": OURS}
    return receive(by=job("replies"), now=now, channel=channel, address=address, text=text, **(named | given))
