"""Which provider carries a channel's messages on this installation."""

from django.conf import settings

from clinic.queries.installation import latch_open
from pathways.delivery.provider import registered

MAILBOX = "mailbox"
CHANNELS = tuple(sorted(settings.DELIVERY_PROVIDERS))
"""What automatic messages go out on."""


def live() -> bool:
    """Whether anything real may leave: asked once for each claim."""
    return latch_open()


def provider_of(channel: str) -> str:
    """The real provider of a channel's messages."""
    return str(settings.DELIVERY_PROVIDERS[channel])


def provider_for(channel: str, *, live: bool) -> str:
    """The real provider of the channel where the sandbox latch is open, the mailbox folder everywhere else.

    The test settings alone count a configured provider on loopback as real.
    """
    provider = provider_of(channel)
    on_loopback = settings.DELIVERY_TO_LOOPBACK and registered(provider).host(settings)
    return provider if live or on_loopback else MAILBOX


def sender_of(channel: str) -> str:
    """The address messages of a channel come from."""
    return registered(provider_of(channel)).sender(settings) or "practice"


def window_of(provider: str) -> int:
    """How many messages of a provider may be *sending* at once."""
    return registered(provider).window


def most_a_second(provider: str) -> int:
    """How many messages a second a provider is given at most; 0: as many as there are."""
    return registered(provider).per_second(settings)


def can_be_asked(provider: str) -> bool:
    """Whether the provider knows beyond doubt if it has a message. No provider of this installation any more: no."""
    try:
        return registered(provider).can_be_asked
    except ValueError:
        return False
