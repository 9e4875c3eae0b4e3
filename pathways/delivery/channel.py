"""The contract every channel keeps."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from pathways.delivery.carriage import Carriage
from pathways.delivery.messages import Answer, Message, Outcome
from pathways.rules.reminders import Finding


class Channel(ABC):
    """A way out of the house: what it takes to carry one message, and to ask what became of it.

    How many messages are under way at once, who waits and when it is given up is the `Carriage`'s, the same for all.
    """

    name: str
    connections = 16
    """How many messages are carried at once, at most; 0: one after the other, in the caller's own thread."""

    @abstractmethod
    def carry(self, message: Message) -> Outcome:
        """One message, tried once, by any of several threads.

        Raises nothing for a message or a provider that misbehaves, and never tries again where the first try may have
        arrived.
        """

    def shut(self) -> Outcome | None:
        """The outcome of every message where nothing may leave just now; None where it may."""
        return None

    def group(self, message: Message) -> str:
        """What this address may be in trouble together with: its domain, say. Itself alone unless said otherwise."""
        return message.to

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        """Whether the provider has a message whose attempt began at `since`. `known`: provider ids that belong to
        other attempts. *Unknown* for one that cannot be asked.
        """
        return Answer(Finding.UNKNOWN)

    @abstractmethod
    def close(self) -> None:
        """Give connections back. A closed channel may be used again."""

    def send(self, messages: Sequence[Message]) -> Iterator[tuple[Message, Outcome]]:
        """Exactly one outcome for each message, as soon as it is known. One that stops listening stops what waits."""
        with Carriage(self) as carriage:
            carriage.put(messages)
            while carriage.in_hand:
                yield from carriage.take()
