"""Which provider carries a channel's messages on this installation."""

from django.conf import settings

from clinic.queries.installation import latch_open

MAILBOX = "mailbox"
CHANNELS = ("email", "sms")
"""What automatic messages go out on."""


def live() -> bool:
    """Whether anything real may leave: asked once for each claim."""
    return latch_open()


def provider_for(channel: str, *, live: bool) -> str:
    """The real provider of the channel where the sandbox latch is open, the mailbox folder everywhere else.

    The test settings alone count a configured provider on loopback as real.
    """
    on_loopback = settings.DELIVERY_TO_LOOPBACK and bool(settings.SMS_URL if channel == "sms" else settings.SMTP_HOST)
    return channel if live or on_loopback else MAILBOX


def sender_of(channel: str) -> str:
    """The address messages of a channel come from."""
    return str(settings.SMS_FROM if channel == "sms" else settings.SMTP_FROM) or "practice"
