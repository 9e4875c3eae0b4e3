"""A return to use: an event on the way, recorded without blame, answered with closer contact."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import F, Q

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.enrollments.holds import hold_of
from pathways.actions.enrollments.locking import locked
from pathways.actions.follow_ups import plan_anchor
from pathways.actions.follow_ups.anchors import return_anchor
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import Enrollment, FollowUp, ReturnToUse
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import RUNNING, EnrollmentStatus
from pathways.rules.programs import AnchorKind
from pathways.rules.returns import Circumstance, Substance, UsePattern
from patients.rules.texts import text_problem

NOTE_LIMIT = 300


@action(Permission.ENROLLMENT_WRITE, "return_to_use.record")
def record_return_to_use(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    effective_at: datetime,
    substance: Substance | None = None,
    pattern: UsePattern = UsePattern.NOT_SAID,
    circumstances: Iterable[Circumstance] = (),
    what_helped: str = "",
    note: str = "",
) -> ReturnToUse:
    """Record a return to use in a running enrollment, with what happened as far as it is told, and plan the contacts
    the program owes after one.

    Nothing else changes by itself: phase and level stay, and a step back is offered to people, never made. The needs
    are to be rated again. Contacts an earlier return still owed after this one are replaced by the new ones, so that
    nobody is written to twice.
    Raises Refused: 403, 404, 409 `enrollment_not_running`, 422 with `effective_at`, `what_helped` or `note`.
    """
    row = locked(by, enrollment_id)
    if row.status not in RUNNING:
        raise Refused("enrollment_not_running", sentence("return_to_use.refused.not_running"))
    _check(row, effective_at, now, {"note": note, "what_helped": what_helped})
    told = set(circumstances)
    made = ReturnToUse.objects.create(
        enrollment=row,
        effective_at=effective_at,
        substance=substance or "",
        pattern=pattern,
        circumstances=[each.value for each in Circumstance if each in told],
        what_helped=what_helped.strip(),
        note=note.strip(),
        recorded_at=now,
        recorded_by=by,
    )
    _supersede_earlier(row, made, by, now)
    planned = plan_anchor(by=by, now=now, enrollment=row, anchor=return_anchor(row, made))
    audit.record(
        action="return_to_use.record",
        by=by,
        now=now,
        subject=("return_to_use", made.public_id),
        patients=[row.patient.public_id],
        details={"enrollment": str(row.public_id), "follow_ups": len(planned)},
    )
    return made


def _check(enrollment: Enrollment, effective_at: datetime, now: datetime, texts: Mapping[str, str]) -> None:
    problem = _moment_problem(enrollment, effective_at, now)
    if problem is not None:
        raise bad_input(effective_at=problem)
    wrong = {
        name: problem
        for name, text in texts.items()
        if (problem := text_problem(text, limit=NOTE_LIMIT, lines=True)) is not None
    }
    if wrong:
        raise bad_input(**wrong)


def _moment_problem(enrollment: Enrollment, effective_at: datetime, now: datetime) -> Sentence | None:
    if effective_at > now:
        return sentence("return_to_use.refused.future")
    zone = enrollment.site.zone
    began = enrollment.admitted_at or enrollment.opened_at
    if effective_at.astimezone(zone).date() < began.astimezone(zone).date():
        return sentence("return_to_use.refused.before_admission", on=began.astimezone(zone).date())
    return None


def _supersede_earlier(enrollment: Enrollment, made: ReturnToUse, by: Actor, now: datetime) -> None:
    """End the contacts of earlier returns that are still to come; what was due before this event stays owed. So do
    those a hold paused: they would come back with its end, beside the new ones."""
    held = hold_of(enrollment) if enrollment.status == EnrollmentStatus.ON_HOLD else None
    paused = Q(pk__in=[]) if held is None else Q(cancelled_by_transition=held)
    earlier = ReturnToUse.objects.filter(enrollment=enrollment, effective_at__lte=made.effective_at)
    rows = FollowUp.objects.filter(
        Q(outcome="") | paused,
        enrollment=enrollment,
        anchor_kind=AnchorKind.RETURN_TO_USE,
        anchor_id__in=earlier.exclude(pk=made.pk).values("public_id"),
        due_at__gt=made.effective_at,
    )
    ids = list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
    ended = {"outcome": Outcome.SUPERSEDED, "closed_at": now, "closed_by": by, "cancelled_by_transition": None}
    FollowUp.objects.filter(pk__in=ids).update(**ended, version=F("version") + 1)
    retire_reminders(by=by, now=now, follow_up_ids=ids)
