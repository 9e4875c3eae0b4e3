"""The transition row: the move with everything it rested on, as it was seen."""

from dataclasses import dataclass
from datetime import datetime

from clinic.actions import audit
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from pathways.actions.enrollments.gating import Asked, set_aside_in
from pathways.models import Enrollment, Phase, ProgramVersion, Transition
from pathways.queries.decisions import criteria_shown
from pathways.rules.gates import as_record
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.phases import MoveNotAllowed


@dataclass(frozen=True, slots=True)
class Made:
    """What a move changes."""

    kind: MoveKind
    to_status: EnrollmentStatus
    from_phase: Phase | None
    to_phase: Phase | None
    effective_at: datetime
    reason: str = ""
    destination: str = ""
    note: str = ""
    from_version: ProgramVersion | None = None
    to_version: ProgramVersion | None = None
    from_site: Site | None = None
    to_site: Site | None = None


def write_transition(
    *,
    enrollment: Enrollment,
    made: Made,
    asked: Asked,
    by: Actor,
    now: datetime,
    from_status: str,
    language: str = "en",
    reverses: Transition | None = None,
) -> Transition:
    """Append the transition, mark a co-signed request as used, and audit the move."""
    transition = transition_of(enrollment, made, asked, by, now, from_status, language)
    transition.reverses = reverses
    transition.save(force_insert=True)
    request = asked.request
    if request is not None:
        request.used_in = transition
        request.save(update_fields=["used_in"])
    entry_of(transition, by, now).save(force_insert=True)
    return transition


def transition_of(
    enrollment: Enrollment, made: Made, asked: Asked, by: Actor, now: datetime, from_status: str, language: str = "en"
) -> Transition:
    """The transition of a move, not saved."""
    decision, request = asked.decision, asked.request
    return Transition(
        enrollment=enrollment,
        kind=made.kind,
        from_status=from_status,
        to_status=made.to_status,
        from_phase=made.from_phase,
        to_phase=made.to_phase,
        from_version=made.from_version,
        to_version=made.to_version,
        from_site=made.from_site,
        to_site=made.to_site,
        effective_at=made.effective_at,
        recorded_at=now,
        recorded_by=by,
        reason=made.reason,
        destination=made.destination,
        note=made.note,
        facts=asked.facts_kept,
        decision=as_record(decision) if decision else {},
        decision_text={"language": language, "criteria": criteria_shown(decision, language)} if decision else {},
        override=_override(asked),
        cosigned_by=request.cosigned_by if request else None,
    )


def entry_of(transition: Transition, by: Actor, now: datetime) -> AuditEntry:
    """The record of a move, not saved."""
    enrollment = transition.enrollment
    return audit.entry(
        action=f"enrollment.{transition.kind}",
        by=by,
        now=now,
        subject=("enrollment", enrollment.public_id),
        patients=[enrollment.patient.public_id],
        details={"transition": str(transition.public_id), "override": transition.override is not None},
    )


def _override(asked: Asked) -> dict[str, object] | None:
    aside = list(set_aside_in(asked.decision.criteria)) if asked.decision else []
    return {"criteria": aside} if aside else None


def refused(not_allowed: MoveNotAllowed) -> Refused:
    """The rule's no as a refusal: on its field where it concerns one."""
    fields = {not_allowed.field: not_allowed.sentence} if not_allowed.field else {}
    return Refused("move_not_allowed", not_allowed.sentence, status=not_allowed.status, fields=fields)
