"""Silence climbs: follow-ups whose step has waited long enough stand on the next one."""

from collections.abc import Collection
from datetime import datetime

from clinic.actions import audit
from clinic.actions.rows import save_columns
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.follow_ups.steps import ladder_of, stand_on
from pathways.actions.passing_over import UNREADABLE, tell_passed_over
from pathways.actions.reminders.plan import STEP_LEFT
from pathways.actions.reminders.plan import plan as plan_reminders
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import FollowUp
from pathways.queries.enrollments import DOCUMENT
from pathways.queries.follow_ups import due_to_climb, ladder_facts
from pathways.rules.follow_ups import LadderFacts, next_step

CLIMBED_AT_ONCE = 500
TOGETHER = ("patient", "site", "enrollment__program_version")


@action(None, "follow_up.climb_ladders")
def climb_ladders(*, by: Actor, now: datetime, patients: Collection[int] | None = None) -> dict[str, int]:
    """Move on every open follow-up whose step has waited long enough, or whose message came to nothing.

    A person's task left undone climbs too: to the supervisor in the end, where it stays until a person decides. Rows
    another worker holds are passed over. `patients`: theirs alone. Returns counts.
    """
    rows = due_to_climb(now, CLIMBED_AT_ONCE, patients)
    held = list(
        FollowUp.objects.open()
        .filter(pk__in=rows)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",), skip_locked=True)
        .select_related(*TOGETHER)
        .defer(f"enrollment__{DOCUMENT}")
    )
    facts = ladder_facts(held, now=now)
    seen = [(row, _climb(row, facts[row.pk], now)) for row in held]
    climbed = [row for row, moved in seen if moved]
    save_columns(climbed, ["ladder", "rung", "rung_since", "act_at", "climbs_at", "owner", "owner_role", "version"])
    save_columns([row for row, moved in seen if moved is False], ["climbs_at"])
    retire_reminders(by=by, now=now, follow_up_ids=[row.pk for row in climbed], code=STEP_LEFT)
    plan_reminders(by=by, now=now, follow_ups=climbed)
    if climbed:
        people = sorted({row.patient.public_id for row in climbed})
        audit.record(action="follow_up.climb_ladders", by=by, now=now, patients=people, details={"rows": len(climbed)})
    return {"climbed": len(climbed)}


def _climb(row: FollowUp, facts: LadderFacts, now: datetime) -> bool | None:
    """Whether the row stands on another step now (set, not saved). None where nobody can say: what is wrong with it is
    its own, the others climb, and the nightly check names it."""
    ladder = ladder_of(row)
    last = len(ladder.rungs) - 1
    try:
        step = next_step(ladder, ladder.place(row.rung), facts, now)
    except UNREADABLE:
        tell_passed_over("follow_up", row.public_id)
        return None
    if step is None:
        return None
    if step.rung == row.rung:
        row.climbs_at = step.waits_until if step.rung < last else None
        return False
    stand_on(row, step, ladder)
    row.ladder = ladder.key
    row.version += 1
    return True
