"""What is true of claimed reminders now: read again, set-wise, just before any of them would go."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from clinic.queries.among import one_of, one_of_words
from clinic.queries.prepared import prepared
from clinic.rules.opening_hours import ContactHours, contact_window
from pathways.models import Reminder
from pathways.queries import subjects
from pathways.queries.conversations import Talk, last_spoken, talk_with
from pathways.queries.subjects import subject_now
from pathways.rules.reminders import COUNTS_AS_WRITTEN, MANUAL_CONTACT, ReminderStatus, SendFacts, staleness
from patients.models import ContactConsent, ContactPoint, ContactPreference, Suppression
from patients.queries.records import SamePeople, same_people

WEEK = timedelta(days=7)
# Who was spoken to before this cannot hold back a message that is still of use.
LOOKED_BACK = MANUAL_CONTACT + staleness(None)
EARLY, LATE = time(0), time(23, 59, 59, 999_999)
# What a claimed reminder needs beside itself, in one query.
TOGETHER = ("site", "patient", "contact_point", *subjects.TOGETHER)
# The columns of these rows that sending reads; the rest would be most of the work of a window.
COLUMNS = (
    "public_id", "channel", "template", "language", "due_at", "next_at", "claim_id", "tries", "follow_up",
    "site__discreet_name", "site__phone", "site__contact_opens", "site__contact_closes", "patient__public_id",
    "patient__given_name", "patient__preferred_name", "patient__time_zone",
    "contact_point__patient", "contact_point__channel", "contact_point__address", "contact_point__opens",
    "contact_point__closes", "contact_point__retired_at", "contact_point__verified_at", "contact_point__shared",
    "contact_point__ok_to_leave_message", *subjects.COLUMNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Around:
    """What surrounds a batch of reminders, by contact point, address, or person (whichever record of theirs it is)."""

    people: SamePeople
    consented: frozenset[int]
    suppressed_people: frozenset[tuple[int, str]]
    suppressed_addresses: frozenset[tuple[str, str]]
    unwanted: frozenset[int]
    written: Mapping[tuple[int, str], Sequence[datetime]]
    talk: Talk
    spoken: Mapping[int, datetime]


@prepared
def about_to_go(ids: list[int]) -> QuerySet[Any, Any]:
    """Messages with all that sending reads of them."""
    return Reminder.objects.filter(one_of("pk", ids)).select_related(*TOGETHER).only(*COLUMNS)


def send_facts(reminders: Collection[Reminder], *, now: datetime) -> dict[int, SendFacts]:
    """Facts for `send_check` by reminder id; the rows must carry `TOGETHER`. Nine queries for any number."""
    points = [each.contact_point for each in reminders]
    people = same_people({each.patient_id for each in reminders})
    around = _Around(
        people,
        _consented(points, now),
        *_suppressed(points, people),
        _unwanted(people),
        _written(reminders, people, now),
        talk_with(points, people, now),
        last_spoken(people, since=now - LOOKED_BACK) if any(each.follow_up_id for each in reminders) else {},
    )
    return {each.pk: _facts(each, around) for each in reminders}


def _facts(reminder: Reminder, around: _Around) -> SendFacts:
    subject, point, site = subject_now(reminder), reminder.contact_point, reminder.site
    person, address = around.people.of[reminder.patient_id], (point.channel, point.address)
    return SendFacts(
        due_at=reminder.due_at,
        stale_after=subject.stale_after,
        # Where they live now: a message planned before they moved keeps their present hours.
        zone=reminder.patient.time_zone,
        window=contact_window(ContactHours(site.contact_opens, site.contact_closes), own_hours(point)),
        subject_open=subject.open and person not in around.people.died,
        on_its_step=subject.on_its_step,
        planned_version=reminder.subject_version,
        subject_version=subject.version,
        appointment_at=subject.appointment_at,
        answers=subject.answers,
        by_person=subject.by_person,
        person=person,
        spoken_at=around.spoken.get(person) if subject.after_contact else None,
        consent_in_force=point.pk in around.consented,
        address_suppressed=bool({address, ("", point.address)} & around.suppressed_addresses),
        person_suppressed=bool({(person, point.channel), (person, "")} & around.suppressed_people)
        or person in around.unwanted,
        contact_point_in_use=point.retired_at is None,
        contact_point_verified=point.verified_at is not None,
        shared_without_leave=point.shared and not point.ok_to_leave_message,
        written_at=tuple(around.written.get((person, reminder.channel), ())),
        last_reply_at=around.talk.newest(person, address),
        reply_waits=around.talk.waits(person, address),
    )


def own_hours(point: ContactPoint) -> ContactHours | None:
    """The person's own hours for this address, or None."""
    return hours_of(point.opens, point.closes)


def hours_of(opens: time | None, closes: time | None) -> ContactHours | None:
    """A person's own hours, either end of which may be left open; None where both are."""
    if opens is None and closes is None:
        return None
    return ContactHours(opens or EARLY, closes or LATE)


def _consented(points: Iterable[ContactPoint], now: datetime) -> frozenset[int]:
    """Contact points whose newest effective decision is a yes."""
    return frozenset(point for point, given in _decisions([each.pk for each in points], now) if given)


@prepared
def _decisions(points: list[int], now: datetime) -> QuerySet[Any, Any]:
    """The newest effective decision about each address."""
    rows = ContactConsent.objects.filter(one_of("contact_point", points), effective_at__lte=now)
    newest = rows.order_by("contact_point_id", "-effective_at", "-id").distinct("contact_point_id")
    return newest.values_list("contact_point_id", "given")


def _suppressed(
    points: Collection[ContactPoint], people: SamePeople
) -> tuple[frozenset[tuple[int, str]], frozenset[tuple[str, str]]]:
    """(Person, channel) and (channel, address) pairs that no automatic message may go to; "" is every channel."""
    persons, addresses = set(), set()
    rows = _suppressions(list(people.records), list({point.address for point in points}))
    for patient_id, channel, address in rows:
        if address:
            addresses.add((channel, address))
        else:
            persons.add((people.of[patient_id], channel))
    return frozenset(persons), frozenset(addresses)


@prepared
def _suppressions(records: list[int], addresses: list[str]) -> QuerySet[Any, Any]:
    """What stands now for any of these records or addresses."""
    theirs = Q(one_of("patient", records)) | Q(one_of_words("address", addresses))
    rows = Suppression.objects.filter(theirs, lifted_at__isnull=True)
    return rows.values_list("patient_id", "channel", "address")


def _unwanted(people: SamePeople) -> frozenset[int]:
    """People who said they want no reminders."""
    return frozenset(people.of[each] for each in _not_wanting(list(people.records)))


@prepared
def _not_wanting(records: list[int]) -> QuerySet[Any, Any]:
    rows = ContactPreference.objects.filter(one_of("patient", records), reminders_wanted=False)
    return rows.values_list("patient_id", flat=True)


def turn(pk: int, follow_up_id: int | None) -> tuple[bool, int]:
    """Whose turn it is of two messages to one person: what is bound to an hour first, then the older."""
    return (follow_up_id is not None, pk)


def _leased_elsewhere(
    reminders: Collection[Reminder], people: SamePeople, now: datetime
) -> dict[tuple[int, str], list[datetime]]:
    """Messages to the same people that another worker is about to send: whose turn it is goes, the other waits."""
    first: dict[tuple[int, str], tuple[bool, int]] = {}
    for each in reminders:
        person, own = (people.of[each.patient_id], each.channel), turn(each.pk, each.follow_up_id)
        first[person] = min(own, first.get(person, own))
    claims = {each.claim_id for each in reminders}
    grouped: dict[tuple[int, str], list[datetime]] = defaultdict(list)
    for pk, follow_up_id, patient_id, channel, claim_id in _leased(list(people.records)):
        person = (people.of[patient_id], channel)
        if claim_id not in claims and turn(pk, follow_up_id) < first.get(person, (False, 0)):
            grouped[person].append(now)
    return grouped


@prepared
def _leased(records: list[int]) -> QuerySet[Any, Any]:
    """Messages to them in somebody's hands, acknowledgements apart."""
    rows = Reminder.objects.filter(one_of("patient", records), status=ReminderStatus.LEASED, reply__isnull=True)
    return rows.values_list("pk", "follow_up_id", "patient_id", "channel", "claim_id")


def _written(
    reminders: Collection[Reminder], people: SamePeople, now: datetime
) -> Mapping[tuple[int, str], Sequence[datetime]]:
    """When each person was written to on each channel in the last seven days, whatever about; this batch and
    acknowledgements not counted."""
    grouped = _leased_elsewhere(reminders, people, now)
    for patient_id, channel, at in _sent(list(people.records), [each.pk for each in reminders], now - WEEK):
        grouped[people.of[patient_id], channel].append(at)
    return grouped


@prepared
def _sent(records: list[int], apart: list[int], since: datetime) -> QuerySet[Any, Any]:
    """What counts as written to them since then; `apart`: messages that are not looked at."""
    counts = [status.value for status in COUNTS_AS_WRITTEN]
    rows = Reminder.objects.filter(
        ~Q(one_of("pk", apart)), one_of("patient", records), status__in=counts, status_at__gt=since, reply__isnull=True
    )
    return rows.values_list("patient_id", "channel", "status_at")
