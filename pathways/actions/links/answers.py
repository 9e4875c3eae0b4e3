"""A form filled in by the person it is about, through the link to it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions import findings
from pathways.actions.links.bearers import held, use_up
from pathways.rules.links import LinkPurpose
from patients.models import Assessment


@action(None, "link.record_answers")
def record_answers(
    *, by: Actor, now: datetime, link_id: UUID, answers: Mapping[str, object], context: Mapping[str, object]
) -> Assessment:
    """The answers are scored and kept, their alerts become flags, and the follow-up that asked is answered.

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
    use_up(row, by, now, "record_answers")
    return made
