"""One provider window: asked again whether each may go, and marked *sending* with its attempt before the socket."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID, uuid4

from django.db import connection

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from clinic.queries.among import one_of
from clinic.rules.opening_hours import to_local
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions.reminders.claim import lease_end
from pathways.actions.reminders.links import drafted, keep
from pathways.actions.reminders.locking import hold, hold_pauses
from pathways.actions.reminders.standings import Standing, write_standings
from pathways.models import Reminder
from pathways.queries.pauses import in_force
from pathways.queries.providers import provider_for, sender_of
from pathways.queries.sending import about_to_go, send_facts, turn
from pathways.queries.subjects import subject_now
from pathways.queries.templates import words_of
from pathways.rules.messages import Template, render
from pathways.rules.reminders import ReminderStatus, SendAction, SendDecision, send_check
from pathways.rules.reminders.pauses import Paused

WHILE_BUSY = timedelta(seconds=5)
"""How long a message waits that rests on what somebody is just changing."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message that is *sending*: what the channel needs, and the attempt it is known by. Ids only beside the text."""

    reminder_id: int
    reference: UUID
    number: int
    provider: str
    channel: str
    to: str
    sender: str
    subject: str
    text: str
    language: str


@dataclass(frozen=True, slots=True)
class _Made:
    """A message ready to be written down, with the template it was made of."""

    prepared: Prepared
    template: str
    digest: str


@action(None, "reminder.send")
def open_window(
    *, by: Actor, now: datetime, claim_id: UUID, ids: Sequence[int], live: bool, paused: Paused | None = None
) -> list[Prepared]:
    """Mark as *sending* those of the window that may still go, write their attempts, and settle the others.

    Only rows this claim still holds are touched. After the commit the caller sends what is returned, once. Nothing that
    forbids one of them is committed between the asking and the marking (`locking`); what somebody is just changing
    waits a moment. `paused`: what is held back, asked now unless it is given (a rehearsal knows no pauses).
    """
    holding = _in_force() if paused is None else paused
    ours = hold(claim_id, ids)
    held = _read(ours.free)
    facts = send_facts(held, now=now)
    links = drafted(held, by=by, now=now)
    words = words_of(held, linked=links)
    going: list[Reminder] = []
    made: list[_Made] = []
    staying = _waits(ours.busy, now)
    written: Counter[tuple[int, str]] = Counter()
    for reminder in held:
        known = facts[reminder.pk]
        person = (known.person, reminder.channel)
        if written[person]:
            # What goes in this very window counts too: of two that are due at once, one waits.
            known = replace(known, written_at=(*known.written_at, *[now] * written[person]))
        decision = _held_back(reminder, holding) or send_check(known, now)
        link = links[reminder.pk].address if words[reminder.pk].holds_link else ""
        ready = _made(reminder, words[reminder.pk], link, live) if decision.action is SendAction.SEND else None
        if ready is None:
            staying.append(_put_aside(reminder, decision))
        else:
            going.append(reminder)
            made.append(ready)
            written[person] += not (known.answers or known.by_person)
    write_standings(staying, now, let_go=True)
    _mark_sending(going, now)
    _write_attempts(made, claim_id, now)
    keep([links[each.pk] for each in going if words[each.pk].holds_link])
    _note(by, now, going)
    return [each.prepared for each in made]


def _in_force() -> Paused:
    """What is held back, to the end of the verb."""
    hold_pauses(alone=False)
    return in_force()


def _read(ids: Collection[int]) -> list[Reminder]:
    return sorted(about_to_go(list(ids)), key=lambda each: turn(each.pk, each.follow_up_id))


def _waits(ids: Collection[int], now: datetime) -> list[Standing]:
    """Back in line for a moment: what they rest on is being changed."""
    reason, until = sentence("reminder.postponed.busy"), now + WHILE_BUSY
    return [Standing(pk, ReminderStatus.PLANNED, reason, until) for pk in ids]


def _made(reminder: Reminder, words: Template, link: str, live: bool) -> _Made | None:
    """The message with its words as they will be sent; None where the words cannot be made."""
    try:
        ready = render(words, merge_fields(reminder) | {"link": link})
    except ValueError:
        return None
    prepared = Prepared(
        reminder_id=reminder.pk,
        reference=uuid4(),
        number=reminder.tries + 1,
        provider=provider_for(reminder.channel, live=live),
        channel=reminder.channel,
        to=reminder.contact_point.address,
        sender=sender_of(reminder.channel),
        subject=ready.subject or "",
        text=ready.text,
        language=reminder.language,
    )
    return _Made(prepared, words.key, words.digest)


# The columns of a window as arrays: one statement of one shape, however many messages.
WRITE = """
    INSERT INTO pathways_attempt (public_id, reminder_id, number, claim_id, channel, provider, address, sender,
        subject, text, template, template_digest, started_at, outcome, provider_id, detail_code)
    SELECT public_id, reminder_id, number, %s::uuid, channel, provider, address, sender,
        subject, text, template, digest, %s, '', '', ''
    FROM unnest(%s::uuid[], %s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::text[], %s::text[])
        AS made(public_id, reminder_id, number, channel, provider, address, sender, subject, text, template, digest)
"""


def _write_attempts(made: Sequence[_Made], claim_id: UUID, now: datetime) -> None:
    if not made:
        return
    each = [one.prepared for one in made]
    columns = (
        [str(one.reference) for one in each],
        [one.reminder_id for one in each],
        [one.number for one in each],
        [one.channel for one in each],
        [one.provider for one in each],
        [one.to for one in each],
        [one.sender for one in each],
        [one.subject for one in each],
        [one.text for one in each],
        [one.template for one in made],
        [one.digest for one in made],
    )
    with connection.cursor() as cursor:
        cursor.execute(WRITE, [str(claim_id), now, *columns])


def merge_fields(reminder: Reminder) -> dict[str, str]:
    """All a message may say: the discreet name, a first name, a day, a time, a number to call."""
    patient, site, subject = reminder.patient, reminder.site, subject_now(reminder)
    local = to_local(subject.meant_at, subject.zone)
    return {
        "discreet_name": site.discreet_name,
        "given_name": patient.preferred_name or patient.given_name,
        "day": _day(local.date(), reminder.language),
        "time": f"{local:%H:%M}",
        "phone": site.phone,
    }


@lru_cache(maxsize=256)
def _day(day: date, language: str) -> str:
    """A day in words; a window names the same few days over and over."""
    return say(sentence("message.day", day=day), language)


def _held_back(reminder: Reminder, paused: Paused) -> SendDecision | None:
    """Somebody paused it after it was claimed: it stays in line as it is."""
    if not paused.holds(site=reminder.site_id, channel=reminder.channel, template=reminder.template):
        return None
    return SendDecision(SendAction.POSTPONE, reason=sentence("reminder.postponed.paused"))


def _put_aside(reminder: Reminder, decision: SendDecision) -> Standing:
    """What does not go: its new status with the reason, or its next time."""
    reason = decision.reason or sentence("reminder.failed.wording")
    status = ReminderStatus.FAILED if decision.action is SendAction.SEND else decision.status
    return Standing(reminder.pk, status, reason, decision.until)


def _mark_sending(going: Collection[Reminder], now: datetime) -> None:
    for tries in sorted({each.tries for each in going}):
        Reminder.objects.filter(one_of("pk", (each.pk for each in going if each.tries == tries))).update(
            status=ReminderStatus.SENDING, status_code="", status_at=now, tries=tries + 1, leased_until=lease_end()
        )


def _note(by: Actor, now: datetime, going: Collection[Reminder]) -> None:
    if not going:
        return
    patients = sorted({each.patient.public_id for each in going})
    audit.record(action="reminder.send", by=by, now=now, patients=patients, details={"messages": len(going)})
