"""Playing all stories together, in the order of their moments: the clock only moves on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heappop, heappush
from pathlib import Path

from clinic.actions.jobs import job
from clinic.models import Site
from clinic.rules.opening_hours import to_utc
from pathways.actions.follow_ups import plan_ahead
from pathways.actions.reminders import Prepared
from pathways.demo.arcs import Told
from pathways.demo.calendar import KEPT_FOR, Calendar
from pathways.demo.cast import RIVERBEND
from pathways.demo.house import DRAFT_BEGUN, ONE_MORE_PLACE, begin_draft, count_places, one_more_place, open_rooms
from pathways.demo.players import Player
from pathways.demo.post import ASKED_AFTER, Post, owed_by
from pathways.demo.reviews import review_plans
from pathways.demo.rounds import Rounds
from pathways.demo.stage import Stage
from pathways.demo.steps import Register, Step
from pathways.demo.tales import KEPT_HERE
from pathways.demo.verbs import Later, perform
from pathways.queries.enrollments import open_ids

DAWN, DESK, MORNING, POST = time(3), time(7, 30), time(8, 40), time(10, 2)
REVIEWS, AFTERNOON, LATE = time(14, 45), time(15, 30), time(18, 5)
PLANNED_AHEAD_EVERY = 28
"""Days: well within the horizon of the plan, and a year of nights is not needed for a story."""
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
    _calendar: Calendar = field(init=False)

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
        self._put_house()
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
            self._put(self._local(on, DAWN), partial(self._day, on, number))
        self._put(self.moment, self._send)

    def _put_house(self) -> None:
        """Rooms and places from the first day; sessions by the week; what the program manager does on some days."""
        opened = self._local(min(player.told.tale.began for player in self.players), DAWN)
        rooms = open_rooms(self.stage, opened)
        self._calendar = Calendar(self.stage, self._known, rooms, self.moment)
        count_places(self.stage, opened)
        self._put(max(opened, self.moment - ONE_MORE_PLACE), partial(one_more_place, self.stage))
        self._put(max(opened, self.moment - DRAFT_BEGUN), partial(begin_draft, self.stage))
        monday = self.today - KEPT_FOR
        monday -= timedelta(days=monday.weekday())
        while monday <= self.today:
            for code, site in self.stage.sites.items():
                self._put(self._local(monday, DESK, code), partial(self._week, site, monday))
            monday += timedelta(days=7)

    def _week(self, site: Site, monday: date, now: datetime) -> None:
        self._put_all(list(self._calendar.week(site, monday, now)))

    def _day(self, on: date, number: int, now: datetime) -> None:
        """What a day holds: asked at dawn, so that a day without work costs next to nothing."""
        if number % PLANNED_AHEAD_EVERY == 0:
            self._plan_ahead(now)
        day = Rounds(self._known, on, self.today)
        climbs, posts = owed_by(self._local(on, LATE))
        for code, site in self.stage.sites.items():
            if posts:
                self._put(self._local(on, POST, code), self._send)
            if day.has_work(site):
                self._put(self._local(on, MORNING, code), partial(day.morning, site))
                self._put(self._local(on, AFTERNOON, code), partial(self._afternoon, day, site))
            if self.today - on < KEPT_HERE:
                reviews = partial(review_plans, self.stage, self._known, code, self.today)
                self._put(self._local(on, REVIEWS, code), reviews)
        if climbs or posts:
            self._put(self._local(on, LATE), self._evening)

    def _afternoon(self, day: Rounds, site: Site, now: datetime) -> None:
        self._put_all(list(day.afternoon(site, now)))

    def _evening(self, now: datetime) -> None:
        """Silence climbs, and what that plans for this evening goes."""
        self._post.climb(now)
        self._send(now)

    def _local(self, on: date, at: time, code: str = RIVERBEND) -> datetime:
        return to_utc(datetime.combine(on, at), self.stage.sites[code].time_zone).astimezone(UTC)

    def _send(self, now: datetime) -> None:
        for prepared in self._post.deliver(now):
            self._put(now + ASKED_AFTER, partial(self._post.ask, prepared))

    def _plan_ahead(self, now: datetime) -> None:
        by = job("follow-up planning")
        for each in open_ids():
            plan_ahead(by=by, now=now, enrollment_id=each)

    def _is_lost(self, prepared: Prepared, now: datetime) -> bool:
        """For a few people the line breaks in the last days: nobody knows whether the message left."""
        player = self._addresses.get(prepared.to)
        return player is not None and player.told.tale.loses_messages and self.moment - now < LOST_LATELY


def cast_of(told: list[Told], stage: Stage, seed: int) -> list[Player]:
    """The people of the stories, on their stage."""
    return [Player(each, stage, seed) for each in told]
