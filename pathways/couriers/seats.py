"""How many runs of one channel there are at once, over all workers: as many as it has seats.

A seat is an advisory lock of the session: a worker that is killed gives it back at once, whatever else it held.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from django.db import connection

NAMESPACE = int.from_bytes(sha256(b"stepwell delivery seats").digest()[:4], "big", signed=True)


@contextmanager
def seat(channel: str, seats: int) -> Iterator[int | None]:
    """The number of a free seat (from 0), held until the end; None where all are taken."""
    found = next((number for number in range(seats) if _locked(channel, number)), None)
    try:
        yield found
    finally:
        if found is not None:
            _unlock(channel, found)


def _key(channel: str, number: int) -> int:
    return int.from_bytes(sha256(f"{channel} {number}".encode()).digest()[:4], "big", signed=True)


def _locked(channel: str, number: int) -> bool:
    return _asked("SELECT pg_try_advisory_lock(%s, %s)", channel, number)


def _unlock(channel: str, number: int) -> bool:
    return _asked("SELECT pg_advisory_unlock(%s, %s)", channel, number)


def _asked(question: str, channel: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(question, [NAMESPACE, _key(channel, number)])
        return bool(cursor.fetchone()[0])
