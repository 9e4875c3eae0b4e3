"""The clinic's clock: real time, moved on only where nothing real can be sent (decisions.md 3)."""

from datetime import UTC, datetime


def real_now() -> datetime:
    """Real time, for leases, sessions and tokens."""
    return datetime.now(UTC)


def now() -> datetime:
    """Read once per door or task, then handed down. Aware, UTC. Honours the practice offset while the latch is shut."""
    from clinic.queries.installation import clock_offset  # the database is asked only when the clock is

    return real_now() + clock_offset()
