"""Messages nobody knows about yet, with what it takes to ask the provider."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, Subquery

from pathways.models import Attempt
from pathways.rules.reminders import ReminderStatus

ASKED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An uncertain attempt: its message, when it began, and the provider ids that belong to others of that address."""

    reference: UUID
    provider: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    language: str
    since: datetime
    known: frozenset[str]


def to_settle(now: datetime) -> list[Unsettled]:
    """The newest attempts of uncertain messages to be asked about now, the longest waiting first. Two queries."""
    newest = Attempt.objects.filter(reminder=OuterRef("reminder")).order_by("-number")
    rows = list(
        Attempt.objects.filter(
            reminder__status=ReminderStatus.UNCERTAIN,
            reminder__needs_person=False,
            reminder__next_at__lte=now,
            outcome__in=["", "uncertain"],
            number=Subquery(newest.values("number")[:1]),
        )
        .select_related("reminder")
        .order_by("reminder__next_at", "pk")[:ASKED_AT_ONCE]
    )
    known = _known({row.address for row in rows})
    return [_unsettled(row, known.get(row.address, frozenset())) for row in rows]


def _known(addresses: set[str]) -> dict[str, frozenset[str]]:
    grouped: dict[str, set[str]] = {}
    rows = Attempt.objects.filter(address__in=addresses).exclude(provider_id="")
    for address, provider_id in rows.values_list("address", "provider_id"):
        grouped.setdefault(address, set()).add(provider_id)
    return {address: frozenset(ids) for address, ids in grouped.items()}


def _unsettled(row: Attempt, known: frozenset[str]) -> Unsettled:
    return Unsettled(
        reference=row.public_id,
        provider=row.provider,
        channel=row.channel,
        to=row.address,
        sender=row.sender,
        subject=row.subject,
        text=row.text,
        language=row.reminder.language,
        since=row.started_at,
        known=known,
    )
