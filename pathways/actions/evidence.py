"""Evidence withdrawn: the moves that rested on it are marked, and somebody looks again."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import EvidenceReview, Transition
from patients.models import Patient


@action(None, "evidence.withdrawn")
def note_withdrawn(
    *,
    by: Actor,
    now: datetime,
    patient: Patient,
    evidence_type: str,
    evidence_id: UUID,
    since: datetime | None = None,
) -> list[EvidenceReview]:
    """Open a review of every standing move whose gate rested on this record. Nothing is reversed.

    `since`: only of moves that took effect at or after that moment, for what did hold before it.
    """
    moves = Transition.objects.filter(
        enrollment__patient=patient, facts__records__contains=[str(evidence_id)], reversed_by__isnull=True
    )
    if since is not None:
        moves = moves.filter(effective_at__gte=since)
    rested = [move for move in moves if str(evidence_id) in set(_evidence(move.decision))]
    reviews = [
        EvidenceReview(
            transition=move,
            patient=patient,
            evidence_type=evidence_type,
            evidence_id=evidence_id,
            opened_at=now,
            opened_by=by,
        )
        for move in rested
    ]
    made = EvidenceReview.objects.bulk_create(reviews, ignore_conflicts=True)
    if made:
        details = {"moves": len(made)}
        audit.record(action="evidence.withdrawn", by=by, now=now, patients=[patient.public_id], details=details)
    return made


def _evidence(record: Mapping[str, Any]) -> Iterator[str]:
    """Public ids of the records a decision rests on, at every depth."""
    for criterion in record.get("criteria", record.get("children", ())):
        yield from (each["public_id"] for each in criterion["evidence"])
        yield from _evidence({"children": criterion["children"]})


@action(Permission.ENROLLMENT_MOVE, "evidence.review")
def decide_review(*, by: Actor, now: datetime, review_id: UUID, finding: str) -> EvidenceReview:
    """A named person says what follows from it. Raises Refused: foreign (404), decided already, nothing said."""
    visible = EvidenceReview.objects.filter(patient__in=Patient.objects.visible_to(by), public_id=review_id)
    row = visible.select_for_update(no_key=True, of=("self",)).select_related("patient").first()
    if row is None:
        raise not_found()
    if row.decided_at is not None:
        raise Refused("review_decided", sentence("evidence.refused.decided"))
    if not finding.strip():
        raise bad_input(finding=sentence("refused.required"))
    row.finding, row.decided_at, row.decided_by = finding[:400], now, by
    row.save(update_fields=["finding", "decided_at", "decided_by"])
    audit.record(
        action="evidence.review",
        by=by,
        now=now,
        subject=("evidence_review", row.public_id),
        patients=[row.patient.public_id],
    )
    return row
