"""A message comes in: kept once, read, and what it leads to is done, all in one transaction.

Locked in this order: the address (so that a message told twice at once waits for itself, and several from one address
are taken one after the other), the people who have it by id, then what the message was about, then messages to them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.reminders.addresses import lock_address
from pathways.actions.replies.answering import answer
from pathways.actions.replies.effects import take_effect
from pathways.models import Attendance, FollowUp, Reminder, Reply
from pathways.queries.senders import (
    Standing,
    attempt_named,
    contact_points_at,
    newest_attempt,
    sender,
    site_of,
    standing,
    waiting_for_an_answer,
    wish_waits,
)
from pathways.rules.replies import (
    Awaits,
    Consequence,
    Intent,
    Reading,
    ReplyEffect,
    ReplyFacts,
    Sender,
    consequence,
    read,
    storable,
)
from patients.actions.locks import lock_patients
from patients.models import ContactPoint
from patients.rules.contact import Channel, UnusableAddress, normalise

LONGEST_ADDRESS = 254
# Whose it is where several have the number: only these effects are about one of them.
OF_ONE = frozenset({ReplyEffect.CONFIRMED, ReplyEffect.ANSWERED, ReplyEffect.RESCHEDULE_ASKED})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came in, in the spelling it is kept in."""

    provider: str
    provider_id: str
    channel: str
    address: str
    to_address: str
    text: str
    received_at: datetime
    answers: UUID | None
    automatic: bool


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of whom it came from, under lock."""

    points: Sequence[ContactPoint]
    standing: Standing
    waiting: Mapping[int, Reminder]

    @property
    def only(self) -> Reminder | None:
        """The one message that waits for an answer, if it is exactly one."""
        return next(iter(self.waiting.values())) if len(self.waiting) == 1 else None


@action(None, "reply.receive")
def receive(
    *,
    by: Actor,
    now: datetime,
    provider: str,
    provider_id: str,
    channel: str,
    address: str,
    to_address: str = "",
    text: str,
    received_at: datetime | None = None,
    answers: UUID | None = None,
    automatic: bool = False,
) -> Reply:
    """Keep a message that came in, and do what it asks for. The same message again changes nothing: the same row.

    `provider_id`: the provider's own id of it · `answers`: the reference of the message it answers, where it names one
    · `automatic`: a machine of theirs wrote it (RFC 3834), so that it is kept and never answered. The caller has made
    sure that it comes from the provider.
    """
    came = Incoming(
        provider, provider_id, channel, address_of(channel, address), to_address.strip()[:LONGEST_ADDRESS],
        storable(text), min(received_at or now, now), answers, automatic,
    )  # fmt: skip
    lock_address(channel, came.address)
    found = Reply.objects.filter(provider=provider, provider_id=provider_id).first()
    return found or _take(came, by, now)


def address_of(channel: str, address: str) -> str:
    """An address in the one spelling it is known by; what is none of the channel's (a short code) as it came."""
    given = storable(address)[:LONGEST_ADDRESS]
    try:
        return normalise(Channel(channel), given)
    except UnusableAddress:
        return given


def _take(came: Incoming, by: Actor, now: datetime) -> Reply:
    known = _known(came, by, now)
    reading = _reading(came, known)
    led = consequence(_facts(came, known, reading))
    point = _whose(known, led)
    row = _kept(came, known, reading, led, point, by)
    take_effect(row, led, known.points, by, now)
    if led.answer is not None:
        answer(row, led.answer, point or next(iter(known.points), None), now)
    audit.record(
        action="reply.receive",
        by=by,
        now=now,
        subject=("reply", row.public_id),
        patients=sorted(each.patient.public_id for each in known.points),
        details={"intent": row.intent, "effect": row.effect, "channel": row.channel, "urgent": row.urgent},
    )
    return row


def _known(came: Incoming, by: Actor, now: datetime) -> _Known:
    """Who has the address, locked; read again under the locks."""
    people = [each.patient for each in contact_points_at(came.channel, came.address)]
    held = lock_patients(people, by)
    points = [each for each in contact_points_at(came.channel, came.address) if each.patient_id in held]
    named = attempt_named(came.answers, came.address) if came.answers else None
    return _Known(
        points,
        standing(came.channel, came.address, [each.patient for each in points]),
        waiting_for_an_answer(came.channel, points, now, named),
    )


def _reading(came: Incoming, known: _Known) -> Reading:
    if came.automatic:
        return Reading(Intent.FREE_TEXT)
    names = {name for each in known.points for name in _names(each)}
    return read(came.text, awaits=_awaits(known), stopped=known.standing.stopped, names=names)


def _names(point: ContactPoint) -> list[str]:
    person = point.patient
    return [each for each in (person.given_name, person.preferred_name, person.family_name) if each]


def _awaits(known: _Known) -> Awaits:
    """An appointment where any is waited for: then a "no" calls it off, and somebody sees to it."""
    if not known.waiting:
        return Awaits.NOTHING
    appointment = any(each.attendance_id is not None for each in known.waiting.values())
    return Awaits.APPOINTMENT if appointment else Awaits.CONTACT


def _facts(came: Incoming, known: _Known, reading: Reading) -> ReplyFacts:
    place_id = known.only.attendance_id if known.only is not None else None
    return ReplyFacts(
        reading=reading,
        sender=sender(known.points),
        waiting=len(known.waiting),
        appointment=place_id is not None,
        wishes=wish_waits(place_id),
        stopped=known.standing.stopped,
        suspended=known.standing.suspended,
        automatic=came.automatic,
    )


def _whose(known: _Known, led: Consequence) -> ContactPoint | None:
    """The use of the address the reply belongs to; None where that is not plain."""
    if sender(known.points) is Sender.ONE:
        return known.points[0]
    if led.effect in OF_ONE and known.only is not None:
        return next(each for each in known.points if each.patient_id in known.waiting)
    return None


def _kept(
    came: Incoming, known: _Known, reading: Reading, led: Consequence, point: ContactPoint | None, by: Actor
) -> Reply:
    answered = known.waiting.get(point.patient_id) if point is not None else None
    # Of a person's records, that which was written to: whoever works there sees it.
    point = answered.contact_point if answered is not None else point
    attempt = newest_attempt(answered) if answered is not None else None
    subject = answered.subject if answered is not None else None
    return Reply.objects.create(
        provider=came.provider,
        provider_id=came.provider_id,
        channel=came.channel,
        address=came.address,
        to_address=came.to_address,
        text=came.text,
        language=reading.language or (point.patient.language if point is not None else "en"),
        intent=reading.intent,
        site=site_of(came.channel, came.address, known.points, answered),
        patient=point.patient if point is not None else None,
        contact_point=point,
        follow_up=subject if isinstance(subject, FollowUp) else None,
        attendance=subject if isinstance(subject, Attendance) else None,
        attempt_reference=attempt.public_id if attempt is not None else None,
        effect=led.effect,
        needs_person=led.needs_person,
        urgent=reading.urgent,
        received_at=came.received_at,
        received_by=by,
    )
