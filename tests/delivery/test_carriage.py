"""Several messages under way at once: none waits for one that hangs, and nothing is told twice."""

from collections import Counter
from collections.abc import Callable, Iterator
from threading import Event, Lock
from uuid import uuid4

import pytest

from pathways.delivery import Message, Outcome
from pathways.delivery import carriage as carriage_module
from pathways.delivery.carriage import Carriage
from pathways.delivery.channel import Channel
from pathways.delivery.messages import Detail, temporary, uncertain
from pathways.delivery.patience import MOST_SILENCES
from pathways.rules.reminders import OutcomeKind

SENT = Outcome(OutcomeKind.SENT)


class Post(Channel):
    """Carries by asking `answer`; a message to `hangs` waits until it is let go."""

    name = "post"
    connections = 8

    def __init__(self, answer: Callable[[Message], Outcome] = lambda message: SENT) -> None:
        self.answer = answer
        self.let_go = Event()
        self.lock = Lock()
        self.now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.carried: list[str] = []

    def group(self, message: Message) -> str:
        return message.to.partition("/")[0]

    def carry(self, message: Message) -> Outcome:
        group = self.group(message)
        with self.lock:
            self.carried.append(message.to)
            self.now[group] += 1
            self.most[group] = max(self.most[group], self.now[group])
        if group == "hangs":
            assert self.let_go.wait(30)
        with self.lock:
            self.now[group] -= 1
        return self.answer(message)

    def close(self) -> None:
        self.let_go.set()


@pytest.fixture
def post() -> Iterator[Post]:
    channel = Post()
    yield channel
    channel.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is slow is slow after a moment."""
    monkeypatch.setattr(carriage_module, "SLOW_AFTER", 0.05)
    monkeypatch.setattr(carriage_module, "LOOK_EVERY", 0.01)


def letters(group: str, number: int) -> list[Message]:
    return [Message(str(uuid4()), "post", f"{group}/{each}", "us", "words") for each in range(number)]


def told(carriage: Carriage, number: int) -> list[tuple[Message, Outcome]]:
    found: list[tuple[Message, Outcome]] = []
    while len(found) < number:
        found += carriage.take()
    return found


def test_a_group_that_hangs_does_not_hold_up_the_others(post: Post) -> None:
    with Carriage(post) as carriage:
        carriage.put(letters("hangs", 20))
        carriage.put(letters("well", 100))
        arrived = told(carriage, 100)
        assert {post.group(message) for message, _ in arrived} == {"well"}
        assert carriage.in_hand == 20
        post.let_go.set()
        assert len(told(carriage, 20)) == 20
    assert post.most["hangs"] < post.connections


def test_single_addresses_that_hang_are_gone_round_over_connections_kept_back(post: Post) -> None:
    def carry(message: Message) -> Outcome:
        if message.to.startswith("hangs"):
            assert post.let_go.wait(30)
        return SENT

    post.group = lambda message: message.to  # type: ignore[method-assign]
    post.carry = carry  # type: ignore[method-assign]
    with Carriage(post) as carriage:
        carriage.put(letters("hangs", post.connections // 2))
        carriage.put(letters("well", 100))
        assert len(told(carriage, 100)) == 100
        post.let_go.set()


def test_every_message_is_told_once_however_many_there_are(post: Post) -> None:
    windows = [letters(f"group{number}", 50) for number in range(20)]
    with Carriage(post) as carriage:
        for window in windows:
            carriage.put(window)
        arrived = [message.reference for message, _ in told(carriage, 1000)]
        assert (carriage.in_hand, carriage.take()) == (0, [])
    assert sorted(arrived) == sorted(message.reference for window in windows for message in window)


def test_more_connections_than_allowed_are_never_used() -> None:
    channel = Post()
    with Carriage(channel, connections=2) as carriage:
        carriage.put(letters("well", 200))
        told(carriage, 200)
    assert channel.most["well"] <= 2


def test_a_group_fallen_silent_is_given_up_and_the_others_go_on() -> None:
    channel = Post(lambda message: uncertain(Detail.NO_ANSWER) if message.to.startswith("silent") else SENT)
    with Carriage(channel, connections=1) as carriage:
        carriage.put([*letters("silent", 50), *letters("well", 50)])
        kinds = Counter(outcome.detail_code for _, outcome in told(carriage, 100))
        assert carriage.trouble is None
    assert kinds == {"no_answer": MOST_SILENCES, "not_tried": 50 - MOST_SILENCES, "": 50}


def test_a_provider_in_trouble_is_left_alone_and_said_to_be() -> None:
    channel = Post(lambda message: temporary(Detail.CANNOT_CONNECT))
    with Carriage(channel, connections=1) as carriage:
        carriage.put(letters("a", 10))
        told(carriage, 10)
        carriage.put(letters("b", 10))
        told(carriage, 10)
        assert carriage.trouble == temporary(Detail.CANNOT_CONNECT)
    assert len(channel.carried) == 1


def test_what_waited_too_long_is_not_begun(post: Post) -> None:
    with Carriage(post, longest_wait=-1.0) as carriage:
        carriage.put(letters("well", 3))
        assert [outcome.detail_code for _, outcome in told(carriage, 3)] == ["not_tried"] * 3


def test_a_carriage_that_is_closed_begins_nothing_more(post: Post) -> None:
    carriage = Carriage(post, connections=1)
    carriage.put(letters("well", 20_000))
    carriage.take()
    carriage.close()
    begun = len(post.carried)
    assert begun < 20_000
    assert carriage.take() is not None
    assert len(post.carried) == begun


def test_a_channel_that_breaks_is_heard_of() -> None:
    def broken(message: Message) -> Outcome:
        raise RuntimeError("a mistake of ours")

    with Carriage(Post(broken)) as carriage, pytest.raises(RuntimeError, match="a mistake of ours"):
        carriage.put(letters("well", 1))
        told(carriage, 1)
