"""A message says an old time while that time is to come, and nobody should go by it."""

from datetime import UTC, datetime, timedelta

import pytest

from pathways.rules.reminders import says_old_time

NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)
AT = NOW + timedelta(days=2)


@pytest.mark.parametrize(
    ("said", "begins", "called_off", "old"),
    [
        (AT, AT, False, False),
        (AT, AT + timedelta(hours=1), False, True),
        (AT, AT, True, True),
        (None, AT, True, False),
        (NOW - timedelta(hours=1), AT, False, False),
        (NOW - timedelta(hours=1), AT, True, False),
    ],
)
def test_only_a_time_to_come_that_holds_no_longer_is_an_old_one(
    said: datetime | None, begins: datetime, called_off: bool, old: bool
) -> None:
    assert says_old_time(said, begins, NOW, called_off=called_off) is old
