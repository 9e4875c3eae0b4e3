"""Two pieces of work on two connections, let go statement by statement in an order that a seed decides.

Whoever has the turn runs a few statements and stops before the next. Who waits for a lock of the other is found out
from the database, and the other goes on: every order of statements that the database allows can be played, and played
again, without a clock.
"""

import random
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Condition
from types import TracebackType
from typing import Any, Self

from django.db import connection

LOOK_EVERY = 0.002
"""Seconds after which a player that is silent is looked for in the database."""
SHARES = (1, 1, 2, 3, 5, 8, 100)
"""Statements that a player runs in one go, as dice have it; the last: to its end."""
BLOCKED = "SELECT EXISTS (SELECT FROM pg_locks WHERE pid = %s AND NOT granted)"


@dataclass
class Player:
    """One piece of work, on a thread and a connection of its own."""

    change: Condition
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1))
    left: int = 0
    """Statements it may still run."""
    stands: bool = False
    is_over: bool = True
    pid: int = 0
    work: Future[Any] | None = None

    def open(self) -> None:
        self.pool.submit(self._open).result(30)

    def close(self) -> None:
        self.pool.submit(lambda: connection.close()).result(30)
        self.pool.shutdown()

    def start(self, work: Callable[[], Any]) -> None:
        """It stands before its first statement, or is over without one."""
        self.left, self.stands, self.is_over = 0, False, False
        self.work = self.pool.submit(self._play, work)

    def result(self) -> Any:
        assert self.work is not None
        return self.work.result(30)

    def _open(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self.pid = int(cursor.fetchone()[0])
        connection.execute_wrappers.append(self._in_turn)

    def _play(self, work: Callable[[], Any]) -> Any:
        try:
            return work()
        finally:
            with self.change:
                self.is_over = True
                self.change.notify_all()

    def _in_turn(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        with self.change:
            while self.left <= 0:
                self.stands = True
                self.change.notify_all()
                self.change.wait()
            self.stands = False
            self.left -= 1
        return execute(sql, params, many, context)


@dataclass(frozen=True)
class Told:
    """What came of both. `second_ended_first`: the second was over while the first was not, so that what the first
    committed came after it."""

    first: Any
    second: Any
    second_ended_first: bool


class Turns:
    """Two players for many rounds."""

    def __init__(self) -> None:
        self.change = Condition()
        self.first, self.second = Player(self.change), Player(self.change)

    def __enter__(self) -> Self:
        for each in (self.first, self.second):
            each.open()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for each in (self.first, self.second):
            each.left = 10_000
            with self.change:
                self.change.notify_all()
            each.close()

    def play(self, first: Callable[[], Any], second: Callable[[], Any], seed: int) -> Told:
        """One round. Raises what either raised."""
        self.first.start(first)
        self.second.start(second)
        self._settle()
        after = False
        for each, share in self._order(random.Random(seed)):
            was_under_way = not self.first.is_over
            self._let(each, share)
            # While the second has the turn, the first stands or waits for it; in the other case it may just have ended.
            under_way = was_under_way if each is self.second else not self.first.is_over
            after = after or (self.second.is_over and under_way)
            if self.first.is_over and self.second.is_over:
                break
        return Told(self.first.result(), self.second.result(), after)

    def _order(self, dice: random.Random) -> Iterator[tuple[Player, int]]:
        both = [self.first, self.second]
        dice.shuffle(both)
        while True:
            for each in both:
                if not each.is_over:
                    yield each, dice.choice(SHARES)

    def _let(self, each: Player, share: int) -> None:
        """Let it run so many statements, or as far as the other lets it."""
        with self.change:
            if each.stands:
                each.left, each.stands = share, False
                self.change.notify_all()
        self._settle()

    def _settle(self) -> None:
        for each in (self.first, self.second):
            self._settled(each)

    def _settled(self, each: Player) -> None:
        """Back once it stands before a statement, is over, or waits for a lock."""
        while True:
            with self.change:
                if each.stands or each.is_over or self.change.wait(LOOK_EVERY):
                    if each.stands or each.is_over:
                        return
                    continue
            if _waits(each.pid):
                return


def _waits(pid: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(BLOCKED, [pid])
        return bool(cursor.fetchone()[0])
