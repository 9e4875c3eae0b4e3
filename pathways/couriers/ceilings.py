"""How many messages a second a provider is given, counted by all workers together.

The count is Valkey's, never a process's: without Valkey nobody knows how many went, and a provider that has a ceiling
is given nothing. What is due stays due, and goes once the count can be asked again.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import cast

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

from pathways.queries.providers import most_a_second

PERIOD = 1.0
"""Seconds in which the most may go."""
PARTS = 20
"""Into how many parts the period is counted: in no stretch of that length go more than the most, and 95 % may."""
LONGEST_QUESTION = 0.5
"""Seconds an answer of Valkey is waited for."""

# In one step, by the server's own clock: forget the parts that are over, give what is left, say when there is more.
TAKE = """
local most, part, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local parts, time = tonumber(ARGV[4]), redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local current = math.floor(now / part)
local counts, gone, oldest = redis.call('HGETALL', KEYS[1]), 0, current
for i = 1, #counts, 2 do
    local at = tonumber(counts[i])
    if at < current - parts or at > current then
        redis.call('HDEL', KEYS[1], counts[i])
    else
        gone = gone + tonumber(counts[i + 1])
        oldest = math.min(oldest, at)
    end
end
local given = math.max(0, math.min(wanted, most - gone))
if given > 0 then
    redis.call('HINCRBY', KEYS[1], current, given)
    redis.call('PEXPIRE', KEYS[1], math.ceil(2 * part * (parts + 1) / 1000))
end
if given == wanted then return {given, 0, current} end
redis.call('INCR', KEYS[2])
return {given, (oldest + parts + 1) * part - now, current}
"""
# What was given counts from when it goes; what does not go after all is free again.
GO = """
local part, parts, given, at = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local going, time = tonumber(ARGV[5]), redis.call('TIME')
local current = math.floor((time[1] * 1000000 + time[2]) / part)
if redis.call('HINCRBY', KEYS[1], at, -given) <= 0 then redis.call('HDEL', KEYS[1], at) end
if going > 0 then
    redis.call('HINCRBY', KEYS[1], current, going)
    redis.call('PEXPIRE', KEYS[1], math.ceil(2 * part * (parts + 1) / 1000))
end
"""


@dataclass(frozen=True, slots=True)
class Room:
    """How many messages may go now, and after how many seconds there is room for more: 0 where there is now, None where
    nobody knows. `part`: the part of time they are counted in."""

    messages: int
    again_in: float | None = 0.0
    part: int = 0


class Ceiling:
    """The most messages a provider is given in a period; 0 sets none."""

    def __init__(self, provider: str, most: int) -> None:
        self.provider, self.most = provider, most
        self._counts, self._held_back = f"stepwell:ceiling:{provider}", f"stepwell:ceiling-held-back:{provider}"

    def take(self, wanted: int) -> Room:
        """Room for up to `wanted` messages, which count as gone from now on; `go` says when they do."""
        if not self.most or not wanted:
            return Room(wanted)
        keys = (self._counts, self._held_back)
        try:
            answer = _valkey(settings.REDIS_URL).eval(TAKE, len(keys), *keys, self.most, _part(), wanted, PARTS)
        except (RedisError, OSError):
            return Room(0, None)
        given, wait, part = cast("list[int]", answer)
        return Room(given, wait / 1_000_000, part)

    def go(self, room: Room, going: int) -> None:
        """Of the room that was taken a moment ago so many messages go now, and no more. Where Valkey is away, what was
        taken stays counted."""
        if not self.most or not room.messages:
            return
        with suppress(RedisError, OSError):
            given = (_part(), PARTS, room.messages, room.part, going)
            _valkey(settings.REDIS_URL).eval(GO, 1, self._counts, *given)

    def held_back(self) -> int | None:
        """How often somebody was given less than they wanted, since Valkey was last emptied; None where it is away."""
        try:
            return int(cast("bytes | None", _valkey(settings.REDIS_URL).get(self._held_back)) or 0)
        except (RedisError, OSError):
            return None


def samples(now: datetime) -> Iterator[tuple[str, str, dict[str, str], float]]:
    """Figures for /metrics: the ceilings there are, and how often each held a run back, where Valkey says so."""
    for provider in sorted(set(settings.DELIVERY_PROVIDERS.values())):
        ceiling, labels = ceiling_of(provider), {"provider": provider}
        if not ceiling.most:
            continue
        yield "stepwell_provider_ceiling", "Messages a second a provider is given at most.", labels, ceiling.most
        if (times := ceiling.held_back()) is not None:
            yield "stepwell_provider_held_back", "How often a provider's ceiling held a run back.", labels, times


def ceiling_of(provider: str) -> Ceiling:
    """The ceiling of a provider, as the settings have it."""
    return Ceiling(provider, most_a_second(provider))


def _part() -> int:
    """Microseconds in which what goes is counted together."""
    return round(PERIOD * 1_000_000 / PARTS)


@cache
def _valkey(url: str) -> Redis:
    return Redis.from_url(url, socket_timeout=LONGEST_QUESTION, socket_connect_timeout=LONGEST_QUESTION)
