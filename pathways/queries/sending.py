"""What is true of claimed reminders now: read again, set-wise, just before any of them would go."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

from django.db.models import Q

from clinic.rules.opening_hours import ContactHours, contact_window
from pathways.models import Attendance, FollowUp, Reminder, Reply
from pathways.rules.reminders import COUNTS_AS_WRITTEN, ReminderStatus, SendFacts, staleness
from pathways.rules.sessions import AttendanceStatus, SessionStatus
from patients.models import ContactConsent, ContactPoint, ContactPreference, Suppression

WEEK = timedelta(days=7)
EARLY, LATE = time(0), time(23, 59, 59, 999_999)
# What a claimed reminder needs beside itself, in one query.
TOGETHER = ("site", "patient", "follow_up", "attendance__session", "reply", "contact_point")
# The columns of these rows that sending reads; the rest would be most of the work of a window.
COLUMNS = (
    "public_id", "channel", "template", "language", "due_at", "next_at", "time_zone", "subject_version", "rung",
    "claim_id", "tries", "offset_minutes", "site__discreet_name", "site__phone", "site__contact_opens",
    "site__contact_closes", "patient__public_id", "patient__given_name", "patient__preferred_name",
    "patient__died_on", "follow_up__rung", "follow_up__due_at", "follow_up__outcome", "follow_up__plan_version",
    "attendance__status", "attendance__starts_at", "attendance__session__status",
    "attendance__session__plan_version", "reply__received_at", "contact_point__patient",
    "contact_point__channel", "contact_point__address", "contact_point__opens", "contact_point__closes",
    "contact_point__retired_at", "contact_point__verified_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Around:
    """What surrounds a batch of reminders, by contact point, patient, or address."""

    consented: frozenset[int]
    suppressed_people: frozenset[tuple[int, str]]
    suppressed_addresses: frozenset[tuple[str, str]]
    unwanted: frozenset[int]
    written: dict[tuple[int, str], list[datetime]]


def send_facts(reminders: Collection[Reminder], *, now: datetime) -> dict[int, SendFacts]:
    """Facts for `send_check` by reminder id; the rows must carry `TOGETHER`. Five queries for any number."""
    points = [each.contact_point for each in reminders]
    around = _Around(
        _consented(points, now),
        *_suppressed(points),
        _unwanted({point.patient_id for point in points}),
        _written(reminders, now),
    )
    return {each.pk: _facts(each, around) for each in reminders}


@dataclass(frozen=True, slots=True)
class _Subject:
    """What is true of that which a message is about, whichever of the three it is."""

    open: bool
    version: int
    on_its_step: bool = True
    stale_after: timedelta = field(default_factory=partial(staleness, None))
    appointment_at: datetime | None = None


def _subject(reminder: Reminder) -> _Subject:
    subject = reminder.subject
    match subject:
        case FollowUp():
            return _Subject(subject.outcome == "", subject.plan_version, reminder.rung == subject.rung)
        case Attendance():
            return _Subject(
                open=subject.status == AttendanceStatus.BOOKED and subject.session.status == SessionStatus.BOOKED,
                version=subject.session.plan_version,
                stale_after=staleness(timedelta(minutes=reminder.offset_minutes)),
                appointment_at=subject.starts_at,
            )
        case Reply():
            return _Subject(open=True, version=reminder.subject_version)


def meant_at(reminder: Reminder) -> datetime:
    """The moment a message speaks of: when the contact is due, when the session begins, when the reply came."""
    subject = reminder.subject
    match subject:
        case FollowUp():
            return subject.due_at
        case Attendance():
            return subject.starts_at
        case Reply():
            return subject.received_at


def _facts(reminder: Reminder, around: _Around) -> SendFacts:
    subject, point, site = _subject(reminder), reminder.contact_point, reminder.site
    patient_id = reminder.patient_id
    return SendFacts(
        due_at=reminder.due_at,
        stale_after=subject.stale_after,
        zone=reminder.time_zone,
        window=contact_window(ContactHours(site.contact_opens, site.contact_closes), own_hours(point)),
        subject_open=subject.open and reminder.patient.died_on is None,
        on_its_step=subject.on_its_step,
        planned_version=reminder.subject_version,
        subject_version=subject.version,
        appointment_at=subject.appointment_at,
        consent_in_force=point.pk in around.consented,
        address_suppressed=bool({(point.channel, point.address), ("", point.address)} & around.suppressed_addresses),
        person_suppressed=bool({(patient_id, point.channel), (patient_id, "")} & around.suppressed_people)
        or patient_id in around.unwanted,
        contact_point_in_use=point.retired_at is None,
        contact_point_verified=point.verified_at is not None,
        written_at=tuple(around.written.get((patient_id, reminder.channel), ())),
    )


def own_hours(point: ContactPoint) -> ContactHours | None:
    """The person's own hours for this address, or None."""
    if point.opens is None and point.closes is None:
        return None
    return ContactHours(point.opens or EARLY, point.closes or LATE)


def _consented(points: Iterable[ContactPoint], now: datetime) -> frozenset[int]:
    """Contact points whose newest effective decision is a yes."""
    newest = (
        ContactConsent.objects.filter(contact_point__in=[point.pk for point in points], effective_at__lte=now)
        .order_by("contact_point_id", "-effective_at", "-id")
        .distinct("contact_point_id")
        .values_list("contact_point_id", "given")
    )
    return frozenset(point for point, given in newest if given)


def _suppressed(
    points: Collection[ContactPoint],
) -> tuple[frozenset[tuple[int, str]], frozenset[tuple[str, str]]]:
    """(Person, channel) and (channel, address) pairs that no automatic message may go to; "" is every channel."""
    rows = Suppression.objects.filter(
        Q(patient__in={point.patient_id for point in points}) | Q(address__in={point.address for point in points}),
        lifted_at__isnull=True,
    )
    people, addresses = set(), set()
    for patient_id, channel, address in rows.values_list("patient_id", "channel", "address"):
        if address:
            addresses.add((channel, address))
        else:
            people.add((patient_id, channel))
    return frozenset(people), frozenset(addresses)


def _unwanted(patients: Collection[int]) -> frozenset[int]:
    """People who said they want no reminders."""
    rows = ContactPreference.objects.filter(patient__in=patients, reminders_wanted=False)
    return frozenset(rows.values_list("patient_id", flat=True))


def _leased_elsewhere(reminders: Collection[Reminder], now: datetime) -> dict[tuple[int, str], list[datetime]]:
    """Messages to the same people that another worker is about to send: the older row goes first, this one waits."""
    first: dict[tuple[int, str], int] = {}
    for each in reminders:
        person = (each.patient_id, each.channel)
        first[person] = min(each.pk, first.get(person, each.pk))
    rows = Reminder.objects.filter(patient__in={patient for patient, _ in first}, status=ReminderStatus.LEASED).exclude(
        claim_id__in={each.claim_id for each in reminders}
    )
    grouped: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for pk, patient_id, channel in rows.values_list("pk", "patient_id", "channel"):
        if pk < first.get((patient_id, channel), 0):
            grouped[patient_id, channel].append(now)
    return grouped


def _written(reminders: Collection[Reminder], now: datetime) -> dict[tuple[int, str], list[datetime]]:
    """When each person was written to on each channel in the last seven days, this batch not counted."""
    rows = (
        Reminder.objects.filter(
            patient__in={each.patient_id for each in reminders},
            status__in=[status.value for status in COUNTS_AS_WRITTEN],
            status_at__gt=now - WEEK,
        )
        .exclude(pk__in=[each.pk for each in reminders])
        .values_list("patient_id", "channel", "status_at")
    )
    grouped = _leased_elsewhere(reminders, now)
    for patient_id, channel, at in rows:
        grouped[patient_id, channel].append(at)
    return grouped
