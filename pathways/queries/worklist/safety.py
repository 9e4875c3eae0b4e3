"""What stands at the top until a named person has seen to it: safety flags, and moves whose evidence was withdrawn."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.models import EvidenceReview
from pathways.queries.courses import RESTED_ON, move_title
from pathways.queries.facts import flag_title
from pathways.queries.risks import URGENT
from pathways.queries.worklist.asking import MOST_LINES, Asked, Dressed, Entry, Source
from pathways.rules.holders import Owned
from pathways.rules.worklist import Item, LineKind, LineType
from patients.models import SafetyFlag
from patients.rules.instruments import Severity


def gather_flags(asked: Asked) -> Iterator[Entry]:
    """Open urgent flags are everybody's until a named person closes them. One query."""
    for pk, public_id, patient, person, raised, severity, taken in _urgent(asked.site.pk):
        item = Item(LineType.SAFETY_FLAG, LineKind.SAFETY, public_id, person, raised, asked.site.time_zone,
                    severity=Severity(severity))  # fmt: skip
        yield Entry(item, Owned(taken, everybody=True), patient, pk)


@prepared
def _urgent(site: int) -> QuerySet[Any, Any]:
    rows = SafetyFlag.objects.filter(site=site, closed_at__isnull=True, severity__in=URGENT)
    columns = ("pk", "public_id", "patient_id", "patient__public_id", "raised_at", "severity", "taken_by_id")
    return rows.order_by("raised_at", "pk").values_list(*columns)[:MOST_LINES]


def dress_flags(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query. Who may not read assessments learns that there is a flag, and not what it says."""
    reads = asked.may(Permission.ASSESSMENT_READ)
    rows = _flags([each.record for each in entries])
    return {row.public_id: Dressed(row, row.patient, *_flag_words(row, reads)) for row in rows}


@prepared
def _flags(ids: list[int]) -> QuerySet[SafetyFlag]:
    return SafetyFlag.objects.filter(pk__in=among(ids)).select_related("patient", "taken_by")


def _flag_words(row: SafetyFlag, reads: bool) -> tuple[Sentence, Sentence]:
    if not reads:
        return sentence("today.flag"), sentence("today.flag_for_clinicians")
    what = sentence("worklist.why.flag", what=flag_title(row.instrument, row.alert_key))
    return what, what


def gather_reviews(asked: Asked) -> Iterator[Entry]:
    """Moves that rested on withdrawn evidence, until somebody has looked again. One query."""
    for pk, public_id, patient, person, opened in _open_reviews(asked.site.pk):
        item = Item(LineType.EVIDENCE_REVIEW, LineKind.SAFETY, public_id, person, opened, asked.site.time_zone,
                    severity=Severity.URGENT)  # fmt: skip
        yield Entry(item, Owned(everybody=True), patient, pk)


@prepared
def _open_reviews(site: int) -> QuerySet[Any, Any]:
    rows = EvidenceReview.objects.filter(transition__enrollment__site=site, decided_at__isnull=True)
    columns = ("pk", "public_id", "patient_id", "patient__public_id", "opened_at")
    return rows.order_by("opened_at", "pk").values_list(*columns)[:MOST_LINES]


def dress_reviews(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    return {
        row.public_id: Dressed(
            row,
            row.patient,
            sentence("today.evidence"),
            sentence("worklist.why.evidence", move=move_title(row.transition)),
        )
        for row in _reviews([each.record for each in entries])
    }


@prepared
def _reviews(ids: list[int]) -> QuerySet[EvidenceReview]:
    rows = EvidenceReview.objects.filter(pk__in=among(ids)).select_related("patient", "transition__to_phase")
    return rows.defer(*(f"transition__{each}" for each in RESTED_ON))


FLAGS = Source(gather_flags, {LineType.SAFETY_FLAG: dress_flags})
REVIEWS = Source(gather_reviews, {LineType.EVIDENCE_REVIEW: dress_reviews})
