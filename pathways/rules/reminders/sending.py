"""Whether a claimed reminder may go now, asked from facts read again at that moment.

Sources: follow-up.md, "Rules on texting"; model.md, "At send time, asked again". Marks: L, our own local
rule; G, general practice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from clinic.rules.opening_hours import ContactHours, next_opening, to_local, to_utc, window_problem
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.reminders.statuses import ReminderStatus

# Frequency: 1 a day, 3 a week (G), in the recipient's calendar days.
MOST_PER_DAY = 1
MOST_PER_WEEK = 3
DAYS_IN_A_WEEK = 7
# Nobody is written to by a machine within this long of their own last message (L).
CONVERSATION = timedelta(minutes=30)
# While something they wrote waits for a person, a message is asked about again this often (L).
WHILE_A_REPLY_WAITS = timedelta(minutes=15)
# Somebody spoke with them: the machine does not write about a contact that is due within this long (L).
MANUAL_CONTACT = timedelta(days=3)


class SendAction(StrEnum):
    """What is done with a claimed reminder just before it would go."""

    SEND = "send"
    POSTPONE = "postpone"
    SUPPRESS = "suppress"
    EXPIRE = "expire"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class SendDecision:
    """What is done, until when it waits (an instant, only with postpone), and why (always, except with
    send).
    """

    action: SendAction
    until: datetime | None = None
    reason: Sentence | None = None

    @property
    def status(self) -> ReminderStatus:
        return _STATUS_AFTER[self.action]


_STATUS_AFTER = {
    SendAction.SEND: ReminderStatus.SENDING,
    SendAction.POSTPONE: ReminderStatus.PLANNED,
    SendAction.SUPPRESS: ReminderStatus.SUPPRESSED,
    SendAction.EXPIRE: ReminderStatus.EXPIRED,
    SendAction.CANCEL: ReminderStatus.CANCELLED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SendFacts:
    """What is true of a reminder now, read again just before it would be sent.

    `on_its_step`: the follow-up still stands on the step of its ladder this message belongs to.
    `due_at` is when it was first due (a later try does not move it), `appointment_at` when the appointment
    begins. `written_at`: automatic messages to this person on this channel in the last seven days, uncertain
    ones included (`COUNTS_AS_WRITTEN`), acknowledgements and this one not. `window`: the recipient's contact
    hours, from `contact_window(site, person)`. `answers`: it acknowledges what the person has just written.
    `by_person`: somebody of the clinic asks for it, in a conversation that goes on. `person`: whom it is to,
    whichever record of theirs it was planned for.
    `reply_waits`: something they wrote waits for a person. `spoken_at`: when somebody of the clinic last spoke
    with them, asked of follow-ups alone. All times are instants.
    """

    due_at: datetime
    stale_after: timedelta
    zone: str
    window: ContactHours
    subject_open: bool
    on_its_step: bool = True
    planned_version: int
    subject_version: int
    consent_in_force: bool
    address_suppressed: bool
    person_suppressed: bool
    contact_point_in_use: bool
    contact_point_verified: bool
    shared_without_leave: bool = False
    answers: bool = False
    by_person: bool = False
    person: int = 0
    spoken_at: datetime | None = None
    reply_waits: bool = False
    written_at: Sequence[datetime] = ()
    last_reply_at: datetime | None = None
    appointment_at: datetime | None = None


def send_check(facts: SendFacts, now: datetime) -> SendDecision:
    """Whether a claimed reminder may go at `now`, asked from facts read again at that moment
    (architecture.md law 7).

    In this order: no longer true → cancel; may not be written to → suppress; of no more use → expire; has
    to wait (contact hours, frequency, a conversation going on) → postpone, or expire or suppress where
    waiting would make it late. Whether this installation may send at all is asked elsewhere (the latch).

    An acknowledgement goes whatever the hour and although what it answers may just have been a stop, for the
    person has this moment written; it is only of use at once (follow-up.md: one within five minutes). What a person
    sends interrupts nobody and is none of the machine's messages; it keeps consent and contact hours.
    """
    if facts.answers:
        return _no_longer_true(facts) or _of_no_use(facts, now) or SendDecision(SendAction.SEND)
    return _no_longer_true(facts) or _not_permitted(facts) or _of_no_use(facts, now) or _waits_or_goes(facts, now)


def _no_longer_true(facts: SendFacts) -> SendDecision | None:
    if not facts.subject_open:
        return SendDecision(SendAction.CANCEL, reason=sentence("reminder.cancelled.subject_closed"))
    if facts.planned_version != facts.subject_version:
        return SendDecision(SendAction.CANCEL, reason=sentence("reminder.cancelled.subject_changed"))
    if not facts.on_its_step:
        return SendDecision(SendAction.CANCEL, reason=sentence("reminder.cancelled.step_left"))
    if facts.spoken_at is not None and facts.spoken_at > facts.due_at - MANUAL_CONTACT:
        return SendDecision(SendAction.CANCEL, reason=sentence("reminder.cancelled.manual_contact"))
    return None


def _not_permitted(facts: SendFacts) -> SendDecision | None:
    reasons = (
        (facts.person_suppressed, "reminder.suppressed.person"),
        (facts.address_suppressed, "reminder.suppressed.address"),
        (not facts.contact_point_in_use, "reminder.suppressed.retired"),
        (not facts.contact_point_verified, "reminder.suppressed.unverified"),
        (facts.shared_without_leave, "reminder.suppressed.shared"),
        (not facts.consent_in_force, "reminder.suppressed.consent"),
    )
    for holds, code in reasons:
        if holds:
            return SendDecision(SendAction.SUPPRESS, reason=sentence(code))
    if problem := window_problem(facts.window):
        return SendDecision(SendAction.SUPPRESS, reason=problem)
    return None


def _of_no_use(facts: SendFacts, now: datetime) -> SendDecision | None:
    if facts.appointment_at is not None and now >= facts.appointment_at:
        return SendDecision(SendAction.EXPIRE, reason=sentence("reminder.expired.appointment"))
    if now - facts.due_at > facts.stale_after:
        return SendDecision(SendAction.EXPIRE, reason=sentence("reminder.expired.late"))
    return None


def _waits_or_goes(facts: SendFacts, now: datetime) -> SendDecision:
    talked = _when_talked_out(facts, now)
    limited = _when_frequency_allows(facts, talked)
    opened = _when_open(facts, max(now, facts.due_at, talked, limited))
    if opened <= now:
        return SendDecision(SendAction.SEND)
    cause = _Cause.of(facts, now, talked, limited)
    if _too_late(facts, opened):
        action, code = _DROPPED[cause]
        return SendDecision(action, reason=sentence(code))
    return SendDecision(SendAction.POSTPONE, until=opened, reason=sentence(f"reminder.postponed.{cause}"))


class _Cause(StrEnum):
    """Why a message waits; the last that holds counts."""

    NOT_DUE = "not_due"
    HOURS = "hours"
    CONVERSATION = "conversation"
    REPLY_WAITS = "reply_waits"
    FREQUENCY = "frequency"

    @classmethod
    def of(cls, facts: SendFacts, now: datetime, talked: datetime, limited: datetime) -> "_Cause":
        if limited > talked:
            return cls.FREQUENCY
        if talked > now:
            return cls.REPLY_WAITS if facts.reply_waits else cls.CONVERSATION
        return cls.HOURS if facts.due_at <= now else cls.NOT_DUE


_NO_TIME = (SendAction.EXPIRE, "reminder.expired.no_time_left")
_DROPPED = {
    _Cause.NOT_DUE: _NO_TIME,
    _Cause.HOURS: _NO_TIME,
    _Cause.CONVERSATION: (SendAction.EXPIRE, "reminder.expired.conversation"),
    _Cause.REPLY_WAITS: (SendAction.EXPIRE, "reminder.expired.reply_waits"),
    _Cause.FREQUENCY: (SendAction.SUPPRESS, "reminder.suppressed.frequency"),
}


def _when_talked_out(facts: SendFacts, now: datetime) -> datetime:
    """`now`, or when nobody is interrupted any more; while a reply waits for a person, when to ask again."""
    if facts.by_person:
        return now
    quiet = now if facts.last_reply_at is None else max(now, facts.last_reply_at + CONVERSATION)
    return max(quiet, now + WHILE_A_REPLY_WAITS) if facts.reply_waits else quiet


def _too_late(facts: SendFacts, at: datetime) -> bool:
    past_appointment = facts.appointment_at is not None and at >= facts.appointment_at
    return past_appointment or at - facts.due_at > facts.stale_after


def _when_open(facts: SendFacts, at: datetime) -> datetime:
    local = to_local(at, facts.zone)
    if facts.window.contains(local):
        return at
    return max(at, to_utc(next_opening(local, facts.zone, facts.window), facts.zone))


def _when_frequency_allows(facts: SendFacts, at: datetime) -> datetime:
    """`at`, or the beginning of the first day on which one more message keeps both limits."""
    if facts.by_person:
        return at
    days = [to_local(each, facts.zone).date() for each in facts.written_at]
    today = to_local(at, facts.zone).date()
    for ahead in range(DAYS_IN_A_WEEK + 1):
        day = today + timedelta(days=ahead)
        week = [each for each in days if day - timedelta(days=DAYS_IN_A_WEEK) < each <= day]
        if len(week) < MOST_PER_WEEK and week.count(day) < MOST_PER_DAY:
            break
    return at if day == today else max(at, to_utc(datetime.combine(day, time()), facts.zone))
