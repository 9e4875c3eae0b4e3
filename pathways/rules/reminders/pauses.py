"""What somebody ordered to be held back, and what becomes of it when the order is lifted.

Source: model.md, "Follow-ups and reminders"; quality.md, operations.
"""

from dataclasses import dataclass
from enum import StrEnum


class PauseScope(StrEnum):
    """What a pause holds back: every automatic message, or those of one site, on one channel, of one template."""

    ALL = "all"
    SITE = "site"
    CHANNEL = "channel"
    TEMPLATE = "template"


class Missed(StrEnum):
    """What becomes of the messages that fell due meanwhile: they go, where they are still of use; they do not; or a
    person decides on each.
    """

    SEND = "send"
    SKIP = "skip"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Paused:
    """Everything that is held back at one moment. `sites`: their ids."""

    everything: bool = False
    sites: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    templates: frozenset[str] = frozenset()

    def holds(self, *, site: int, channel: str, template: str) -> bool:
        """Whether a message of this site, channel and template is held back."""
        return self.everything or site in self.sites or channel in self.channels or template in self.templates
