"""Who has the address something came from, what they were asked last, and whether they may be written to at all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from clinic.models import Site
from pathways.models import Attempt, Reminder, Reply
from pathways.queries import subjects
from pathways.queries.subjects import subject_now
from pathways.rules.reminders import COUNTS_AS_WRITTEN
from pathways.rules.replies import ANSWERS_WITHIN, Intent, Sender
from patients.models import ContactPoint, Patient, Suppression
from patients.queries.records import same_people
from patients.rules.contact import PHONE_CHANNELS, STOP_REPLY, Channel

ABOUT = ("site", "patient", "contact_point__patient", *subjects.TOGETHER)


@dataclass(frozen=True, slots=True)
class Standing:
    """What closes an address to messages: their own stop, or anything else."""

    stopped: bool
    suspended: bool


def contact_points_at(channel: str, address: str) -> list[ContactPoint]:
    """Everybody's use of an address a message came from on a channel, by person; that of the channel itself first.

    A number that somebody gave for calls alone is theirs as well. Where records are linked, they are one person's, of
    whom one use of the address is given. Nobody who has died.
    """
    channels = [each.value for each in PHONE_CHANNELS] if channel in PHONE_CHANNELS else [channel]
    spellings = {address, address.lower()} if channel == Channel.EMAIL else {address}
    rows = ContactPoint.objects.filter(
        address__in=spellings, channel__in=channels, retired_at__isnull=True
    ).select_related("patient")  # fmt: skip
    people = same_people({each.patient_id for each in rows})
    first_of: dict[int, ContactPoint] = {}
    for row in sorted(rows, key=lambda each: (each.channel != channel, each.rank, each.pk)):
        if people.of[row.patient_id] not in people.died:
            first_of.setdefault(people.of[row.patient_id], row)
    return [first_of[pk] for pk in sorted(first_of)]


def sender(points: Sequence[ContactPoint]) -> Sender:
    """How many people have the address."""
    return (Sender.NOBODY, Sender.ONE)[len(points)] if len(points) < 2 else Sender.SEVERAL


def standing(channel: str, address: str, patients: Collection[Patient]) -> Standing:
    """What closes the address now. Where several have it, what closes it for one alone does not count."""
    closed = Q(address=address, patient__isnull=True, channel__in=["", channel])
    if len(patients) == 1:
        records = same_people([each.pk for each in patients]).records
        closed |= Q(patient__in=records, channel__in=["", channel], address__in=["", address])
    reasons = set(Suppression.objects.filter(closed, lifted_at__isnull=True).values_list("reason", flat=True))
    return Standing(STOP_REPLY in reasons, bool(reasons - {STOP_REPLY}))


def waiting_for_an_answer(
    channel: str, points: Collection[ContactPoint], now: datetime, answers: Attempt | None = None
) -> dict[int, Reminder]:
    """By the record of each of these uses, the newest message of the last week to the address, whichever record of the
    person it was written to, where what it was about is as it was then.

    `answers`: the very message that is answered, where the reply names it. Two queries.
    """
    people = same_people([each.patient_id for each in points])
    use_of = {people.of[each.patient_id]: each.patient_id for each in points}
    rows = Reminder.objects.filter(
        patient__in=people.records,
        channel=channel,
        reply__isnull=True,
        contact_point__address__in={each.address for each in points},
        status__in=[each.value for each in COUNTS_AS_WRITTEN],
        status_at__gt=now - ANSWERS_WITHIN,
    ).select_related(*ABOUT)
    if answers is not None:
        rows = rows.filter(pk=answers.reminder_id)
    newest: dict[int, Reminder] = {}
    for row in rows.order_by("-status_at", "-pk"):
        newest.setdefault(use_of[people.of[row.patient_id]], row)
    return {pk: row for pk, row in newest.items() if _still_asks(row, now)}


def _still_asks(row: Reminder, now: datetime) -> bool:
    """Whether what the message was about is still to come, at the time it named."""
    subject = subject_now(row)
    to_come = subject.appointment_at is None or subject.appointment_at > now
    return subject.open and to_come and subject.version == row.subject_version


def wish_waits(place_id: int | None) -> bool:
    """Whether somebody asked for another time of this place, or wrote words of danger about it, and nobody has seen to
    it yet."""
    if place_id is None:
        return False
    wish = Q(intent=Intent.RESCHEDULE) | Q(urgent=True)
    return Reply.objects.waiting().filter(wish, attendance=place_id).exists()


def newest_attempt(row: Reminder) -> Attempt | None:
    """The newest try to send it."""
    return row.attempts.order_by("-number").first()


def attempt_named(reference: UUID, address: str) -> Attempt | None:
    """The attempt a reply names, where it went to the address the reply comes from."""
    return Attempt.objects.filter(public_id=reference, address__iexact=address).first()


def site_of(
    channel: str, address: str, points: Sequence[ContactPoint], answered: Reminder | None = None
) -> Site | None:
    """Where somebody looks at it, at an open site: the one whose message it answers or that wrote to this address last,
    else the person's own, else one whose people know them, else the first."""
    if answered is not None and answered.site.closed_at is None:
        return answered.site
    wrote = Reminder.objects.filter(contact_point__address=address, channel=channel, site__closed_at__isnull=True)
    newest = wrote.select_related("site").order_by("-status_at").first()
    if newest is not None:
        return newest.site
    sites = Site.objects.filter(closed_at__isnull=True).order_by("pk")
    if len(points) == 1:
        stays = points[0].patient.site_stays.filter(until__isnull=True)
        own = stays.filter(site__closed_at__isnull=True).select_related("site").order_by("since", "pk").first()
        near = own.site if own is not None else sites.filter(actors__sites__in=stays.values("site")).first()
        if near is not None:
            return near
    return sites.first()
