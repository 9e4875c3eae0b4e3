"""What people wrote back that a person has to look at."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Reply
from pathways.queries.replies import waiting
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.links import masked
from pathways.rules.replies import ReplyEffect
from pathways.rules.worklist import Item, LineKind, LineType
from patients.rules.instruments import Severity

SHOWN_OF_IT = 80


def gather(asked: Asked) -> Iterator[Entry]:
    """Whoever has the contact or leads the session it is about answers it; everybody where nobody does, or where there
    are words of danger in it. One query."""
    if not asked.may(Permission.REPLY_READ):
        return
    rows = waiting(asked.site, asked.actor)
    columns = ("pk", "public_id", "patient_id", "patient__public_id", "received_at", "follow_up__owner_id",
               "attendance__session__leader_id", "urgent")  # fmt: skip
    for pk, public_id, patient, person, at, owner, leader, urgent in rows.values_list(*columns)[:MOST_LINES]:
        kind, severity = (LineKind.SAFETY, Severity.EMERGENCY) if urgent else (LineKind.REPLY, None)
        item = Item(LineType.REPLY, kind, public_id, person, at, asked.site.time_zone, severity=severity)
        yield Entry(item, Owned(owner or leader, everybody=urgent), patient, pk)


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    rows = Reply.objects.filter(pk__in=[each.record for each in entries]).select_related("patient")
    return {row.public_id: Dressed(row, row.patient, _title(row), _why(row)) for row in rows}


def _why(row: Reply) -> Sentence:
    return sentence("today.reply.urgent" if row.urgent else "today.reply.waits")


def _title(row: Reply) -> Sentence:
    if row.effect == ReplyEffect.LINK_LOCKED:
        return sentence("today.reply.locked")
    if not row.text:
        return sentence("today.reply.plain")
    whole = masked(row.text)
    text = whole if len(whole) <= SHOWN_OF_IT else f"{whole[:SHOWN_OF_IT].rstrip()}…"
    return sentence("today.reply", text=text)


REPLIES = Source(gather, {LineType.REPLY: dress})
