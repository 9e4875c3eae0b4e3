"""What a folder of this package says of itself: whose messages it carries, and how its channel is made.

A folder `<name>` with a module `provider` that holds `PROVIDER` is a provider; nothing else knows that it exists but
the entry in the setting DELIVERY_PROVIDERS that gives it the messages of a channel.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, Protocol

from pathways.delivery.channel import Channel
from pathways.delivery.gate import Gate


class Settings(Protocol):
    """The installation's settings, by name."""

    def __getattr__(self, name: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the house gives a channel: the gate to a host, and the time."""

    gate: Callable[[str], Gate]
    clock: Callable[[], datetime]


class Provider(ABC):
    """Says of itself what the couriers ask.

    `window`: how many messages may be *sending* at once, and so may become uncertain when a worker dies. Many where the
    provider can be asked about each (`can_be_asked`), few where each uncertain one costs a person's time.
    """

    name: str
    window: int
    can_be_asked: bool

    def host(self, settings: Settings) -> str:
        """The machine messages go to; empty where none is set, or where they leave no machine."""
        return ""

    def sender(self, settings: Settings) -> str:
        """The address messages come from; empty where none is set."""
        return ""

    def connections(self, settings: Settings) -> int:
        """How many connections there may be at once, over all workers."""
        return 1

    def per_second(self, settings: Settings) -> int:
        """Messages a second at most, over all workers; 0 sets no ceiling."""
        return 0

    @abstractmethod
    def config(self, settings: Settings, *, connections: int) -> Hashable:
        """All a channel is made of; the same config, the same channel. `connections`: those of one run."""

    @abstractmethod
    def channel(self, config: Any, around: Surroundings) -> Channel:
        """The channel of a config."""


@cache
def registered(name: str) -> Provider:
    """The provider of that name: a folder beside this file. Raises ValueError where there is none."""
    where = f"{__package__}.{name}.provider"
    try:
        found = import_module(where).PROVIDER if name.isidentifier() else None
    except ModuleNotFoundError as error:
        if error.name not in (where, where.rpartition(".")[0]):
            raise
        found = None
    if not isinstance(found, Provider) or found.name != name:
        raise ValueError(f"there is no provider {name!r}")
    return found
