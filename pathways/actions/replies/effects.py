"""What a reply does, under the locks of whoever took it in."""

from collections.abc import Sequence
from datetime import datetime

from clinic.models import Actor
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions.follow_ups import note_answer
from pathways.actions.sessions import confirm, undo_confirm
from pathways.models import Reply
from pathways.queries.senders import sender
from pathways.rules.replies import Consequence, ReplyEffect, Sender
from patients.actions import consents, opt_outs
from patients.models import ContactPoint
from patients.rules.contact import WRONG_PERSON
from patients.rules.texts import plain

# Effects that answer what a message of ours asked: silence is over, whatever they say.
ANSWERS = frozenset({ReplyEffect.ANSWERED, ReplyEffect.RESCHEDULE_ASKED, ReplyEffect.PASSED_ON})
QUOTED = 120
"""Characters of their words that stand in the evidence of a consent; the whole is in the reply."""


def take_effect(row: Reply, led: Consequence, points: Sequence[ContactPoint], by: Actor, now: datetime) -> None:
    """Do what the reply leads to. `points`: everybody's use of its address."""
    if led.effect is ReplyEffect.CONFIRMED and row.attendance is not None:
        confirm(by=by, now=now, attendance_id=row.attendance.public_id)
    if led.effect is ReplyEffect.RESCHEDULE_ASKED and row.attendance is not None:
        undo_confirm(by=by, now=now, attendance_id=row.attendance.public_id)
    if led.effect in ANSWERS and row.follow_up is not None:
        note_answer(by=by, now=now, follow_up_id=row.follow_up.public_id)
    match led.effect:
        case ReplyEffect.STOPPED:
            _stop(row, points, by, now)
        case ReplyEffect.STARTED:
            _start(row, points, by, now)
        case ReplyEffect.SUSPENDED:
            _suspend(row, points, by, now)


def _stop(row: Reply, points: Sequence[ContactPoint], by: Actor, now: datetime) -> None:
    """The address is closed, and whoever had agreed to it does so no more, with what was written as the evidence. The
    whole channel is closed for the person where it is plain who it was."""
    people = [each.patient for each in points] if sender(points) is Sender.ONE else []
    proof = evidence(row)
    opt_outs.opt_out(patients=people, channel=row.channel, address=row.address, evidence=proof, by=by, now=now)
    for each in points:
        _decided(row, each, given=False, by=by, now=now)


def _start(row: Reply, points: Sequence[ContactPoint], by: Actor, now: datetime) -> None:
    (point,) = points
    opt_outs.opt_in(patient=point.patient, channel=row.channel, address=row.address, by=by, now=now)
    _decided(row, point, given=True, by=by, now=now)


def _suspend(row: Reply, points: Sequence[ContactPoint], by: Actor, now: datetime) -> None:
    """Somebody else reads what goes to this address: nothing goes there until it is known whose it is."""
    opt_outs.close_address(
        channel=row.channel, address=row.address, reason=WRONG_PERSON, evidence=evidence(row), by=by, now=now
    )
    for each in points:
        opt_outs.doubt(contact_point=each, by=by, now=now)


def _decided(row: Reply, point: ContactPoint, *, given: bool, by: Actor, now: datetime) -> None:
    """Their newest word on being written to there."""
    consents.record_change(
        contact_point=point, given=given, method="reply", evidence=evidence(row), effective_at=row.received_at,
        by=by, now=now,
    )  # fmt: skip


def evidence(row: Reply) -> str:
    """Their words, when they came and which message they answer: what proves a decision later."""
    words = "".join(each for each in plain(row.text) if each.isprintable())[:QUOTED]
    code = "reply.evidence" if row.attempt_reference is None else "reply.evidence_answering"
    return say(
        sentence(code, words=words, at=f"{row.received_at:%Y-%m-%d %H:%M} UTC", channel=row.channel,
                 reply=str(row.public_id), message=str(row.attempt_reference or ""))
    )  # fmt: skip
