"""How long a provider that is in trouble is left alone, and how it is met again.

Source: quality.md F8. Marks: L, our own local rule.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from pathways.rules.reminders.attempts import LONGEST_RETRY_AFTER

# Doubling from ten seconds to ten minutes (L): long enough to let it recover, short enough to be there when it has.
FIRST_REST = timedelta(seconds=10)
LONGEST_REST = timedelta(minutes=10)
# While one message finds out how the provider is, nobody else tries (L); longer than that message can take.
PROBE = timedelta(seconds=90)
# How many are claimed to find that one message (L): some may have to wait for other reasons.
PROBE_CLAIM = 20


class Turn(StrEnum):
    """How many messages a provider may be given now."""

    ALL = "all"
    ONE = "one"
    NONE = "none"


def turn(*, troubles: int, rests_until: datetime | None, changed_at: datetime, now: datetime) -> Turn:
    """What a provider may be given at `now`: nothing while it rests, then one message that finds out how it is.

    `troubles`: how often in a row it came to nothing; `changed_at`: when that was last written. A clock that has been
    put back since ends the rest: nobody knows any more when it began.
    """
    if not troubles:
        return Turn.ALL
    resting = rests_until is not None and changed_at <= now < rests_until
    return Turn.NONE if resting else Turn.ONE


def rest_after(troubles: int, *, retry_after: timedelta | None = None) -> timedelta:
    """How long a provider rests after the `troubles`-th trouble in a row (from 1), never less than it asked for
    (believed up to a day). Raises ValueError below 1.
    """
    if troubles < 1:
        raise ValueError("troubles are counted from 1")
    doubled: timedelta = FIRST_REST * 2 ** min(troubles - 1, 20)
    return max(min(doubled, LONGEST_REST), min(retry_after or timedelta(0), LONGEST_RETRY_AFTER))
