"""Locks on what has no row to lock: a name, held to the end of the transaction. A lost connection gives it back."""

from hashlib import sha256

from django.db import connection


def lock_name(name: str, *, shared: bool = False) -> None:
    """Wait for a name and hold it; `shared`: beside others who share it. Who holds several takes them in one order."""
    with connection.cursor() as cursor:
        if shared:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [number_of(name)])
        else:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number_of(name)])


def lock_name_if_free(name: str) -> bool:
    """Hold a name nobody has; False where somebody has it, without waiting."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number_of(name)])
        return bool(cursor.fetchone()[0])


def number_of(name: str) -> int:
    """The number PostgreSQL knows a name by: 64 bits, signed. Of several names, their order is the order to take."""
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big", signed=True)
