"""The care plan a team works by, the recovery plan a patient keeps: opened, reviewed, signed, closed."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, forbidden, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.locking import locked
from pathways.models import Plan, PlanReview, PlanSignature
from pathways.queries.plans import TOGETHER, digest_of
from pathways.rules.moves import OPEN
from pathways.rules.plans import PlanKind, PlanSigner, SigningMethod
from patients.models import Patient
from patients.rules.texts import text_problem

WORDS_LIMIT = 2000
NOTE_LIMIT = 400
NAME_LIMIT = 200


@action(Permission.PLAN_WRITE, "plan.open")
def open_plan(*, by: Actor, now: datetime, enrollment_id: UUID, kind: PlanKind, own_words: str = "") -> Plan:
    """Open a plan in an enrollment that is open; one of each kind at a time.

    Raises Refused: 404, 409 `plan_not_running` or `plan_one_open`, 422 with `own_words`.
    """
    row = locked(by, enrollment_id)
    if row.status not in OPEN:
        raise Refused("plan_not_running", sentence("plan.refused.not_running"))
    _check_words(own_words)
    made = Plan.objects.create(
        enrollment=row,
        patient=row.patient,
        site=row.site,
        kind=kind,
        own_words=own_words.strip(),
        opened_at=now,
        opened_by=by,
        changed_at=now,
        changed_by=by,
    )
    record(made, "plan.open", by, now)
    return made


@action(Permission.PLAN_WRITE, "plan.words")
def set_own_words(
    *, by: Actor, now: datetime, plan_id: UUID, own_words: str, expected_version: int | None = None
) -> Plan:
    """What matters most, in the patient's own words. Part of what is signed.

    Raises Refused: 404, 412, 409 `plan_closed`, 422 with `own_words`.
    """
    row = locked_plan(by, plan_id, expected_version)
    _check_words(own_words)
    if row.own_words != own_words.strip():
        row.own_words = own_words.strip()
        content_changed(row, by, now)
    record(row, "plan.words", by, now)
    return row


@action(Permission.PLAN_WRITE, "plan.review")
def review_plan(
    *,
    by: Actor,
    now: datetime,
    plan_id: UUID,
    note: str = "",
    next_review_on: date | None = None,
    expected_version: int | None = None,
) -> PlanReview:
    """The plan was looked at together, in the phase the person is in; the next time is on a day, or with a new phase.

    Raises Refused: 404, 412, 409 `plan_closed`, 422 with `note` or `next_review_on`.
    """
    row = locked_plan(by, plan_id, expected_version)
    problem = text_problem(note, limit=NOTE_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(note=problem)
    if next_review_on is not None and next_review_on < now.astimezone(row.site.zone).date():
        raise bad_input(next_review_on=sentence("plan.refused.review_past"))
    row.review_on = next_review_on
    row.version += 1
    row.save(update_fields=["review_on", "version"])
    made = PlanReview.objects.create(
        plan=row,
        plan_version=row.version,
        phase=row.enrollment.current_phase,
        note=note.strip(),
        next_review_on=next_review_on,
        reviewed_at=now,
        reviewed_by=by,
    )
    record(row, "plan.review", by, now, {"review": str(made.public_id)})
    return made


@action(Permission.PLAN_WRITE, "plan.sign")
def sign_plan(
    *,
    by: Actor,
    now: datetime,
    plan_id: UUID,
    signer: PlanSigner,
    name: str = "",
    method: SigningMethod = SigningMethod.ON_SCREEN,
    effective_at: datetime | None = None,
    expected_version: int | None = None,
) -> PlanSignature:
    """Put a name to the plan as it stands: the digest of its content is kept, so that it holds for that content alone.

    A member of staff signs for themselves, in person. Raises Refused: 403 for a program signing as staff, 404, 412,
    409 `plan_closed` or `plan_empty`, 422 with `name` or `effective_at` (to come, or before the content changed last).
    """
    row = locked_plan(by, plan_id, expected_version)
    lines = list(row.elements.select_related("parent", "owner"))
    if not lines and not row.own_words:
        raise Refused("plan_empty", sentence("plan.refused.nothing_to_sign"))
    at = effective_at or now
    _check_moment(row, at, now)
    made = PlanSignature.objects.create(
        plan=row,
        plan_version=row.version,
        signer=signer,
        signer_name=_name_of(by, signer, name),
        method=method,
        digest=digest_of(row, lines),
        effective_at=at,
        recorded_at=now,
        recorded_by=by,
    )
    record(row, "plan.sign", by, now, {"signer": signer.value, "signature": str(made.public_id)})
    return made


@action(Permission.PLAN_WRITE, "plan.close")
def close_plan(*, by: Actor, now: datetime, plan_id: UUID, expected_version: int | None = None) -> Plan:
    """Close a plan: it stays as it was, and another of its kind may be opened. Raises Refused: 404, 412, 409."""
    row = locked_plan(by, plan_id, expected_version)
    row.closed_at, row.closed_by, row.version = now, by, row.version + 1
    row.save(update_fields=["closed_at", "closed_by", "version"])
    record(row, "plan.close", by, now)
    return row


def locked_plan(by: Actor, plan_id: UUID, expected_version: int | None = None) -> Plan:
    """An open plan under its lock, read anew. Raises Refused: foreign (404), changed meanwhile (412), closed (409)."""
    rows = Plan.objects.filter(patient__in=Patient.objects.visible_to(by), public_id=plan_id)
    held = rows.select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True).first()
    if held is None:
        raise not_found()
    found = Plan.objects.select_related(*TOGETHER).get(pk=held)
    if expected_version is not None and found.version != expected_version:
        raise stale()
    if found.closed_at is not None:
        raise Refused("plan_closed", sentence("plan.refused.closed"))
    return found


def content_changed(row: Plan, by: Actor, now: datetime) -> None:
    """What was agreed is another thing now: earlier signatures no longer hold for it."""
    row.changed_at, row.changed_by, row.version = now, by, row.version + 1
    row.save(update_fields=["own_words", "changed_at", "changed_by", "version"])


def record(row: Plan, verb: str, by: Actor, now: datetime, details: Mapping[str, object] | None = None) -> None:
    """The audit entry of a verb on a plan; its words stay in the plan."""
    told = {"kind": row.kind, **(details or {})}
    audit.record(
        action=verb, by=by, now=now, subject=("plan", row.public_id), patients=[row.patient.public_id], details=told
    )


def _check_words(own_words: str) -> None:
    problem = text_problem(own_words, limit=WORDS_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(own_words=problem)


def _check_moment(row: Plan, at: datetime, now: datetime) -> None:
    if at > now:
        raise bad_input(effective_at=sentence("plan.refused.future"))
    if at < row.changed_at:
        raise bad_input(effective_at=sentence("plan.refused.signed_before"))


def _name_of(by: Actor, signer: PlanSigner, name: str) -> str:
    if signer is PlanSigner.STAFF:
        if not by.is_person:
            raise forbidden(sentence("plan.refused.program_signs"))
        if name.strip() not in ("", by.name):
            raise bad_input(name=sentence("plan.refused.own_name"))
        return by.name
    problem = text_problem(name, limit=NAME_LIMIT, required=True)
    if problem is not None:
        raise bad_input(name=problem)
    return name.strip()
