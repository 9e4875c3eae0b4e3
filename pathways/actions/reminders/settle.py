"""Uncertain messages: asked about at the provider, decided by a person where it cannot be asked."""

from datetime import datetime
from uuid import UUID

from django.db.models import F

from clinic.actions import audit
from clinic.actions.locks import lock_name
from clinic.actions.verbs import action
from clinic.errors import Refused, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.reminders.addresses import heed_refusal
from pathways.actions.reminders.overtaken import ON_ITS_WAY, still_to_be_told
from pathways.models import Attempt, Reminder
from pathways.queries.providers import can_be_asked
from pathways.rules.gates import sentence_as_record
from pathways.rules.reminders import (
    Finding,
    OutcomeKind,
    ReminderStatus,
    SettleAction,
    after_report,
    settle,
)


@action(None, "reminder.settle")
def record_answer(
    *,
    by: Actor,
    now: datetime,
    reference: UUID,
    finding: Finding,
    kind: OutcomeKind = OutcomeKind.SENT,
    provider_id: str = "",
    detail_code: str = "",
) -> SettleAction:
    """What a provider said when it was asked about an uncertain message. Never resends blindly (decisions.md 14).

    What was found and belongs to another attempt already says nothing of this one. Raises Refused: 409
    `reminder_not_uncertain`, also where it is not the newest attempt or has been settled.
    """
    if kind is OutcomeKind.PERMANENT:
        heed_refusal(by=by, now=now, reference=reference, detail_code=detail_code)
    attempt = _uncertain_attempt(reference)
    reminder = attempt.reminder
    if finding is Finding.FOUND and _belongs_to_another(attempt, provider_id):
        finding = Finding.UNKNOWN
    settled = settle(
        can_be_asked=can_be_asked(attempt.provider), finding=finding, since=attempt.started_at, now=now, found=kind
    )
    if settled.action is SettleAction.SEND_AGAIN:
        attempt.outcome, attempt.finished_at = Finding.NOT_FOUND.value, now
        attempt.save(update_fields=["outcome", "finished_at"])
    elif finding is Finding.FOUND:
        attempt.outcome, attempt.provider_id, attempt.finished_at = kind.value, provider_id or attempt.provider_id, now
        attempt.detail_code = detail_code[:60]
        attempt.save(update_fields=["outcome", "provider_id", "finished_at", "detail_code"])
    if settled.status is not None:
        _change(reminder, settled.status, settled.reason, now)
    elif settled.ask_at is not None:
        reminder.next_at = settled.ask_at
        reminder.save(update_fields=["next_at"])
    else:
        _hand_to_a_person(reminder, settled.reason)
    patient = reminder.patient.public_id
    audit.record(
        action="reminder.settle",
        by=by,
        now=now,
        subject=("reminder", reminder.public_id),
        patients=[patient],
        details={"finding": finding.value, "action": settled.action.value},
    )
    return settled.action


@action(Permission.REMINDER_SETTLE, "reminder.decide_uncertain")
def decide_uncertain(*, by: Actor, now: datetime, reminder_id: UUID, arrived: bool) -> Reminder:
    """A person says what became of an uncertain message: it arrived, or it did not and shall not be tried again."""
    visible = Reminder.objects.visible_to(by).filter(public_id=reminder_id)
    reminder = visible.select_for_update(no_key=True, of=("self",)).select_related("patient").first()
    if reminder is None:
        raise not_found()
    if reminder.status != ReminderStatus.UNCERTAIN:
        raise Refused("reminder_not_uncertain", sentence("reminder.refused.not_uncertain"))
    code = "reminder.settled.arrived" if arrived else "reminder.settled.did_not_arrive"
    _change(reminder, ReminderStatus.SENT if arrived else ReminderStatus.FAILED, sentence(code, by=by.name), now)
    audit.record(
        action="reminder.decide_uncertain",
        by=by,
        now=now,
        subject=("reminder", reminder.public_id),
        patients=[reminder.patient.public_id],
        details={"arrived": arrived},
    )
    return reminder


@action(Permission.REMINDER_SETTLE, "reminder.decide_missed")
def decide_missed(*, by: Actor, now: datetime, reminder_id: UUID, send: bool) -> Reminder:
    """A person decides on a message that fell due while messages were paused: it goes now, if it still may, or not."""
    rows = Reminder.objects.visible_to(by).filter(public_id=reminder_id).select_related("patient")
    reminder = rows.select_for_update(no_key=True, of=("self",)).first()
    if reminder is None:
        raise not_found()
    if reminder.status != ReminderStatus.PLANNED or not reminder.needs_person:
        raise Refused("reminder_not_missed", sentence("reminder.refused.not_missed"))
    status = ReminderStatus.PLANNED if send else ReminderStatus.SUPPRESSED
    _change(reminder, status, None if send else sentence("reminder.suppressed.decided", by=by.name), now)
    audit.record(
        action="reminder.decide_missed",
        by=by,
        now=now,
        subject=("reminder", reminder.public_id),
        patients=[reminder.patient.public_id],
        details={"send": send},
    )
    return reminder


@action(None, "reminder.report")
def record_report(
    *,
    by: Actor,
    now: datetime,
    reference: UUID,
    kind: OutcomeKind,
    provider_id: str = "",
    detail_code: str = "",
    reason: str = "reminder.failed.permanent",
) -> bool:
    """A provider's later report on a message (a delivery callback, a bounce). Repeated or out of order, it changes
    nothing. What a "no" says of the address is heeded as one at sending is; `reason`: the sentence of such a "no"."""
    if kind is OutcomeKind.PERMANENT and not _arrived(reference):
        heed_refusal(by=by, now=now, reference=reference, detail_code=detail_code)
    attempt = (
        Attempt.objects.filter(public_id=reference)
        .select_related("reminder__patient")
        .select_for_update(no_key=True, of=("self", "reminder"))
        .first()
    )
    if attempt is None:
        raise not_found()
    reminder = attempt.reminder
    status, newest = ReminderStatus(reminder.status), attempt.number == reminder.tries
    wanted = after_report(kind, status=status, newest=newest)
    if wanted is None:
        return False
    attempt.outcome, attempt.finished_at = kind.value, attempt.finished_at or now
    attempt.provider_id, attempt.detail_code = attempt.provider_id or provider_id, detail_code[:60]
    attempt.save(update_fields=["outcome", "finished_at", "provider_id", "detail_code"])
    failed = wanted is ReminderStatus.FAILED
    # A message that left counts as written when it left, however late its receipt comes.
    at = reminder.status_at if status is ReminderStatus.SENT and not failed else now
    _change(reminder, wanted, sentence(reason) if failed else None, at)
    audit.record(
        action="reminder.report",
        by=by,
        now=now,
        subject=("reminder", reminder.public_id),
        patients=[reminder.patient.public_id],
        details={"kind": kind.value},
    )
    return True


def _arrived(reference: UUID) -> bool:
    """Whether it is known to have arrived: then a late "no" is wrong."""
    return Attempt.objects.filter(public_id=reference, reminder__status=ReminderStatus.DELIVERED).exists()


def _uncertain_attempt(reference: UUID) -> Attempt:
    """The newest attempt of an uncertain message, not settled yet, under lock."""
    uncertain = {"reminder__status": ReminderStatus.UNCERTAIN, "outcome__in": ["", OutcomeKind.UNCERTAIN.value]}
    attempt = (
        Attempt.objects.filter(public_id=reference, number=F("reminder__tries"), **uncertain)
        .select_related("reminder__patient")
        .select_for_update(no_key=True, of=("self", "reminder"))
        .first()
    )
    if attempt is None:
        raise Refused("reminder_not_uncertain", sentence("reminder.refused.not_uncertain"))
    return attempt


def _belongs_to_another(attempt: Attempt, provider_id: str) -> bool:
    """Whether another attempt has this message of the provider's. To the end of the transaction nobody else takes it:
    two that are alike, asked about at once, are never settled by the same one."""
    if not provider_id:
        return False
    lock_name(f"reminder.settle {attempt.provider} {provider_id}")
    return Attempt.objects.filter(provider=attempt.provider, provider_id=provider_id).exclude(pk=attempt.pk).exists()


def _hand_to_a_person(reminder: Reminder, reason: Sentence | None) -> None:
    """Nobody is asked again: it stands in the messages that need a person."""
    kept = sentence_as_record(reason or sentence("reminder.uncertain"))
    reminder.status_code, reminder.status_params = kept["code"], kept["params"]
    reminder.needs_person = True
    reminder.save(update_fields=["status_code", "status_params", "needs_person"])


def _change(reminder: Reminder, status: ReminderStatus, reason: Sentence | None, now: datetime) -> None:
    kept = sentence_as_record(reason) if reason else {"code": "", "params": {}}
    was_handed_over = reminder.needs_person and reminder.status in ON_ITS_WAY
    reminder.needs_person = still_to_be_told(reminder, status, now)
    if not (reminder.needs_person and was_handed_over):  # that keeps since when
        reminder.next_at = now
    reminder.status, reminder.status_at = status, now
    reminder.status_code, reminder.status_params = str(kept["code"]), kept["params"]
    reminder.leased_until = None
    reminder.save(
        update_fields=["status", "status_at", "next_at", "status_code", "status_params", "leased_until", "needs_person"]
    )
