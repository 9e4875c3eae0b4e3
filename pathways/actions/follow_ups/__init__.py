"""Follow-ups: planned on every move, worked by people, each ending in exactly one outcome."""

from pathways.actions.follow_ups.ahead import go_on_after, plan_ahead, planned_to
from pathways.actions.follow_ups.answers import note_assessment, note_withdrawn_assessment
from pathways.actions.follow_ups.heard import note_answer
from pathways.actions.follow_ups.ladders import climb_ladders
from pathways.actions.follow_ups.ownership import Assigned, assign, assign_many
from pathways.actions.follow_ups.planning import cancel_planned, plan_anchor, restore_cancelled
from pathways.actions.follow_ups.results import close, record_call, reschedule, undo_call

__all__ = [
    "Assigned",
    "assign",
    "assign_many",
    "cancel_planned",
    "climb_ladders",
    "close",
    "go_on_after",
    "note_answer",
    "note_assessment",
    "note_withdrawn_assessment",
    "plan_ahead",
    "plan_anchor",
    "planned_to",
    "record_call",
    "reschedule",
    "restore_cancelled",
    "undo_call",
]
