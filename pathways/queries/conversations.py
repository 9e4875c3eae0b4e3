"""What was said between a person and the clinic of late: what they wrote, what of it waits, and who spoke with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet

from clinic.queries.among import one_of, one_of_words
from clinic.queries.prepared import prepared
from pathways.models import Attendance, FollowUp, Reply
from pathways.rules.follow_ups import SPOKEN_TO
from pathways.rules.reminders import CONVERSATION
from pathways.rules.sessions import AttendanceStatus
from patients.models import ContactPoint
from patients.queries.records import SamePeople

Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Talk:
    """What people wrote, by person (`SamePeople`), or by (channel, address) where several have one number."""

    newest_of: Mapping[int | Address, datetime]
    waiting: frozenset[int | Address]

    def newest(self, person: int, address: Address) -> datetime | None:
        """When they last wrote, if lately; from this address anybody."""
        found = [self.newest_of[key] for key in (person, address) if key in self.newest_of]
        return max(found, default=None)

    def waits(self, person: int, address: Address) -> bool:
        """Whether something they wrote waits for a person."""
        return person in self.waiting or address in self.waiting


def talk_with(points: Iterable[ContactPoint], people: SamePeople, now: datetime) -> Talk:
    """What came in within a conversation's length, or waits for a person still, from these people or, of somebody
    unknown, from these addresses. One query."""
    rows = _replies(list(people.records), list({each.address for each in points}), now - CONVERSATION)
    newest: dict[int | Address, datetime] = {}
    waiting: set[int | Address] = set()
    for patient, channel, address, at, needs_person, handled_at in rows:
        key = people.of[patient] if patient else (channel, address)
        newest[key] = max(at, newest.get(key, at))
        if needs_person and handled_at is None:
            waiting.add(key)
    return Talk(newest, frozenset(waiting))


@prepared
def _replies(records: list[int], addresses: list[str], since: datetime) -> QuerySet[Any, Any]:
    theirs = Q(one_of("patient", records))
    unknown = Q(one_of_words("address", addresses), patient__isnull=True)
    waits = Q(needs_person=True, handled_at__isnull=True)
    rows = Reply.objects.filter(theirs | unknown).filter(waits | Q(received_at__gt=since))
    return rows.values_list("patient_id", "channel", "address", "received_at", "needs_person", "handled_at")


def last_spoken(people: SamePeople, *, since: datetime) -> dict[int, datetime]:
    """When somebody of the clinic last spoke with each, since then: a contact that ended so, or a session they were in.

    Two queries for any number of people.
    """
    found: dict[int, datetime] = {}
    records = list(people.records)
    for patient, at in (*_spoken(records, since), *_met(records, since)):
        person = people.of[patient]
        found[person] = max(at, found.get(person, at))
    return found


@prepared
def _spoken(records: list[int], since: datetime) -> QuerySet[Any, Any]:
    rows = FollowUp.objects.filter(one_of("patient", records), outcome__in=SPOKEN_TO, closed_at__gt=since)
    return rows.order_by().values("patient").annotate(at=Max("closed_at")).values_list("patient", "at")


@prepared
def _met(records: list[int], since: datetime) -> QuerySet[Any, Any]:
    held = {"status": AttendanceStatus.ATTENDED, "starts_at__gt": since}
    rows = Attendance.objects.filter(one_of("patient", records), **held)
    return rows.order_by().values("patient").annotate(at=Max("ends_at")).values_list("patient", "at")
