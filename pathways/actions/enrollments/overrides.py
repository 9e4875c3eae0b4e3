"""Requirements set aside with a second signature: asked for by one person, signed by another, used once."""

from datetime import datetime, timedelta
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import BAD_INPUT, Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.locking import locked, roles_of
from pathways.models import Enrollment, OverrideRequest
from pathways.queries.enrollments import TOGETHER, gate_before
from pathways.rules.gates import Gate, OverrideReason, may_override

VALID_FOR = timedelta(days=7)
"""A signature given for today's facts does not hold for ever (local default)."""


@action(Permission.OVERRIDE, "override.request")
def request_override(
    *, by: Actor, now: datetime, enrollment_id: UUID, criteria: tuple[str, ...], reason: OverrideReason, note: str
) -> OverrideRequest:
    """Ask for requirements of the next gate to be set aside; a second person signs or declines within a week."""
    row = locked(by, enrollment_id)
    if not note.strip():
        raise bad_input(note=sentence("refused.required"))
    _check(_gate(row, now), criteria, by)
    request = OverrideRequest.objects.create(
        enrollment=row,
        from_phase=row.current_phase,
        criteria=list(criteria),
        reason_code=reason,
        reason=note,
        requested_at=now,
        requested_by=by,
        expires_at=now + VALID_FOR,
    )
    _audit("override.request", request, by, now)
    return request


@action(Permission.COSIGN, "override.cosign")
def cosign_override(*, by: Actor, now: datetime, request_id: UUID) -> OverrideRequest:
    """Sign another person's request. Raises Refused: one's own, expired, decided or used already, or not one's role."""
    request = _pending(by, request_id, now)
    if request.requested_by_id == by.pk:
        raise Refused("cosign_own", sentence("override.refused.own"))
    gate = _gate(request.enrollment, now)
    known = {criterion.key: criterion for criterion in gate.walk()}
    for criterion in (known[key] for key in request.criteria if key in known):
        if criterion.cosigned_by and set(roles_of(by)).isdisjoint(criterion.cosigned_by):
            raise Refused("cosign_role", sentence("override.refused.role", roles=criterion.cosigned_by), status=403)
    request.cosigned_at, request.cosigned_by = now, by
    request.save(update_fields=["cosigned_at", "cosigned_by"])
    _audit("override.cosign", request, by, now)
    return request


@action(Permission.COSIGN, "override.decline")
def decline_override(*, by: Actor, now: datetime, request_id: UUID) -> OverrideRequest:
    """Say no to a request: it can no longer be used."""
    request = _pending(by, request_id, now)
    request.declined_at, request.declined_by = now, by
    request.save(update_fields=["declined_at", "declined_by"])
    _audit("override.decline", request, by, now)
    return request


def _pending(by: Actor, request_id: UUID, now: datetime) -> OverrideRequest:
    visible = Enrollment.objects.visible_to(by)
    rows = OverrideRequest.objects.filter(public_id=request_id, enrollment__in=visible)
    found = (
        rows.select_for_update(no_key=True, of=("self",))
        .select_related(*(f"enrollment__{each}" for each in TOGETHER))
        .first()
    )
    if found is None:
        raise not_found()
    moved_on = found.from_phase_id != found.enrollment.current_phase_id
    if moved_on or found.cosigned_at or found.declined_at or found.expires_at <= now:
        raise Refused("override_decided", sentence("override.refused.decided"))
    return found


def _gate(row: Enrollment, now: datetime) -> Gate:
    gate = gate_before(row, at=now) if row.ended_at is None else None
    if gate is None:
        raise Refused("no_gate", sentence("override.refused.no_gate"))
    return gate


def _check(gate: Gate, criteria: tuple[str, ...], by: Actor) -> None:
    known = {criterion.key: criterion for criterion in gate.walk()}
    problems = {
        key: sentence("gate.override.unknown", criterion=key)
        if key not in known
        else sentence("gate.override.role", asks=known[key].kind.asks(), roles=known[key].overridable_by)
        for key in criteria
        if key not in known or not may_override(known[key], roles_of(by))
    }
    if not criteria:
        problems = {"criteria": sentence("refused.required")}
    if problems:
        raise Refused("override_not_allowed", next(iter(problems.values())), status=BAD_INPUT, fields=problems)


def _audit(name: str, request: OverrideRequest, by: Actor, now: datetime) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("override_request", request.public_id),
        patients=[request.enrollment.patient.public_id],
        details={"criteria": request.criteria},
    )
