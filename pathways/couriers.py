"""The channels of this installation, made from its settings; one set for each worker process."""

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from clinic import clock
from pathways.delivery.channel import Channel
from pathways.delivery.email import EmailChannel, SmtpConfig, SmtpSecurity
from pathways.delivery.gate import Gate, Latch
from pathways.delivery.mailbox import MailboxChannel
from pathways.delivery.sms import SmsChannel, SmsConfig
from pathways.queries.providers import MAILBOX, live


def courier(provider: str) -> Channel:
    """The channel of a provider's name. Raises ValueError for one that is none."""
    match provider:
        case "email":
            return _email(settings.SMTP_HOST, settings.SMTP_PORT)
        case "sms":
            return _sms(settings.SMS_URL)
        case "mailbox":
            return MailboxChannel(Path(settings.MAILBOX_DIR), clock=clock.now)
    raise ValueError(f"there is no provider {provider!r}")


PROVIDERS = ("email", "sms", MAILBOX)


def latch() -> Latch:
    """Asked by a channel before every window: whether anything real may leave."""
    return Latch(True) if live() else Latch(False, "latch_shut")


def _gate(host: str) -> Gate:
    return Gate(latch, frozenset({host}), loopback_allowed=settings.DELIVERY_TO_LOOPBACK)


@cache
def _email(host: str, port: int) -> EmailChannel:
    config = SmtpConfig(
        host=host,
        port=port,
        user=settings.SMTP_USER,
        password=settings.SMTP_PASSWORD,
        security=SmtpSecurity(settings.SMTP_SECURITY),
        timeout=settings.SMTP_TIMEOUT,
    )
    return EmailChannel(config, _gate(host))


@cache
def _sms(url: str) -> SmsChannel:
    config = SmsConfig(
        base_url=url,
        account_sid=settings.SMS_ACCOUNT,
        auth_token=settings.SMS_TOKEN,
        callback_url=callback_url(),
        read_timeout=settings.SMS_TIMEOUT,
    )
    return SmsChannel(config, _gate(urlsplit(url).hostname or ""))


def callback_url() -> str:
    """Where the SMS provider reports; the channel adds the attempt's reference."""
    return f"{settings.SMS_CALLBACK_URL.rstrip('/')}/callbacks/sms" if settings.SMS_CALLBACK_URL else ""
