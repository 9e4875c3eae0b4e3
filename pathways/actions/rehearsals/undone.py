"""Work on a connection of its own, in one transaction that is never kept (decisions.md 14).

A thread has connections of its own, so everything the work calls, whatever it is, speaks through this one: there is no
second way to the database it could take. What it writes is checked as a commit would check it, and undone.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection, transaction

Result = TypeVar("Result")


def undone(work: Callable[[], Result]) -> Result:
    """Do the work and undo it. Returns what it returned, raises what it raised; no row is changed by it either way."""
    with ThreadPoolExecutor(1, thread_name_prefix="rehearsal") as alone:
        return alone.submit(_undone, work).result()


def _undone(work: Callable[[], Result]) -> Result:
    try:
        with transaction.atomic():
            found = work()
            connection.check_constraints()
            transaction.set_rollback(True)
        return found
    finally:
        connection.close()
