"""What comes back by e-mail, taken in: a notification settles its message, everything else is what somebody wrote."""

from datetime import datetime
from enum import StrEnum

from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.actions.reminders import record_report
from pathways.actions.replies import receive
from pathways.models import Attempt
from pathways.rules.mail import Bounce, about_address, bounce_in, letter_in, opened
from pathways.rules.reminders import OutcomeKind
from patients.rules.contact import Channel

EMAIL = Channel.EMAIL.value


class MailTaken(StrEnum):
    """What a letter was."""

    BOUNCED = "bounced"
    DELIVERED = "delivered"
    NOTHING_NEW = "nothing_new"
    REPLY = "reply"
    UNREADABLE = "unreadable"


@action(None, "mail.receive")
def receive_mail(*, by: Actor, now: datetime, raw: bytes) -> MailTaken:
    """Take in one letter as it came (RFC 5322). The same letter again changes nothing.

    A delivery status notification settles our message it names: *failed* is a permanent failure as at sending, so that
    the ladder climbs, and closes the address where the code says that there is none; *delayed* changes nothing. A
    letter of anybody else is a reply, like a text message; machines' letters are kept and never answered. The caller
    has made sure where it comes from.
    """
    try:
        message = opened(raw)
        letter = bounce_in(message) or letter_in(message, raw)
    except ValueError:
        return MailTaken.UNREADABLE
    if isinstance(letter, Bounce):
        return _settled(letter, by, now)
    receive(
        by=by, now=now, provider=EMAIL, provider_id=letter.provider_id, channel=EMAIL, address=letter.sender,
        to_address=letter.recipient, text=letter.text, answers=letter.answers, automatic=letter.automatic,
    )  # fmt: skip
    return MailTaken.REPLY


def _settled(bounce: Bounce, by: Actor, now: datetime) -> MailTaken:
    reference, kind = bounce.reference, bounce.outcome
    ours = reference is not None and Attempt.objects.filter(public_id=reference, channel=EMAIL).exists()
    if reference is None or kind is None or not ours:
        return MailTaken.NOTHING_NEW
    changed = record_report(
        by=by, now=now, reference=reference, kind=kind, detail_code=_detail(bounce), reason="reminder.failed.bounced"
    )
    if not changed:
        return MailTaken.NOTHING_NEW
    return MailTaken.BOUNCED if kind is OutcomeKind.PERMANENT else MailTaken.DELIVERED


def _detail(bounce: Bounce) -> str:
    """The code as recorded; a code of `delivery.messages.Detail` before the colon."""
    if bounce.outcome is not OutcomeKind.PERMANENT:
        return ""
    return f"{'bad_address' if about_address(bounce.status) else 'refused'}:{bounce.status}"
