"""Contacts owed to people: open follow-ups whose next step is due."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.sentences import Sentence, sentence
from pathways.models import CallResult, FollowUp
from pathways.queries.enrollments import DOCUMENT
from pathways.queries.programs import document_by_digest, document_of
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.holders import Owned
from pathways.rules.programs import MESSAGE_RUNGS, ContactMode, Ladder, Purpose
from pathways.rules.worklist import Item, LineKind, LineType

COLUMNS = (
    "pk", "public_id", "patient_id", "patient__public_id", "due_at", "time_zone", "window_days", "owner_id",
    "owner_role", "purpose", "mode", "instrument", "ladder", "rung",
    "enrollment__program_version_id", "enrollment__program_version__digest",
)  # fmt: skip


def gather(asked: Asked) -> Iterator[Entry]:
    """One query."""
    ladders: dict[tuple[str, str], Ladder] = {}
    for row in _due(asked.site.pk, asked.ends):
        pk, public_id, patient, person, due, zone, window, owner, role, purpose, mode, form, *place = row
        ladder, rung, version, digest = place
        key = (digest, ladder)
        if key not in ladders:
            ladders[key] = document_by_digest(digest, version).ladder_or_first(ladder)
        kind = contact_kind(purpose, mode, form, ladders[key], rung)
        item = Item(LineType.FOLLOW_UP, kind, public_id, person, due, zone, window)
        yield Entry(item, Owned(owner, role), patient, pk)


@prepared
def _due(site: int, until: datetime) -> QuerySet[Any, Any]:
    rows = FollowUp.objects.open().filter(site=site, act_at__lt=until).order_by("act_at", "pk")
    return rows.values_list(*COLUMNS)[:MOST_LINES]


def contact_kind(purpose: str, mode: str, instrument: str, ladder: Ladder, rung: int) -> LineKind:
    """The work a contact asks for on the step it stands on."""
    if purpose == Purpose.REVIEW or mode == ContactMode.INTERNAL:
        return LineKind.REVIEW
    if ladder.rung_at(rung).kind in MESSAGE_RUNGS:
        return LineKind.FORM if instrument else LineKind.MESSAGE
    return LineKind.VISIT if mode == ContactMode.IN_PERSON else LineKind.CALL


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """Two queries."""
    ids = [each.record for each in entries]
    calls = {each.follow_up_id: each for each in _calls(ids)}
    return {row.public_id: Dressed(row, row.patient, row.title, why(row, calls.get(row.pk))) for row in _rows(ids)}


@prepared
def _rows(ids: list[int]) -> QuerySet[FollowUp]:
    rows = FollowUp.objects.filter(pk__in=among(ids)).defer(f"enrollment__{DOCUMENT}")
    return rows.select_related("patient", "site", "owner", "enrollment__program_version")


@prepared
def _calls(follow_ups: list[int]) -> QuerySet[CallResult]:
    """The calls on contacts, the newest last, those taken back not counted."""
    rows = CallResult.objects.filter(follow_up__in=among(follow_ups), undone_at__isnull=True)
    return rows.order_by("made_at", "pk")


def why(row: FollowUp, call: CallResult | None) -> Sentence:
    """Where on its ladder a contact stands, and what came of the last call."""
    ladder = document_of(row.enrollment.program_version).ladder_or_first(row.ladder)
    step = sentence(
        "worklist.why.step", step=ladder.place(row.rung) + 1, of=len(ladder.rungs), kind=ladder.rung_at(row.rung).kind
    )
    if call is None:
        return step
    at = call.made_at.astimezone(ZoneInfo(row.time_zone))
    return sentence("worklist.why.called", result=Result(call.result), at=at, step=step)


CONTACTS = Source(gather, {LineType.FOLLOW_UP: dress})
