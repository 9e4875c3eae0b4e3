"""The contract every channel keeps."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from pathways.delivery.messages import Answer, Message, Outcome


class Channel(Protocol):
    """A way out of the house.

    `send` yields exactly one outcome for each message of the window, as soon as it is known, and raises
    nothing for a message or a provider that misbehaves. It never tries a message twice where the first try
    may have arrived. `close` gives connections back; a closed channel may be used again.
    """

    name: str

    def send(self, messages: Sequence[Message]) -> Iterator[tuple[Message, Outcome]]: ...

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        """Whether the provider has a message whose attempt began at `since`. `known`: provider ids that
        belong to other attempts.
        """
        ...

    def close(self) -> None: ...
