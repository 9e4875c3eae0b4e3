"""The channels of this installation, made from its settings; one set for each worker process."""

from collections.abc import Hashable
from functools import cache
from typing import Protocol
from uuid import UUID

from django.conf import settings

from clinic import clock
from pathways.delivery.channel import Channel
from pathways.delivery.gate import Gate, Latch
from pathways.delivery.messages import Message
from pathways.delivery.provider import Surroundings, registered
from pathways.queries.providers import live, provider_of


def courier(provider: str) -> Channel:
    """The channel of a provider's name. Raises ValueError for one that is none."""
    found = registered(provider)
    share = found.connections(settings) // _runs_of(provider)
    return _opened(provider, found.config(settings, connections=max(1, share)))


def runs_at_once(channel: str) -> int:
    """How many runs of a channel there may be at once."""
    return _runs_of(provider_of(channel))


def _runs_of(provider: str) -> int:
    return min(settings.DELIVERY_RUNS, registered(provider).connections(settings))


@cache
def _opened(provider: str, config: Hashable) -> Channel:
    return registered(provider).channel(config, Surroundings(_gate, clock.now))


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
