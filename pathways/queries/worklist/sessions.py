"""Sessions to be documented: groups of today, and whatever is over and not written up yet."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.modalities import modality
from pathways.models import Session
from pathways.queries.sessions import TOGETHER, with_taken
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.sessions import SessionKind, SessionStatus
from pathways.rules.worklist import Item, LineKind, LineType

TO_DOCUMENT = (SessionStatus.BOOKED, SessionStatus.CHECKED_IN)
TOGETHER_ATTENDED = (SessionKind.GROUP, SessionKind.FAMILY)


def gather(asked: Asked) -> Iterator[Entry]:
    """Groups from the morning of their day on; what one does with one person once it is over. One query."""
    if not asked.may(Permission.SESSION_READ):
        return
    for pk, public_id, at, zone, leader in _to_document(asked.site.pk, asked.now, asked.ends):
        item = Item(LineType.SESSION, LineKind.GROUP, public_id, None, at, zone)
        yield Entry(item, Owned(leader, everybody=leader is None), None, pk)


@prepared
def _to_document(site: int, now: datetime, until: datetime) -> QuerySet[Any, Any]:
    rows = Session.objects.filter(
        Q(kind__in=TOGETHER_ATTENDED) | Q(ends_at__lte=now),
        site=site, starts_at__lt=until, status__in=TO_DOCUMENT, documented_at__isnull=True,
    )  # fmt: skip
    columns = ("pk", "public_id", "starts_at", "time_zone", "leader_id")
    return rows.order_by("starts_at", "pk").values_list(*columns)[:MOST_LINES]


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = with_taken(Session.objects.filter(pk__in=[each.record for each in entries]))
    rows = rows.select_related(*TOGETHER).defer("amendments", "note")
    return {row.public_id: Dressed(row, None, sentence("today.take_attendance"), _why(row)) for row in rows}


def _why(row: Session) -> Sentence:
    about = row.topic or (modality(row.modality).title if row.title else "")
    if row.kind == SessionKind.INDIVIDUAL:
        return sentence("today.one_note", about=about) if about else sentence("today.one_note_plain")
    return sentence("today.shared_note", about=about) if about else sentence("today.shared_note_plain")


SESSIONS = Source(gather, {LineType.SESSION: dress})
