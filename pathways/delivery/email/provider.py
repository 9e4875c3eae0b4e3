"""E-mail, as the house's settings have it."""

from typing import cast

from pathways.delivery.email.channel import EmailChannel
from pathways.delivery.email.session import SmtpConfig, SmtpSecurity
from pathways.delivery.provider import Provider, Settings, Surroundings


class Email(Provider):
    name = "email"
    window = 25
    can_be_asked = False

    def host(self, settings: Settings) -> str:
        return cast("str", settings.SMTP_HOST)

    def sender(self, settings: Settings) -> str:
        return cast("str", settings.SMTP_FROM)

    def connections(self, settings: Settings) -> int:
        return cast("int", settings.SMTP_CONNECTIONS)

    def per_second(self, settings: Settings) -> int:
        return cast("int", settings.SMTP_PER_SECOND)

    def config(self, settings: Settings, *, connections: int) -> SmtpConfig:
        return SmtpConfig(
            host=settings.SMTP_HOST,
            port=settings.SMTP_PORT,
            user=settings.SMTP_USER,
            password=settings.SMTP_PASSWORD,
            security=SmtpSecurity(settings.SMTP_SECURITY),
            timeout=settings.SMTP_TIMEOUT,
            connections=connections,
        )

    def channel(self, config: SmtpConfig, around: Surroundings) -> EmailChannel:
        return EmailChannel(config, around.gate(config.host))


PROVIDER = Email()
