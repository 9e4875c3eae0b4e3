"""The nightly run: contacts without an end are planned on to the horizon."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.follow_ups.planning import anchor_of, plan_anchor
from pathways.models import Enrollment, PhaseStay
from pathways.queries.enrollments import TOGETHER
from pathways.rules.follow_ups import PLAN_AHEAD_DAYS, Anchor
from pathways.rules.moves import OPENINGS, WAITING, EnrollmentStatus, MoveKind
from pathways.rules.programs import AnchorKind


@action(None, "follow_up.plan_ahead")
def plan_ahead(*, by: Actor, now: datetime, enrollment_id: int) -> int:
    """Plan one enrollment's recurring contacts on, under its lock, for whatever it stands in now. Returns how many.

    What lies wholly in the past (a long hold, a run that did not happen) is not begun any more. Nothing is planned for
    somebody who died, or while somebody else is moving the enrollment: the next run finds it.
    """
    rows = Enrollment.objects.open().filter(pk=enrollment_id, patient__died_on__isnull=True)
    row = rows.select_for_update(no_key=True, of=("self",), skip_locked=True).select_related(*TOGETHER).first()
    if row is None:
        return 0
    today = now.astimezone(row.site.zone).date()
    through = today + timedelta(days=PLAN_AHEAD_DAYS)
    made = [
        each
        for anchor in _anchors(row)
        for each in plan_anchor(by=by, now=now, enrollment=row, anchor=anchor, through=through, skip_before=today)
    ]
    if made:
        patient = row.patient.public_id
        audit.record(action="follow_up.plan_ahead", by=by, now=now, patients=[patient], details={"planned": len(made)})
    return len(made)


def _anchors(row: Enrollment) -> Iterator[Anchor]:
    """What contacts count from while the enrollment stands as it does: its hold, or its admission and its phase."""
    if row.status == EnrollmentStatus.ON_HOLD:
        held = row.transitions.filter(kind=MoveKind.HOLD, reversed_by__isnull=True)
        newest = held.order_by("-effective_at", "-pk").first()
        if newest is not None:
            yield anchor_of(row, AnchorKind.HOLD, newest)
        return
    if row.status in WAITING:
        yield from _waits(row)
        return
    opened = row.transitions.filter(kind__in=OPENINGS).first()
    if opened is not None:
        yield anchor_of(row, AnchorKind.ADMISSION, opened)
    stays = PhaseStay.objects.filter(enrollment=row, ended_at__isnull=True)
    for stay in stays.select_related("phase", "opened_by_transition"):
        yield anchor_of(row, AnchorKind.PHASE_ENTRY, stay.opened_by_transition, stay.phase.key)


def _waits(row: Enrollment) -> Iterator[Anchor]:
    """The proposal, or the place on the waitlist: whichever came last."""
    kinds = {MoveKind.PROPOSE: AnchorKind.PROPOSAL, MoveKind.WAITLIST: AnchorKind.WAITLIST}
    waits = row.transitions.filter(kind__in=kinds, reversed_by__isnull=True)
    newest = waits.order_by("-effective_at", "-pk").first()
    if newest is not None:
        yield anchor_of(row, kinds[MoveKind(newest.kind)], newest)
