"""What this installation is, and whether it may send anything real."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.conf import settings
from django.db import connection

from clinic.models import DeliveryArming, Installation

_reading: ContextVar[dict[str, Installation | None] | None] = ContextVar("installation_reading", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Within one web request the row is asked for once; an action that changes it calls `forget_reading`."""
    token = _reading.set({})
    try:
        yield
    finally:
        _reading.reset(token)


def forget_reading() -> None:
    """The row has just been changed."""
    if (kept := _reading.get()) is not None:
        kept.clear()


def installation() -> Installation | None:
    """The one row, or None before `migrate` has made it."""
    kept = _reading.get()
    if kept is None:
        return Installation.objects.first()
    if "row" not in kept:
        kept["row"] = Installation.objects.first()
    return kept["row"]


def is_practice() -> bool:
    """Whether this database holds demonstration data."""
    row = installation()
    return row is not None and row.practice


def system_identifier() -> str:
    """Identity of the database cluster: a copy elsewhere has another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return str(cursor.fetchone()[0])


def database_name() -> str:
    """The database the arming row is bound to, as the server itself names it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return str(cursor.fetchone()[0])


def latch_open() -> bool:
    """True only where the environment, the installation row and an arming row bound to this cluster agree."""
    wanted = str(settings.LIVE_DELIVERY or "")
    if not wanted:
        return False
    row = installation()
    if row is None or row.practice or str(row.installation_id) != wanted:
        return False
    return DeliveryArming.objects.filter(
        installation_id=row.installation_id,
        system_identifier=system_identifier(),
        database=database_name(),
        disarmed_at__isnull=True,
    ).exists()


def clock_offset() -> timedelta:
    """How far the practice clock has been moved on; nothing while real messages could leave."""
    row = installation()
    if row is None or not row.clock_offset or latch_open():
        return timedelta(0)
    return row.clock_offset
