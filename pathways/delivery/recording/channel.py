"""Keeps what would have been sent. There is no network, no file and no table behind it."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pathways.delivery.messages import Answer, Message, Outcome
from pathways.rules.reminders import Finding, OutcomeKind


@dataclass(frozen=True, slots=True)
class Recorded:
    """A message and when it would have gone."""

    message: Message
    at: datetime


class RecordingChannel:
    """Every message arrives here at once and goes nowhere else. `clock` says when that is."""

    name = "recording"

    def __init__(self, *, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._kept: dict[str, Recorded] = {}

    @property
    def kept(self) -> tuple[Recorded, ...]:
        """What would have been sent, in order."""
        return tuple(self._kept.values())

    def send(self, messages: Sequence[Message]) -> Iterator[tuple[Message, Outcome]]:
        for message in messages:
            self._kept.setdefault(message.reference, Recorded(message, self._clock()))
            yield message, Outcome(OutcomeKind.DELIVERED, provider_id=message.reference)

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        if message.reference in self._kept:
            return Answer(Finding.FOUND, OutcomeKind.DELIVERED, message.reference)
        return Answer(Finding.NOT_FOUND)

    def close(self) -> None:
        """Nothing is held open."""
