"""An assessment answers the questionnaires that were waiting for it."""

from collections.abc import Collection
from datetime import datetime, timedelta

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.reminders.plan import retire as retire_reminders
from pathways.models import FollowUp
from pathways.rules.follow_ups import Outcome
from patients.models import Assessment

EARLY = timedelta(days=7)
"""A form filled in up to a week before it was due counts for it (local default)."""


@action(None, "follow_up.note_assessment")
def note_assessment(*, by: Actor, now: datetime, assessments: Collection[Assessment]) -> int:
    """End, as *kept*, the open questionnaire follow-ups these assessments answer. Returns how many."""
    answered = [pk for each in assessments if each.scoring_status == "complete" for pk in _waiting_for(each, now)]
    FollowUp.objects.filter(pk__in=answered).update(outcome=Outcome.KEPT, closed_at=now, closed_by=by)
    retire_reminders(by=by, now=now, follow_up_ids=answered)
    return len(answered)


def _waiting_for(assessment: Assessment, now: datetime) -> list[int]:
    rows = FollowUp.objects.open().filter(
        patient=assessment.patient_id,
        instrument=assessment.instrument,
        due_at__lte=assessment.effective_at + EARLY,
    )
    return list(rows.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk", flat=True))
