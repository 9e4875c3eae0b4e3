"""The nightly run: contacts without an end are planned on to the horizon."""

from datetime import datetime, timedelta

from clinic.actions import audit, heartbeats
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.follow_ups.anchors import anchors_of
from pathways.actions.follow_ups.planning import plan_anchor
from pathways.models import Enrollment
from pathways.queries.enrollments import DOCUMENT, TOGETHER
from pathways.rules.follow_ups import PLAN_AHEAD_DAYS

PART = "contacts ahead"


@action(None, "follow_up.planned_to")
def planned_to(*, by: Actor, now: datetime) -> int:
    """The enrollment after which the last run was out of time; 0 where it came to the end."""
    kept = heartbeats.recall(part=PART, by=by, now=now)
    return int(kept.counts.get("after", 0)) if kept else 0


@action(None, "follow_up.go_on_after")
def go_on_after(*, by: Actor, now: datetime, enrollment_id: int) -> None:
    """Remember how far this run came, for the next."""
    kept = heartbeats.recall(part=PART, by=by, now=now)
    if kept is not None:
        heartbeats.remember(row=kept, by=by, now=now, memory={"after": enrollment_id})


@action(None, "follow_up.plan_ahead")
def plan_ahead(*, by: Actor, now: datetime, enrollment_id: int) -> int:
    """Plan one enrollment's recurring contacts on, under its lock, for whatever it stands in now. Returns how many.

    What lies wholly in the past (a long hold, a run that did not happen) is not begun any more. Nothing is planned for
    somebody who died, or while somebody else is moving the enrollment: the next run finds it.
    """
    rows = Enrollment.objects.open().filter(pk=enrollment_id, patient__died_on__isnull=True)
    free = rows.select_for_update(no_key=True, of=("self",), skip_locked=True)
    row = free.select_related(*TOGETHER).defer(DOCUMENT).first()
    if row is None:
        return 0
    today = now.astimezone(row.site.zone).date()
    through = today + timedelta(days=PLAN_AHEAD_DAYS)
    made = [
        each
        for anchor in anchors_of(row)
        for each in plan_anchor(by=by, now=now, enrollment=row, anchor=anchor, through=through, skip_before=today)
    ]
    if made:
        patient = row.patient.public_id
        audit.record(action="follow_up.plan_ahead", by=by, now=now, patients=[patient], details={"planned": len(made)})
    return len(made)
