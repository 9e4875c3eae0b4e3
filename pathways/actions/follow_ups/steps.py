"""Where a follow-up stands on its ladder, and when somebody or something is to act."""

from pathways.models import FollowUp
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import LadderFacts, Step, first_step
from pathways.rules.programs import Ladder


def ladder_of(row: FollowUp) -> Ladder:
    """The ladder of its program version; `enrollment.program_version` must be loaded."""
    return document_of(row.enrollment.program_version).ladder(row.ladder)


def stand_on_first_step(row: FollowUp) -> None:
    """Set the step on which a follow-up begins (not saved)."""
    ladder = ladder_of(row)
    stand_on(row, first_step(ladder, LadderFacts(started_at=row.due_at, zone=row.time_zone)), ladder)


def stand_on(row: FollowUp, step: Step, ladder: Ladder) -> None:
    """Set the step (not saved): a message acts when its wait is over, a person's task when it begins."""
    row.rung, row.rung_since = step.rung, step.starts_at
    row.act_at = step.waits_until if step.is_message else step.starts_at
    row.climbs_at = step.waits_until if step.rung < len(ladder.rungs) - 1 else None
    if step.role is not None:
        row.owner_role = step.role
