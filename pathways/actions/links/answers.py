"""A form filled in by the person it is about, through the link to it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions import findings
from pathways.actions.follow_ups import note_answer
from pathways.actions.links.bearers import held, use_up
from pathways.rules.links import LinkPurpose
from patients.models import Assessment


@action(None, "link.record_answers")
def record_answers(
    *, by: Actor, now: datetime, link_id: UUID, answers: Mapping[str, object], context: Mapping[str, object]
) -> Assessment:
    """The answers are scored and kept, their alerts become flags, and the follow-up that asked is kept; where questions
    were left out it waits for nobody any more either, and its owner looks.

    Raises Refused: 403, 410, 422 with the items.
    """
    row = held(by, link_id, LinkPurpose.QUESTIONNAIRE, now)
    made = findings.record_assessment(
        patient=row.patient,
        instrument=row.instrument,
        answers=answers,
        context=context,
        effective_at=now,
        site=row.site,
        by=by,
        now=now,
    )
    if row.follow_up is not None and row.follow_up.due_at <= now:
        note_answer(by=by, now=now, follow_up_id=row.follow_up.public_id)
    use_up(row, by, now, "record_answers")
    return made
