"""The patient answered: silence is over, nothing more is sent, and somebody looks at what they said."""

from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import not_found
from clinic.models import Actor
from pathways.actions.follow_ups.steps import ladder_of, stand_on
from pathways.actions.reminders.plan import retire_unsent
from pathways.models import FollowUp
from pathways.queries.enrollments import DOCUMENT
from pathways.queries.follow_ups import ladder_facts
from pathways.rules.follow_ups import look_step

TOGETHER = ("patient", "site", "enrollment__program_version")
ANSWERED = "reminder.cancelled.answered"


@action(None, "follow_up.note_answer")
def note_answer(*, by: Actor, now: datetime, follow_up_id: UUID) -> FollowUp:
    """Stand with a person from now on, whose task it is to look: messages of it that have not gone are withdrawn.

    One that stands with a person already is theirs to act on now. What has ended stays as it ended; said again, it
    changes nothing. `by`: whatever took the answer in; it has made sure whose it is. Raises Refused not_found.
    """
    rows = FollowUp.objects.filter(public_id=follow_up_id).select_related(*TOGETHER)
    row = rows.defer(f"enrollment__{DOCUMENT}").select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise not_found()
    ladder = ladder_of(row)
    stood = (row.rung, row.act_at)
    if not row.outcome:
        step = look_step(ladder, ladder.place(row.rung), ladder_facts([row], now=now)[row.pk], now)
        if step.rung != row.rung:
            stand_on(row, step, ladder)
        row.act_at = min(row.act_at, now)
    if row.outcome or stood == (row.rung, row.act_at):
        return row
    row.version += 1
    row.save()
    retire_unsent([row.pk], now, ANSWERED)
    audit.record(
        action="follow_up.note_answer",
        by=by,
        now=now,
        subject=("follow_up", row.public_id),
        patients=[row.patient.public_id],
    )
    return row
