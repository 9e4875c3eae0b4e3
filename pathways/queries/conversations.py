"""What was said between a person and the clinic of late: what they wrote, what of it waits, and who spoke with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

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
    theirs = Q(patient__in=people.records)
    unknown = Q(patient__isnull=True, address__in={each.address for each in points})
    waits = Q(needs_person=True, handled_at__isnull=True)
    rows = Reply.objects.filter(theirs | unknown).filter(waits | Q(received_at__gt=now - CONVERSATION))
    newest: dict[int | Address, datetime] = {}
    waiting: set[int | Address] = set()
    for patient, channel, address, at, needs_person, handled_at in rows.values_list(
        "patient_id", "channel", "address", "received_at", "needs_person", "handled_at"
    ):
        key = people.of[patient] if patient else (channel, address)
        newest[key] = max(at, newest.get(key, at))
        if needs_person and handled_at is None:
            waiting.add(key)
    return Talk(newest, frozenset(waiting))


def last_spoken(people: SamePeople, *, since: datetime) -> dict[int, datetime]:
    """When somebody of the clinic last spoke with each, since then: a contact that ended so, or a session they were in.

    Two queries for any number of people.
    """
    contacts = FollowUp.objects.filter(patient__in=people.records, outcome__in=SPOKEN_TO, closed_at__gt=since)
    held = Attendance.objects.filter(
        patient__in=people.records, status=AttendanceStatus.ATTENDED, starts_at__gt=since
    )  # fmt: skip
    spoken = contacts.order_by().values("patient").annotate(at=Max("closed_at")).values_list("patient", "at")
    met = held.order_by().values("patient").annotate(at=Max("ends_at")).values_list("patient", "at")
    found: dict[int, datetime] = {}
    for patient, at in (*spoken, *met):
        person = people.of[patient]
        found[person] = max(at, found.get(person, at))
    return found
