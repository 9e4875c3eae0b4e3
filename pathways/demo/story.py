"""Playing all stories together, in the order of their moments: the clock only moves on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from pathlib import Path

from clinic.actions.jobs import job
from clinic.rules.opening_hours import to_utc
from pathways.actions.follow_ups import plan_ahead
from pathways.actions.reminders import Prepared
from pathways.demo.arcs import Told
from pathways.demo.players import Player
from pathways.demo.post import ASKED_AFTER, Post
from pathways.demo.rounds import Rounds
from pathways.demo.stage import Stage
from pathways.demo.steps import Register, Step
from pathways.demo.verbs import Later, perform

MORNING, POST_TIMES, AFTERNOON, LATE = time(8, 40), (time(10, 2), time(12, 32)), time(15, 30), time(17, 45)
PLANNED_AHEAD_EVERY = 7
LOST_LATELY = timedelta(days=9)


@dataclass(slots=True)
class Story:
    """Everything that happens until `moment`. Call `play` once."""

    stage: Stage
    players: list[Player]
    moment: datetime
    today: date
    letters: Path
    _agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    _counter: int = 0
    _known: dict[int, Player] = field(default_factory=dict)
    _addresses: dict[str, Player] = field(default_factory=dict)
    _post: Post = field(init=False)

    def __post_init__(self) -> None:
        self._post = Post(self.letters, self._is_lost)
        self._addresses = {
            address: player for player in self.players for address in player.told.person.address_of_messages
        }

    def play(self) -> None:
        """Every step, round and delivery in the order of time, up to the moment."""
        for player in self.players:
            for step in player.told.tale.steps:
                self._put(self._when(player, step), partial(self._step, player, step))
        self._put_days()
        while self._agenda:
            at, _, what = heappop(self._agenda)
            what(at)

    def _put(self, at: datetime, what: Callable[[datetime], None]) -> None:
        """What would come after the moment does not happen any more."""
        if at <= self.moment:
            self._counter += 1
            heappush(self._agenda, (at, self._counter, what))

    def _put_all(self, following: list[Later]) -> None:
        for at, what in following:
            self._put(at, what)

    def _when(self, player: Player, step: Step) -> datetime:
        if step.minutes_ago is not None:
            return self.moment - timedelta(minutes=step.minutes_ago)
        return player.moment(step)

    def _step(self, player: Player, step: Step, now: datetime) -> None:
        self._put_all(perform(step, player, now))
        if isinstance(step, Register):
            self._known[player.row.pk] = player

    def _put_days(self) -> None:
        first = min(player.told.tale.began for player in self.players)
        for number in range((self.today - first).days):
            on = first + timedelta(days=number)
            for code in self.stage.sites:
                self._put_day(on, code)
            if number % PLANNED_AHEAD_EVERY == 0:
                self._put(self._local(on, time(3), next(iter(self.stage.sites))), self._plan_ahead)
        self._put(self.moment, self._send)

    def _put_day(self, on: date, code: str) -> None:
        """One day of one site, as its wall clock has it."""
        rounds = Rounds(self._known, self.stage.sites[code], self.today)
        self._put(self._local(on, MORNING, code), rounds.morning)
        for at in POST_TIMES:
            self._put(self._local(on, at, code), self._send)
        self._put(self._local(on, AFTERNOON, code), lambda now: self._put_all(list(rounds.afternoon(now))))
        self._put(self._local(on, LATE, code), self._post.climb)

    def _local(self, on: date, at: time, code: str) -> datetime:
        return to_utc(datetime.combine(on, at), self.stage.sites[code].time_zone).astimezone(UTC)

    def _send(self, now: datetime) -> None:
        for prepared in self._post.deliver(now):
            self._put(now + ASKED_AFTER, partial(self._post.ask, prepared))

    def _plan_ahead(self, now: datetime) -> None:
        by, after_id = job("follow-up planning"), 0
        while True:
            after_id = plan_ahead(by=by, now=now, after_id=after_id)["after_id"]
            if not after_id:
                return

    def _is_lost(self, prepared: Prepared, now: datetime) -> bool:
        """For a few people the line breaks in the last days: nobody knows whether the message left."""
        player = self._addresses.get(prepared.to)
        return player is not None and player.told.tale.loses_messages and self.moment - now < LOST_LATELY


def cast_of(told: list[Told], stage: Stage, seed: int) -> list[Player]:
    """The people of the stories, on their stage."""
    return [Player(each, stage, seed) for each in told]
