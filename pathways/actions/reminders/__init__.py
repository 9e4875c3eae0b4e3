"""Reminders: planned with their follow-up, claimed by a worker, sent once, settled where unclear."""

from pathways.actions.reminders.addresses import heed_refusal
from pathways.actions.reminders.appointments import plan_places, plan_places_of_person
from pathways.actions.reminders.claim import Claim, claim_due, give_back, requeue, requeue_expired
from pathways.actions.reminders.outcomes import Reported, record_outcomes
from pathways.actions.reminders.overtaken import record_told
from pathways.actions.reminders.pauses import pause, resume
from pathways.actions.reminders.plan import plan, replan, retire
from pathways.actions.reminders.settle import decide_missed, decide_uncertain, record_answer, record_report
from pathways.actions.reminders.sites import Batch, plan_site_on
from pathways.actions.reminders.window import Prepared, open_window

__all__ = [
    "Batch",
    "Claim",
    "Prepared",
    "Reported",
    "claim_due",
    "decide_missed",
    "decide_uncertain",
    "give_back",
    "heed_refusal",
    "open_window",
    "pause",
    "plan",
    "plan_places",
    "plan_places_of_person",
    "plan_site_on",
    "record_answer",
    "record_outcomes",
    "record_report",
    "record_told",
    "replan",
    "requeue",
    "requeue_expired",
    "resume",
    "retire",
]
