"""Messages on their way through one channel: several at once, and none waits for one that hangs."""

from collections import Counter, deque
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Condition, Thread
from time import monotonic
from typing import TYPE_CHECKING, Self

from pathways.delivery.messages import Detail, Message, Outcome, temporary
from pathways.delivery.patience import Patience

if TYPE_CHECKING:
    from pathways.delivery.channel import Channel

# A message under way for longer than this is slow: others go round it, over connections kept back for that.
SLOW_AFTER = 2.0
# A message that has waited so long is not begun any more, so that a window ends well before its lease does.
LONGEST_WAIT = 60.0
# How often it is looked for slow ones while nothing else happens.
LOOK_EVERY = 0.2

Told = tuple[Message, Outcome]


@dataclass(slots=True)
class _Waiting:
    message: Message
    group: str
    since: float = field(default_factory=monotonic)


class Carriage:
    """Put messages in, take them out with their outcomes; `in_hand` are those put in and not yet taken out.

    Half of the connections are used as a rule. The other half is for going round slow messages, and a group (a domain)
    with a slow one, or with three quarters of the connections, lets others go first. Used by one thread; the threads it
    starts end with it.
    """

    def __init__(
        self, channel: "Channel", *, connections: int | None = None, longest_wait: float = LONGEST_WAIT
    ) -> None:
        self._channel, self._longest_wait = channel, longest_wait
        self._most = channel.connections if connections is None else min(connections, channel.connections)
        self._usual = -(-self._most // 2)
        self._of_a_group = max(1, self._most * 3 // 4)
        self._change = Condition()
        self._waiting: deque[_Waiting] = deque()
        self._under_way: dict[int, tuple[str, float]] = {}
        self._groups: Counter[str] = Counter()
        self._patience = Patience()
        self._told: SimpleQueue[Told | BaseException] = SimpleQueue()
        self._threads: list[Thread] = []
        self._idle = 0
        self._closed = False
        self.in_hand = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @property
    def trouble(self) -> Outcome | None:
        """What ended the provider's turn, or None: nothing put in from now on would be tried."""
        return self._patience.trouble

    def put(self, messages: Iterable[Message]) -> None:
        """More to carry. The channel is asked first whether anything may leave."""
        window, shut = list(messages), self._channel.shut()
        self.in_hand += len(window)
        if shut is not None:
            self._patience.trouble = shut
            for message in window:
                self._told.put((message, shut))
            return
        with self._change:
            self._waiting.extend(_Waiting(message, self._channel.group(message)) for message in window)
            self._change.notify_all()
            self._hire(self._usual)

    def take(self, timeout: float = LOOK_EVERY) -> list[Told]:
        """The outcomes there are; waits up to `timeout` seconds for the first. Raises what a thread raised."""
        if not self._most:
            self._carry_next()
        found: list[Told] = []
        with suppress(Empty):
            found.append(_unless_broken(self._told.get(timeout=timeout if self._most and self.in_hand else 0)))
            while True:
                found.append(_unless_broken(self._told.get_nowait()))
        self.in_hand -= len(found)
        self._go_round_the_slow()
        return found

    def close(self) -> None:
        """What waits is left; what is under way ends first."""
        with self._change:
            self._closed = True
            self._waiting.clear()
            self._change.notify_all()
        for each in self._threads:
            each.join()

    def _hire(self, most: int) -> None:
        """Threads for those that wait, under the lock."""
        wanted = min(len(self._waiting) - self._idle, most - len(self._threads))
        for _ in range(wanted):
            thread = Thread(target=self._work, name=self._channel.name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _go_round_the_slow(self) -> None:
        with self._change:
            if not self._waiting:
                return
            slow = sum(monotonic() - since > SLOW_AFTER for _, since in self._under_way.values())
            self._hire(min(self._most, self._usual + slow))

    def _carry_next(self) -> None:
        with self._change:
            one = self._begin()
        if one is not None:
            self._tell(one, self._channel.carry(one.message))

    def _work(self) -> None:
        """One thread's work: message after message, until the carriage is closed."""
        try:
            while (one := self._next()) is not None:
                self._tell(one, self._channel.carry(one.message))
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is listened for
            self._told.put(error)

    def _next(self) -> _Waiting | None:
        with self._change:
            while not self._closed:
                if (one := self._begin()) is not None:
                    return one
                self._idle += 1
                # Now and then it is looked again: a slow group may have become the only one that waits.
                self._change.wait(LOOK_EVERY if self._waiting else None)
                self._idle -= 1
        return None

    def _begin(self) -> _Waiting | None:
        """The first that may be tried now, marked as under way; those that shall not be are told so."""
        for _ in range(len(self._waiting)):
            one = self._waiting.popleft()
            if (given_up := self._given_up(one)) is not None:
                self._told.put((one.message, given_up))
            elif self._may_go(one.group):
                self._under_way[id(one)] = (one.group, monotonic())
                self._groups[one.group] += 1
                return one
            else:
                self._waiting.append(one)
        return None

    def _given_up(self, one: _Waiting) -> Outcome | None:
        if monotonic() - one.since > self._longest_wait:
            return temporary(Detail.NOT_TRIED)
        return self._patience.rest(one.group)

    def _may_go(self, group: str) -> bool:
        if not self._groups[group]:
            return True
        slow = any(monotonic() - since > SLOW_AFTER for which, since in self._under_way.values() if which == group)
        return not slow and self._groups[group] < self._of_a_group

    def _tell(self, one: _Waiting, outcome: Outcome) -> None:
        with self._change:
            del self._under_way[id(one)]
            self._groups[one.group] -= 1
            if not self._groups[one.group]:
                del self._groups[one.group]
            self._patience.note(one.group, outcome)
            if self._idle:
                self._change.notify()
        self._told.put((one.message, outcome))


def _unless_broken(told: Told | BaseException) -> Told:
    if isinstance(told, BaseException):
        raise told
    return told
