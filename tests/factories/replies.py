"""Messages that went to somebody, and what they wrote back."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from clinic.actions.jobs import job
from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from pathways.actions.follow_ups.steps import ladder_of
from pathways.actions.reminders import claim_due, open_window
from pathways.actions.replies import receive
from pathways.models import Attempt, Attendance, FollowUp, Reminder, Reply
from pathways.queries.replies import waiting
from pathways.rules.programs import MESSAGE_RUNGS
from patients.actions.contacts import NewContactPoint
from patients.models import ContactPoint, Patient, Suppression
from patients.rules.contact import Channel
from tests.factories import clinic, pathways, patients, sessions
from tests.factories.patients import NOW

PHONE = "+14155550132"
OTHER_PHONE = "+14155550199"
OURS = "+12025550199"
MINUTE = timedelta(minutes=1)
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


def somebody(site: Site, by: Actor, *points: NewContactPoint, **fields: object) -> Patient:
    """Somebody of a site, with a phone unless told otherwise."""
    return patients.patient(site, by=by, contact_points=points or [patients.phone()], **fields)


def two(site: Site, by: Actor) -> tuple[Patient, Patient]:
    """Two people with one number."""
    return somebody(site, by), somebody(site, by)


def reminded(person: Patient, by: Actor, *, hours: int = 24) -> Attendance:
    """Somebody's appointment, of which they were reminded an hour ago."""
    at, leader = NOW + timedelta(hours=hours), clinic.actor(sites=by.sites.all())
    place = sessions.place_of(sessions.individual(person, by=by, at=at, leader=leader), person)
    went(place)
    return place


def asked_to_call(person: Patient, by: Actor) -> FollowUp:
    """A contact of somebody under way, with a message an hour ago that asked them to call."""
    row = pathways.enrolled(person, by=by).follow_ups.filter(climbs_at__isnull=False).earliest("due_at")
    went(row)
    return row


def stands_with_a_person(contact: FollowUp) -> bool:
    """Whether a contact has come to a step that no message takes."""
    return ladder_of(contact).rungs[contact.rung].kind not in MESSAGE_RUNGS


def answers() -> list[str]:
    """The kinds of message that are to go back."""
    return list(Reminder.objects.filter(reply__isnull=False, rung=0).order_by("pk").values_list("template", flat=True))


def gone(now: datetime) -> list[str]:
    """The kinds of message that go now."""
    by = clinic.job()
    claim = claim_due(by=by, now=now)
    ids = [each for rows in claim.by_channel.values() for each in rows]
    made = open_window(by=by, now=now, claim_id=claim.claim_id, ids=ids, live=False)
    return sorted(
        Reminder.objects.filter(pk__in=[each.reminder_id for each in made]).values_list("template", flat=True)
    )


def for_a_person(site: Site, by: Actor) -> list[str]:
    """The words that wait for a person at a site."""
    return [each.text for each in waiting(site, by)]


def reasons_in_force(**of: object) -> set[str]:
    """Why addresses and channels are closed now."""
    return set(Suppression.objects.filter(lifted_at__isnull=True, **of).values_list("reason", flat=True))
