"""One provider window: asked again whether each may go, and marked *sending* with its attempt before the socket."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor, Site
from clinic.rules.opening_hours import to_local
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions.reminders.claim import lease_end
from pathways.messages.library import template
from pathways.models import Attempt, Reminder
from pathways.queries.providers import provider_for, sender_of
from pathways.queries.sending import TOGETHER, send_facts
from pathways.rules.gates import sentence_as_record
from pathways.rules.messages import render
from pathways.rules.reminders import ReminderStatus, SendAction, SendDecision, send_check


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


@action(None, "reminder.send")
def open_window(*, by: Actor, now: datetime, claim_id: UUID, ids: Sequence[int], live: bool) -> list[Prepared]:
    """Mark as *sending* those of the window that may still go, write their attempts, and settle the others.

    Only rows this claim still holds are touched. After the commit the caller sends what is returned, once.
    """
    held = _held(claim_id, ids)
    facts = send_facts(held, now=now)
    going, attempts = [], []
    for reminder in held:
        decision = send_check(facts[reminder.pk], now)
        attempt = _attempt(reminder, claim_id, now, live) if decision.action is SendAction.SEND else None
        if attempt is None:
            _put_aside(reminder, decision, now)
        else:
            going.append(reminder)
            attempts.append(attempt)
    _mark_sending(going, now)
    Attempt.objects.bulk_create(attempts)
    _note(by, now, going)
    return [_prepared(reminder, attempt) for reminder, attempt in zip(going, attempts, strict=True)]


def _held(claim_id: UUID, ids: Sequence[int]) -> list[Reminder]:
    rows = Reminder.objects.filter(pk__in=ids, claim_id=claim_id, status=ReminderStatus.LEASED)
    return list(rows.select_for_update(no_key=True, of=("self",)).select_related(*TOGETHER).order_by("pk"))


def _attempt(reminder: Reminder, claim_id: UUID, now: datetime, live: bool) -> Attempt | None:
    """The attempt, its words as they will be sent; None where the words cannot be made."""
    words = template(reminder.template, reminder.channel, reminder.language)
    try:
        ready = render(words, merge_fields(reminder))
    except ValueError:
        return None
    return Attempt(
        reminder=reminder,
        number=reminder.tries + 1,
        claim_id=claim_id,
        channel=reminder.channel,
        provider=provider_for(reminder.channel, live=live),
        address=reminder.contact_point.address,
        sender=sender_of(reminder.channel),
        subject=ready.subject or "",
        text=ready.text,
        template=words.key,
        template_digest=words.digest,
        started_at=now,
    )


def merge_fields(reminder: Reminder) -> dict[str, str]:
    """All a message may say: the discreet name, a first name, a day, a time, a number to call."""
    follow_up = reminder.follow_up
    patient, site = follow_up.patient, follow_up.site
    local = to_local(follow_up.due_at, follow_up.time_zone)
    return {
        "discreet_name": site.discreet_name,
        "given_name": patient.preferred_name or patient.given_name,
        "day": say(sentence("message.day", day=local.date()), reminder.language),
        "time": f"{local:%H:%M}",
        "phone": spoken_phone(site),
    }


def spoken_phone(site: Site) -> str:
    return site.phone


def _put_aside(reminder: Reminder, decision: SendDecision, now: datetime) -> None:
    """What does not go: its new status with the reason, or its next time."""
    reason = decision.reason or sentence("reminder.failed.wording")
    sendable = decision.action is SendAction.SEND
    reminder.status = ReminderStatus.FAILED if sendable else decision.status
    kept = sentence_as_record(reason)
    reminder.status_code, reminder.status_params = kept["code"], kept["params"]
    reminder.status_at, reminder.leased_until, reminder.claim_id = now, None, None
    if decision.until is not None:
        reminder.next_at = decision.until
    reminder.save(
        update_fields=["status", "status_code", "status_params", "status_at", "leased_until", "claim_id", "next_at"]
    )


def _mark_sending(going: Collection[Reminder], now: datetime) -> None:
    for tries in sorted({each.tries for each in going}):
        Reminder.objects.filter(pk__in=[each.pk for each in going if each.tries == tries]).update(
            status=ReminderStatus.SENDING, status_code="", status_at=now, tries=tries + 1, leased_until=lease_end()
        )


def _note(by: Actor, now: datetime, going: Collection[Reminder]) -> None:
    if not going:
        return
    patients = sorted({each.follow_up.patient.public_id for each in going})
    audit.record(action="reminder.send", by=by, now=now, patients=patients, details={"messages": len(going)})


def _prepared(reminder: Reminder, attempt: Attempt) -> Prepared:
    return Prepared(
        reminder_id=reminder.pk,
        reference=attempt.public_id,
        number=attempt.number,
        provider=attempt.provider,
        channel=attempt.channel,
        to=attempt.address,
        sender=attempt.sender,
        subject=attempt.subject,
        text=attempt.text,
        language=reminder.language,
    )
