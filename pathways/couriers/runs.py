"""One run of one channel: what is due is claimed, asked again and marked, carried, and written down, all at once.

The database works for the next messages while the last ones are under way. What is *sending* is never more than the
provider's window, however many connections there are.
"""

from collections import Counter, deque
from collections.abc import Callable
from datetime import datetime
from time import monotonic, sleep
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import DatabaseError

from clinic import clock
from clinic.errors import Refused
from clinic.models import Actor
from pathways.actions.reminders import (
    Prepared,
    Reported,
    claim_due,
    give_back,
    heed_refusal,
    open_window,
    record_outcomes,
)
from pathways.actions.reminders.providers import find_well, leave_open, let_rest
from pathways.couriers import courier, message_of
from pathways.couriers.ceilings import Room, ceiling_of
from pathways.delivery.carriage import LONGEST_WAIT, Carriage, Told
from pathways.delivery.messages import Outcome
from pathways.delivery.patience import has_answered
from pathways.queries.providers import live, provider_for, window_of
from pathways.rules.reminders import CLAIM_SIZE, LEASE_SECONDS, OfAddress, OutcomeKind, says_of_address

LONGEST_RUN = 20.0
"""Seconds after which a run begins nothing new: the worker is there for other work, and another run goes on."""
LONGEST_UNWRITTEN = 0.5
"""Seconds an outcome waits for others before it is written down."""
LONGEST_PAUSE = 1.5
"""Seconds a run waits at most until its provider may be given more."""
LONGEST_PACING = 5.0
"""Seconds after which a run that has had to wait ends, so that its worker comes to other work in between."""
LOOK_EVERY = 0.2

log = structlog.get_logger(__name__)


class Run:
    """`go` returns counts. `over_early`: the time was up before nothing was due any more.

    `more`: called once, as soon as there may be more than one claim holds, and others could help.
    `paces`: this run waits a moment where the provider has been given its most, and goes on. Any other leaves the rest
    due, and its worker to other work.
    """

    def __init__(
        self, channel: str, by: Actor, *, paces: bool = True, more: Callable[[], object] | None = None
    ) -> None:
        self.channel, self.by, self.live, self._more = channel, by, live(), more
        self.provider = provider_for(channel, live=self.live)
        self.counts: Counter[str] = Counter(claimed=0)
        self._ceiling, self._paces, self._paused_until = ceiling_of(self.provider), paces, 0.0
        self.over_early = False
        self._until = monotonic() + LONGEST_RUN
        self._window = window_of(self.provider)
        self._half = max(1, self._window // 2)
        self._claim_id = uuid4()
        self._claimed: deque[int] = deque()
        self._prepared: dict[str, Prepared] = {}
        self._told: list[Told] = []
        self._told_since = 0.0
        self._probing = self._ended = self._rests = False

    def go(self) -> Counter[str]:
        """Until nothing is due, the provider is in trouble, or the time is up."""
        with Carriage(courier(self.provider), longest_wait=longest_wait()) as carriage:
            while self._feed(carriage) or carriage.in_hand or self._told:
                self._told += carriage.take()
                self._pause(carriage)
                if self._is_time_to_write(carriage):
                    self._write(carriage)
        if self._claimed:
            ids = list(self._claimed)
            give_back(by=self.by, now=clock.now(), claim_id=self._claim_id, ids=ids)
        if self._probing:
            leave_open(by=self.by, now=clock.now(), provider=self.provider)
        return self.counts

    def _feed(self, carriage: Carriage) -> bool:
        """Put in what there is room for. False once nothing more is begun."""
        if not self._ended and monotonic() > self._until:
            self.over_early = self._ended = True
        if self._ended:
            return False
        if self._has_room(carriage):
            self._ended = not self._claimed and not self._claim()
            self._open(carriage)
        return not self._ended

    def _has_room(self, carriage: Carriage) -> bool:
        if monotonic() < self._paused_until:
            return False
        under_way = carriage.in_hand + len(self._told)
        return not under_way if self._probing else self._window - under_way >= self._half

    def _claim(self) -> bool:
        """Take more of what is due; False where nothing is, or the provider is not to be bothered."""
        if live() != self.live:  # the latch was turned meanwhile: the next run knows the right provider
            return False
        claim = claim_due(
            by=self.by, now=clock.now(), channel=self.channel, provider=self.provider, claim_id=self._claim_id,
            limit=min(CLAIM_SIZE, self._ceiling.most or CLAIM_SIZE),
        )  # fmt: skip
        if claim.size == CLAIM_SIZE and self._more:
            self._more()
            self._more = None
        self._probing = self._probing or claim.probing
        self._claimed.extend(claim.by_channel.get(self.channel, ()))
        self.counts["claimed"] += claim.size
        return bool(claim.size)

    def _open(self, carriage: Carriage) -> None:
        wanted = min(1 if self._probing else self._half, len(self._claimed))
        room = self._ceiling.take(wanted)
        if room.messages < wanted:
            self._hold_back(room)
        ids = [self._claimed.popleft() for _ in range(room.messages)]
        if not ids:
            return
        window = open_window(by=self.by, now=clock.now(), claim_id=self._claim_id, ids=ids, live=self.live)
        self._ceiling.go(room, len(window))
        self._prepared |= {str(each.reference): each for each in window}
        carriage.put([message_of(each) for each in window])

    def _hold_back(self, room: Room) -> None:
        """The provider has been given its most: wait a moment, or leave the rest to whoever comes next."""
        now = monotonic()
        if not self.counts["held_back"]:
            self._until = min(self._until, now + LONGEST_PACING)
        self.counts["held_back"] += 1
        if self._paces and room.again_in is not None and room.again_in <= LONGEST_PAUSE:
            self._paused_until = now + room.again_in
        else:
            self._ended = True

    def _pause(self, carriage: Carriage) -> None:
        """Nothing is under way, and nothing may go yet."""
        wait = self._paused_until - monotonic()
        if wait > 0 and not self._ended and not carriage.in_hand and not self._told:
            sleep(min(wait, LOOK_EVERY))

    def _is_time_to_write(self, carriage: Carriage) -> bool:
        if not self._told:
            self._told_since = monotonic()
            return False
        late = monotonic() - self._told_since > LONGEST_UNWRITTEN
        return late or len(self._told) >= self._half or not carriage.in_hand

    def _write(self, carriage: Carriage) -> None:
        """What became of the messages told of so far, and of their provider."""
        told, self._told = self._told, []
        reported = [_reported(self._prepared.pop(message.reference), outcome) for message, outcome in told]
        now = clock.now()
        heeded = [each for each in reported if self._heed(each, now)]
        self.counts.update(record_outcomes(by=self.by, now=now, claim_id=self._claim_id, reported=heeded))
        trouble = carriage.trouble
        if trouble is None and self._probing:
            trouble = next((outcome for _, outcome in told if not has_answered(outcome)), None)
        if trouble is not None and not self._rests:
            self._let_rest(trouble, now)
        elif self._probing:
            find_well(by=self.by, now=now, provider=self.provider)
            self._probing = False

    def _heed(self, each: Reported, now: datetime) -> bool:
        """What was said of an address, before the message is done with: a worker killed here loses none of it.

        One that cannot be taken in now keeps no other outcome from being written down. Its message stays *sending*, so
        that it becomes *uncertain* and is asked about: the provider says it again.
        """
        if each.kind is not OutcomeKind.PERMANENT or says_of_address(each.detail_code) is OfAddress.NOTHING:
            return True
        reference, code = each.prepared.reference, each.detail_code
        try:
            heed_refusal(by=self.by, now=now, reference=reference, detail_code=code)
        except (Refused, DatabaseError) as error:
            log.error("refusal_not_heeded", attempt=str(reference), code=code, kind=type(error).__name__)
            return False
        return True

    def _let_rest(self, trouble: Outcome, now: datetime) -> None:
        let_rest(
            by=self.by, now=now, provider=self.provider, code=trouble.detail_code, retry_after=trouble.retry_after,
            probing=self._probing,
        )  # fmt: skip
        self._ended, self._rests, self._probing = True, True, False


def longest_wait() -> float:
    """Seconds a marked message may wait for a connection: a third of its lease, so that a worker that was stopped
    beyond the lease begins nothing of what others have taken meanwhile."""
    return min(LONGEST_WAIT, (settings.REMINDER_LEASE_SECONDS or LEASE_SECONDS) / 3)


def _reported(prepared: Prepared, outcome: Outcome) -> Reported:
    return Reported(prepared, outcome.kind, outcome.provider_id, outcome.retry_after, outcome.detail_code)
