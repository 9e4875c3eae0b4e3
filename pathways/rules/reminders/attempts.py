"""What a channel's outcome means for the reminder: done, tried again later, or settled first.

Sources: decisions.md 14; quality.md F1 and F8. Marks: L, our own local rule.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.reminders.statuses import ReminderStatus, may_change

_S = ReminderStatus

# Retries: doubling from half a minute to half an hour, spread by a fifth; twelve tries cover four hours of
# outage.
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=30)
MOST_ATTEMPTS = 12
SPREAD = 0.2
# A provider may ask for a longer wait than ours; a day is the longest we believe.
LONGEST_RETRY_AFTER = timedelta(hours=24)

# A message may still be on its way into the provider's list for this long after we lost sight of it (L).
SETTLE_GRACE = timedelta(minutes=10)
# How often an unclear provider is asked again, and when a person is asked instead (L).
SETTLE_EVERY = timedelta(minutes=5)
SETTLE_GIVE_UP = timedelta(hours=6)


class OutcomeKind(StrEnum):
    """What a channel reports of one message. Only *uncertain* may have left without our knowing it."""

    SENT = "sent"
    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    UNCERTAIN = "uncertain"


class Finding(StrEnum):
    """What a provider that was asked about an uncertain message answered."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AfterSending:
    """What becomes of a reminder after an outcome: its status, and when it is tried again (only with
    planned).
    """

    status: ReminderStatus
    retry_in: timedelta | None = None
    reason: Sentence | None = None


def classify(
    kind: OutcomeKind, *, attempt: int, reminder_id: UUID, retry_after: timedelta | None = None
) -> AfterSending:
    """What an outcome means for the reminder. `attempt` counts from 1 and includes the one that has just
    ended.

    Only *temporary* is tried again by itself: it is surely not at the provider. *Uncertain* is settled first.
    """
    match kind:
        case OutcomeKind.SENT:
            return AfterSending(_S.SENT)
        case OutcomeKind.DELIVERED:
            return AfterSending(_S.DELIVERED)
        case OutcomeKind.PERMANENT:
            return AfterSending(_S.FAILED, reason=sentence("reminder.failed.permanent"))
        case OutcomeKind.UNCERTAIN:
            return AfterSending(_S.UNCERTAIN, reason=sentence("reminder.uncertain"))
        case OutcomeKind.TEMPORARY:
            wait = backoff(attempt, reminder_id=reminder_id, retry_after=retry_after)
            if wait is None:
                return AfterSending(_S.FAILED, reason=sentence("reminder.failed.attempts", attempts=attempt))
            return AfterSending(_S.PLANNED, wait, sentence("reminder.postponed.provider"))
    raise ValueError(f"unknown outcome {kind!r}")


def backoff(attempt: int, *, reminder_id: UUID, retry_after: timedelta | None = None) -> timedelta | None:
    """How long to wait after the `attempt`-th try (from 1) came to nothing; None: give up.

    Doubling, spread by a fifth so that a thousand reminders do not return in one second; the spread follows
    from the reminder's id, so that the same try always waits the same. Never sooner than the provider asked
    (`retry_after`).
    """
    if attempt < 1:
        raise ValueError("attempts are counted from 1")
    if attempt >= MOST_ATTEMPTS:
        return None
    digest = sha256(f"{reminder_id}:{attempt}".encode()).digest()
    share = int.from_bytes(digest[:4]) / 2**32
    doubled: timedelta = FIRST_RETRY * 2 ** (attempt - 1)
    wait = min(doubled, LONGEST_RETRY) * (1 - SPREAD + 2 * SPREAD * share)
    if retry_after is None:
        return wait
    return max(wait, min(retry_after, LONGEST_RETRY_AFTER))


class SettleAction(StrEnum):
    """What is done with an uncertain reminder."""

    RECORD = "record"
    SEND_AGAIN = "send_again"
    ASK_AGAIN = "ask_again"
    ASK_A_PERSON = "ask_a_person"


@dataclass(frozen=True, slots=True)
class Settlement:
    """What is done; the status it leads to (None: stays uncertain); when the provider is asked again; why."""

    action: SettleAction
    status: ReminderStatus | None = None
    ask_at: datetime | None = None
    reason: Sentence | None = None


_STATUS_FOUND = {
    OutcomeKind.SENT: _S.SENT,
    OutcomeKind.DELIVERED: _S.DELIVERED,
    OutcomeKind.PERMANENT: _S.FAILED,
}


def after_report(kind: OutcomeKind, *, status: ReminderStatus, newest: bool) -> ReminderStatus | None:
    """What a provider's later report on an attempt makes of the reminder; None: nothing, repeated or out of order.

    That an older attempt came to nothing (`newest` is false) says nothing of the one that was made after it; that it
    arrived after all does.
    """
    wanted = _STATUS_FOUND.get(kind)
    if wanted is None or (wanted is _S.FAILED and not newest):
        return None
    return wanted if may_change(status, wanted) else None


def settle(
    *,
    can_be_asked: bool,
    finding: Finding,
    since: datetime,
    now: datetime,
    found: OutcomeKind = OutcomeKind.SENT,
    grace: timedelta = SETTLE_GRACE,
) -> Settlement:
    """What becomes of an uncertain reminder whose attempt began at `since` (decisions.md 14: never blindly
    resent).

    Found at the provider: recorded as what the provider says (`found`). Surely not there after `grace`: may
    be sent again, where the provider can be asked beyond doubt (`can_be_asked`). Unclear: asked again, and after
    six hours a person decides. E-mail cannot be asked: a person at once.
    """
    if finding is Finding.FOUND:
        if found not in _STATUS_FOUND:
            raise ValueError(f"a message found at the provider is not {found!r}")
        return Settlement(SettleAction.RECORD, _STATUS_FOUND[found])
    if not can_be_asked:
        return Settlement(SettleAction.ASK_A_PERSON, reason=sentence("reminder.settle.cannot_ask"))
    if finding is Finding.NOT_FOUND and now - since >= grace:
        return Settlement(SettleAction.SEND_AGAIN, _S.PLANNED, reason=sentence("reminder.settle.not_there"))
    if now - since >= SETTLE_GIVE_UP:
        return Settlement(SettleAction.ASK_A_PERSON, reason=sentence("reminder.settle.no_answer"))
    soon = since + grace if finding is Finding.NOT_FOUND else now + SETTLE_EVERY
    return Settlement(SettleAction.ASK_AGAIN, ask_at=soon.astimezone(UTC))
