"""Text messages, as the house's settings have it."""

from typing import cast
from urllib.parse import urlsplit

from pathways.delivery.provider import Provider, Settings, Surroundings
from pathways.delivery.sms.channel import SmsChannel
from pathways.delivery.sms.client import SmsConfig


class Sms(Provider):
    name = "sms"
    window = 400
    can_be_asked = True

    def host(self, settings: Settings) -> str:
        return urlsplit(settings.SMS_URL).hostname or ""

    def sender(self, settings: Settings) -> str:
        return cast("str", settings.SMS_FROM)

    def connections(self, settings: Settings) -> int:
        return cast("int", settings.SMS_CONNECTIONS)

    def per_second(self, settings: Settings) -> int:
        return cast("int", settings.SMS_PER_SECOND)

    def config(self, settings: Settings, *, connections: int) -> SmsConfig:
        return SmsConfig(
            base_url=settings.SMS_URL,
            account_sid=settings.SMS_ACCOUNT,
            auth_token=settings.SMS_TOKEN,
            callback_url=callback_url(settings),
            read_timeout=settings.SMS_TIMEOUT,
            connections=connections,
        )

    def channel(self, config: SmsConfig, around: Surroundings) -> SmsChannel:
        return SmsChannel(config, around.gate(config.host))


def callback_url(settings: Settings) -> str:
    """Where the provider reports, without a slash at its end; the channel adds the attempt's reference."""
    return f"{settings.SMS_CALLBACK_URL.rstrip('/')}/callbacks/sms" if settings.SMS_CALLBACK_URL else ""


PROVIDER = Sms()
