"""A form filled in by the person it is about, through the link to it."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions import findings
from pathways.actions.follow_ups import note_answer
from pathways.actions.links.bearers import held, note, use_up
from pathways.models import PatientLink
from pathways.rules.links import LinkPurpose
from patients.models import Assessment, AssessmentDraft
from patients.queries.assessments import draft


@action(None, "link.keep_answers")
def keep_answers(
    *, by: Actor, now: datetime, link_id: UUID, answers: Mapping[str, object], context: Mapping[str, object]
) -> AssessmentDraft | None:
    """What was sent so far is kept as the form's draft, its alerts become flags at once, and the owner of the follow-up
    that asked looks; the link stays open for the rest. None, and nothing kept, where staff have the form under way.

    Raises Refused: 403, 410, 422 with the items.
    """
    row = held(by, link_id, LinkPurpose.QUESTIONNAIRE, now)
    under_way = draft(by, row.patient, row.instrument)
    if under_way is not None and under_way.started_by_id != by.pk:
        return None
    kept = _saved(row, under_way, answers, context, by, now)
    _owner_looks(row, by, now)
    note("link.keep_answers", row, by, now)
    return kept


@action(None, "link.record_answers")
def record_answers(
    *, by: Actor, now: datetime, link_id: UUID, answers: Mapping[str, object], context: Mapping[str, object]
) -> Assessment:
    """The answers are scored and kept, their alerts become flags, and the follow-up that asked is kept; where questions
    were left out it waits for nobody any more either, and its owner looks.

    Raises Refused: 403, 410, 422 with the items.
    """
    row = held(by, link_id, LinkPurpose.QUESTIONNAIRE, now)
    under_way = draft(by, row.patient, row.instrument)
    if under_way is not None and under_way.started_by_id == by.pk:
        kept = _saved(row, under_way, answers, context, by, now)
        made = findings.record_draft(draft=kept, expected_version=kept.version, effective_at=now, by=by, now=now)
    else:
        made = findings.record_assessment(
            patient=row.patient, instrument=row.instrument, answers=answers, context=context, effective_at=now,
            site=row.site, by=by, now=now,
        )  # fmt: skip
    _owner_looks(row, by, now)
    use_up(row, by, now, "record_answers")
    return made


def _saved(
    row: PatientLink,
    under_way: AssessmentDraft | None,
    answers: Mapping[str, object],
    context: Mapping[str, object],
    by: Actor,
    now: datetime,
) -> AssessmentDraft:
    """The draft with these answers over those sent before: what was said once is not lost by leaving it out later."""
    before = under_way.answers if under_way else {}
    return findings.save_draft(
        patient=row.patient, instrument=row.instrument, answers={**before, **answers}, context=context, site=row.site,
        expected_version=under_way.version if under_way else None, from_page=True, by=by, now=now,
    ).draft  # fmt: skip


def _owner_looks(row: PatientLink, by: Actor, now: datetime) -> None:
    if row.follow_up is not None and row.follow_up.due_at <= now:
        note_answer(by=by, now=now, follow_up_id=row.follow_up.public_id)
