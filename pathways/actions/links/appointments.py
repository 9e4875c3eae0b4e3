"""What somebody does about their appointment by its link: comes, cannot come, wishes for another time or a call.

A wish is kept as something they wrote, so that a person sees to it; the appointment stays as it is until then. That
they called it off is kept so too: somebody asks after them.
"""

from datetime import datetime
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor
from clinic.rules.sentences import Sentence, sentence
from pathways.actions import sessions
from pathways.actions.links.bearers import held, kept, use_up
from pathways.models import Attendance, PatientLink, Reply
from pathways.queries.offers import offers_for
from pathways.rules.links import LinkPurpose
from pathways.rules.replies import Intent, ReplyEffect
from pathways.rules.sessions import CancelledBy


@action(None, "link.confirm")
def confirm(*, by: Actor, now: datetime, link_id: UUID) -> Attendance:
    """They will come. Raises Refused: 403, 410."""
    row = held(by, link_id, LinkPurpose.APPOINTMENT, now)
    place = sessions.confirm(by=by, now=now, attendance_id=_place(row).public_id)
    use_up(row, by, now, "confirm")
    return place


@action(None, "link.call_off")
def call_off(*, by: Actor, now: datetime, link_id: UUID) -> Attendance:
    """They cannot come: their place is given up, and a session for them alone with it; a person is told. Raises
    Refused: 403, 410."""
    row = held(by, link_id, LinkPurpose.APPOINTMENT, now)
    place = sessions.take_off(by=by, now=now, attendance_id=_place(row).public_id, wish=CancelledBy.PATIENT)
    said = sentence("link.asked.called_off")
    kept(row, Intent.RESCHEDULE, ReplyEffect.CALLED_OFF, words=said, by=by, now=now)
    use_up(row, by, now, "call_off")
    return place


@action(None, "link.ask_for_another_time")
def ask_for_another_time(*, by: Actor, now: datetime, link_id: UUID, starts_at: datetime) -> Reply:
    """They wish for one of the times that were offered. Raises Refused: 403, 410, 422 `starts_at` where it is free no
    more."""
    row = held(by, link_id, LinkPurpose.APPOINTMENT, now)
    place = _place(row)
    if starts_at not in [each.starts_at for each in offers_for(place, now)]:
        raise bad_input(starts_at=sentence("link.refused.taken"))
    wish = sentence("link.asked.time", at=starts_at.astimezone(row.site.zone))
    return _wish(row, wish, by, now)


@action(None, "link.ask_for_a_call")
def ask_for_a_call(*, by: Actor, now: datetime, link_id: UUID) -> Reply:
    """They want to talk about another time. Raises Refused: 403, 410."""
    row = held(by, link_id, LinkPurpose.APPOINTMENT, now)
    return _wish(row, sentence("link.asked.call"), by, now)


def _place(row: PatientLink) -> Attendance:
    if row.attendance is None:
        raise ValueError("a link to an appointment has one")
    return row.attendance


def _wish(row: PatientLink, words: Sentence, by: Actor, now: datetime) -> Reply:
    """They wish for another time: nobody counts on them at this one any more."""
    sessions.undo_confirm(by=by, now=now, attendance_id=_place(row).public_id)
    made = kept(row, Intent.RESCHEDULE, ReplyEffect.RESCHEDULE_ASKED, words=words, by=by, now=now)
    use_up(row, by, now, "ask")
    return made
