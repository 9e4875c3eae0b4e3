"""The folder that stands in for every provider while nothing real may leave."""

from pathlib import Path

from pathways.delivery.mailbox.channel import MailboxChannel
from pathways.delivery.provider import Provider, Settings, Surroundings


class Mailbox(Provider):
    name = "mailbox"
    window = 200
    can_be_asked = True

    def config(self, settings: Settings, *, connections: int) -> Path:
        return Path(settings.MAILBOX_DIR)

    def channel(self, config: Path, around: Surroundings) -> MailboxChannel:
        return MailboxChannel(config, clock=around.clock)


PROVIDER = Mailbox()
