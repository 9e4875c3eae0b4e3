"""Keeps what would have been sent. There is no network, no file and no table behind it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from pathways.delivery.channel import Channel
from pathways.delivery.messages import Answer, Message, Outcome
from pathways.rules.reminders import Finding, OutcomeKind


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message and when it would have gone."""

    message: Message
    at: datetime


class RecordingChannel(Channel):
    """Every message arrives here at once and goes nowhere else. `clock` says when that is."""

    name = "recording"
    connections = 0

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[str, Recorded] = {}

    @property
    def kept(self) -> tuple[Recorded, ...]:
        """What would have been sent, in order."""
        return tuple(self._kept.values())

    def carry(self, message: Message) -> Outcome:
        self._kept.setdefault(message.reference, Recorded(message, self._clock()))
        return Outcome(OutcomeKind.DELIVERED, provider_id=message.reference)

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        if message.reference in self._kept:
            return Answer(Finding.FOUND, OutcomeKind.DELIVERED, message.reference)
        return Answer(Finding.NOT_FOUND)

    def close(self) -> None:
        """Nothing is held open."""
