"""The channels of this installation, made from its settings; one set for each worker process."""

from functools import cache
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from clinic import clock
from pathways.delivery.channel import Channel
from pathways.delivery.email import EmailChannel, SmtpConfig, SmtpSecurity
from pathways.delivery.gate import Gate, Latch
from pathways.delivery.mailbox import MailboxChannel
from pathways.delivery.messages import Message
from pathways.delivery.sms import SmsChannel, SmsConfig
from pathways.queries.providers import live


def courier(provider: str) -> Channel:
    """The channel of a provider's name. Raises ValueError for one that is none."""
    match provider:
        case "email":
            return _email(settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_CONNECTIONS)
        case "sms":
            return _sms(settings.SMS_URL, settings.SMS_CONNECTIONS)
        case "mailbox":
            return MailboxChannel(Path(settings.MAILBOX_DIR), clock=clock.now)
    raise ValueError(f"there is no provider {provider!r}")


def runs_at_once(channel: str) -> int:
    """How many runs of a channel there may be at once."""
    return min(settings.DELIVERY_RUNS, settings.SMS_CONNECTIONS if channel == "sms" else settings.SMTP_CONNECTIONS)


class Sendable(Protocol):
    """What is known of a message that is ready to go, or that has gone."""

    @property
    def reference(self) -> UUID: ...
    @property
    def channel(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def sender(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def language(self) -> str: ...


def message_of(prepared: Sendable) -> Message:
    """What a channel is given of a message."""
    return Message(
        reference=str(prepared.reference),
        channel=prepared.channel,
        to=prepared.to,
        sender=prepared.sender,
        text=prepared.text,
        subject=prepared.subject or None,
        language=prepared.language,
    )


def latch() -> Latch:
    """Asked by a channel before every window: whether anything real may leave."""
    return Latch(True) if live() else Latch(False, "latch_shut")


def _gate(host: str) -> Gate:
    return Gate(latch, frozenset({host}), loopback_allowed=settings.DELIVERY_TO_LOOPBACK)


@cache
def _email(host: str, port: int, connections: int) -> EmailChannel:
    config = SmtpConfig(
        host=host,
        port=port,
        user=settings.SMTP_USER,
        password=settings.SMTP_PASSWORD,
        security=SmtpSecurity(settings.SMTP_SECURITY),
        timeout=settings.SMTP_TIMEOUT,
        connections=max(1, connections // runs_at_once("email")),
    )
    return EmailChannel(config, _gate(host))


@cache
def _sms(url: str, connections: int) -> SmsChannel:
    config = SmsConfig(
        base_url=url,
        account_sid=settings.SMS_ACCOUNT,
        auth_token=settings.SMS_TOKEN,
        callback_url=callback_url(),
        read_timeout=settings.SMS_TIMEOUT,
        connections=max(1, connections // runs_at_once("sms")),
    )
    return SmsChannel(config, _gate(urlsplit(url).hostname or ""))


def callback_url() -> str:
    """Where the SMS provider reports; the channel adds the attempt's reference."""
    return f"{settings.SMS_CALLBACK_URL.rstrip('/')}/callbacks/sms" if settings.SMS_CALLBACK_URL else ""
