"""How often one caller may ask: an exact count per actor and minute, shared by all processes through Valkey.

Where Valkey is away the counters of `clinic.config.cache` live in each process, and the limit holds there.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from clinic import clock
from clinic.api.permissions import actor_of

if TYPE_CHECKING:
    from rest_framework.views import APIView

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the present minute."""

    limit: int
    remaining: int
    reset_seconds: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


class CallerThrottle(BaseThrottle):
    """`API_RATE_PER_MINUTE` calls per actor; 0 sets no limit. Leaves the allowance on the request for the headers."""

    allowance: Allowance | None = None

    def allow_request(self, request: Request, view: "APIView") -> bool:
        actor, limit = actor_of(request), int(settings.API_RATE_PER_MINUTE)
        if actor is None or limit <= 0:
            return True
        second = int(clock.real_now().timestamp())
        used = _count(f"api-rate:{actor.public_id}:{second // WINDOW_SECONDS}")
        left = WINDOW_SECONDS - second % WINDOW_SECONDS
        self.allowance = request._request.allowance = Allowance(limit, max(limit - used, 0), left)  # type: ignore[attr-defined]
        return used <= limit

    def wait(self) -> float | None:
        return float(self.allowance.reset_seconds) if self.allowance else None


def _count(key: str) -> int:
    """One more call in this minute. Adding first and then counting on is atomic in both kinds of counter."""
    cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:
        # Valkey went or came between the two calls: the other counter starts.
        cache.add(key, 1, timeout=2 * WINDOW_SECONDS)
        return 1
