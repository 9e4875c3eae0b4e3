"""How often a link, and whoever opens links, may ask.

Counters only, as every limit of the house: in Valkey, per process where it is away. Their keys hold digests.
"""

from hashlib import sha256

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.module_loading import import_string

from clinic.clock import real_now

MINUTE = 60
# Every answer of a form asks once, so that the longest form filled in without a pause stays below.
PER_LINK, PER_ADDRESS = 60, 240


def too_often(request: HttpRequest, token: str) -> bool:
    """Whether this link, or whoever asks, was heard too often within this minute. Counts the call."""
    minute = int(real_now().timestamp()) // MINUTE
    address = import_string(settings.AXES_CLIENT_IP_CALLABLE)(request)
    by_link = _count(f"link:{_digest(token)}:{minute}", 2 * MINUTE)
    by_address = _count(f"link-from:{_digest(address)}:{minute}", 2 * MINUTE)
    return by_link > PER_LINK or by_address > PER_ADDRESS


def _digest(words: str) -> str:
    return sha256(words.encode("utf-8", "replace")).hexdigest()[:24]


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, timeout=seconds)
    try:
        return cache.incr(key)
    except ValueError:  # Valkey went or came between the two calls: the other counter starts
        cache.add(key, 1, timeout=seconds)
        return 1
