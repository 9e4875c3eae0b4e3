"""Where a reminder stands, the one table of what may follow what, and how many are taken at a time.

Source: model.md, "Follow-ups and reminders"; decisions.md 14.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ReminderStatus(StrEnum):
    """Where a reminder stands. `STATUS_CHANGES` says what may follow what."""

    PLANNED = "planned"
    LEASED = "leased"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


_S = ReminderStatus

# Not yet handed to a channel: may be cancelled, suppressed, or simply planned anew.
OPEN = frozenset({_S.PLANNED, _S.LEASED})
# May be at the provider: never sent again without asking.
UNSETTLED = frozenset({_S.SENDING, _S.UNCERTAIN})
# Left the house.
GONE = frozenset({_S.SENT, _S.DELIVERED})
# Ended without a message; each carries its reason.
NOT_SENT = frozenset({_S.FAILED, _S.SUPPRESSED, _S.EXPIRED, _S.CANCELLED})
# A person has to look.
NEEDS_A_PERSON = frozenset({_S.UNCERTAIN, _S.FAILED})
# Counts toward the limit on how often we write: an uncertain one may have arrived.
COUNTS_AS_WRITTEN = UNSETTLED | GONE

STATUS_CHANGES: Mapping[ReminderStatus, frozenset[ReminderStatus]] = MappingProxyType(
    {
        # Sent or delivered: a late report of an earlier try that was thought not to have arrived.
        _S.PLANNED: frozenset({_S.LEASED, _S.SUPPRESSED, _S.EXPIRED, _S.CANCELLED, _S.SENT, _S.DELIVERED}),
        # Back to planned: the lease ran out, or the message is to wait.
        _S.LEASED: frozenset({_S.PLANNED, _S.SENDING, _S.SUPPRESSED, _S.EXPIRED, _S.CANCELLED, _S.SENT, _S.DELIVERED}),
        # Back to planned: surely not taken by the provider, tried again later.
        _S.SENDING: frozenset({_S.SENT, _S.DELIVERED, _S.PLANNED, _S.FAILED, _S.UNCERTAIN}),
        _S.UNCERTAIN: frozenset({_S.SENT, _S.DELIVERED, _S.PLANNED, _S.FAILED}),
        # The provider's later report.
        _S.SENT: frozenset({_S.DELIVERED, _S.FAILED}),
        # Undoing a move brings back what the move had cancelled.
        _S.CANCELLED: frozenset({_S.PLANNED}),
        _S.DELIVERED: frozenset(),
        # Not taken in all tries, and put back in line by a person.
        _S.FAILED: frozenset({_S.PLANNED}),
        _S.SUPPRESSED: frozenset(),
        _S.EXPIRED: frozenset(),
    }
)

# A worker stopped dead gives its leased rows back after this long. Longer than a channel's longest window
# (60 s, and the one try still under way), so that a living worker keeps its claim.
LEASE_SECONDS = 180
# How many due rows one claim takes: several windows, so that the claim's own commit is spread thin.
CLAIM_SIZE = 1000


def may_change(old: ReminderStatus, new: ReminderStatus) -> bool:
    """Whether a reminder may go from `old` to `new`: the one table, `STATUS_CHANGES`."""
    return new in STATUS_CHANGES[old]


def statuses_before(new: ReminderStatus) -> frozenset[ReminderStatus]:
    """The statuses from which `new` may follow: the filter of every bulk update."""
    return frozenset(old for old, after in STATUS_CHANGES.items() if new in after)
