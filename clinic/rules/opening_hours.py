"""When the clinic may write to somebody: contact hours in the recipient's own wall time, and the turns of
the clock.

Sources: follow-up.md, "Rules on texting" (8:00-21:00 local, narrower by setting) and the quiet-hours
algorithm there; decisions.md 3 (contact times are wall times in the recipient's zone). Wall times are naive
datetimes, instants are aware. No zone is guessed: a recipient without one has the zone of their site.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from clinic.rules.sentences import Sentence, sentence

# The widest hours anybody may be written to (telemarketing hours, adopted for every automatic message).
EARLIEST = time(8)
LATEST = time(21)
# A reminder pulled forward goes this long before the window closes: 20:30 where it closes at 21:00.
PULLED_FORWARD_BY = timedelta(minutes=30)
# A reminder closer to its appointment than this is no longer useful to anybody (local rule).
MINIMUM_LEAD = timedelta(hours=1)

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


class Moved(StrEnum):
    """What contact hours did to the time that was wanted."""

    KEPT = "kept"
    DELAYED = "delayed"
    PULLED_FORWARD = "pulled_forward"


@dataclass(frozen=True, slots=True)
class ContactHours:
    """Wall times of one day: from `opens`, up to but not at `closes`. Holds nothing where it opens at or
    after that.
    """

    opens: time = EARLIEST
    closes: time = LATEST

    @property
    def empty(self) -> bool:
        return self.opens >= self.closes

    def contains(self, local: datetime) -> bool:
        """Whether the wall time lies inside: 20:59 does, 21:00 does not."""
        return self.opens <= local.time() < self.closes


@dataclass(frozen=True, slots=True)
class ContactTime:
    """When somebody is to be written to: the wall time, its IANA zone, the instant, and what moved it."""

    local: datetime
    zone: str
    at: datetime
    moved: Moved = Moved.KEPT


def contact_window(*hours: ContactHours | None) -> ContactHours:
    """What is left of 8:00-21:00 within all the given hours (site, person); None narrows nothing. May be
    empty.
    """
    given = [each for each in hours if each is not None]
    return ContactHours(
        opens=max([EARLIEST, *(each.opens for each in given)]),
        closes=min([LATEST, *(each.closes for each in given)]),
    )


def window_problem(window: ContactHours) -> Sentence | None:
    """Says why nobody can ever be written to in these hours, or None."""
    if window.empty:
        return sentence("hours.never_open", opens=window.opens, closes=window.closes)
    return None


def existing(local: datetime, zone: str) -> datetime:
    """The wall time itself, or the next valid minute where the clock jumps over it (a skipped day
    included).
    """
    return to_local(to_utc(local, zone), zone)


@lru_cache(maxsize=16_384)
def to_utc(local: datetime, zone: str) -> datetime:
    """The instant of a naive wall time. A repeated hour means its first run; a time jumped over, the next
    valid minute.

    Raises ValueError for an aware datetime, an unknown zone, or a time outside the years 1 to 9999.
    """
    if local.tzinfo is not None:
        raise ValueError("a wall time carries no zone of its own")
    info = _zone(zone)
    try:
        first = local.replace(tzinfo=info, fold=0).astimezone(UTC)
        if first.astimezone(info).replace(tzinfo=None) == local.replace(fold=0):
            return first
        return _after_the_jump(local, info)
    except OverflowError as error:
        raise ValueError(f"{local} is outside the calendar") from error


def to_local(at: datetime, zone: str) -> datetime:
    """The wall time of an instant, naive. Raises ValueError for a naive datetime or an unknown zone."""
    if at.tzinfo is None:
        raise ValueError("an instant carries a zone")
    try:
        return at.astimezone(_zone(zone)).replace(tzinfo=None, fold=0)
    except OverflowError as error:
        raise ValueError(f"{at} is outside the calendar") from error


def next_opening(local: datetime, zone: str, window: ContactHours) -> datetime:
    """The wall time itself where contact is allowed, else when the window next opens. The window must not
    be empty.
    """
    if window.empty:
        raise ValueError("a window that never opens has no next opening")
    candidate = existing(local, zone)
    while not window.contains(candidate):
        later = timedelta(days=0 if candidate.time() < window.opens else 1)
        try:
            day = candidate.date() + later
        except OverflowError as error:
            raise ValueError(f"nothing opens after {candidate}") from error
        candidate = existing(datetime.combine(day, window.opens), zone)
    return candidate


def next_allowed(
    due_local: datetime,
    zone: str,
    window: ContactHours,
    *,
    appointment: datetime | None = None,
    minimum_lead: timedelta = MINIMUM_LEAD,
    not_before: datetime | None = None,
) -> ContactTime | Sentence:
    """When a message due at `due_local` may go, or the Sentence saying why it is dropped.

    Inside the window it goes when due. Due before opening: at opening, unless that leaves less than
    `minimum_lead` to the `appointment` (an instant); then the evening before, 30 minutes before closing,
    because later it is of no use. Due after closing: at the next opening, or dropped where that comes too
    late. A message is never pulled forward to before `not_before` (an instant: now, when planning).

    Source: follow-up.md, quiet-hours algorithm and vectors.
    """
    if problem := window_problem(window):
        return problem
    wanted = existing(due_local, zone)
    if appointment is not None and to_utc(wanted, zone) >= appointment:
        return sentence("hours.after_the_appointment")
    opening = next_opening(wanted, zone, window)
    at = to_utc(opening, zone)
    if opening == wanted:
        return ContactTime(wanted, zone, at)
    if appointment is None or appointment - at >= minimum_lead:
        return ContactTime(opening, zone, at, Moved.DELAYED)
    if wanted.time() < window.opens:
        return _pulled_forward(wanted, zone, window, not_before)
    return sentence("hours.too_late_to_help")


def _pulled_forward(
    wanted: datetime, zone: str, window: ContactHours, not_before: datetime | None
) -> ContactTime | Sentence:
    closes = datetime.combine(wanted.date() - timedelta(days=1), window.closes)
    local = max(closes - PULLED_FORWARD_BY, datetime.combine(closes.date(), window.opens))
    at = to_utc(local, zone)
    if to_local(at, zone) != local or (not_before is not None and at < not_before):
        return sentence("hours.too_late_to_help")
    return ContactTime(local, zone, at, Moved.PULLED_FORWARD)


def _after_the_jump(local: datetime, info: ZoneInfo) -> datetime:
    """The first instant after the clock jumped over `local`, at a full minute of the new wall time."""
    before = local.replace(tzinfo=info, fold=1).astimezone(UTC)
    after = local.replace(tzinfo=info, fold=0).astimezone(UTC)
    offset = before.astimezone(info).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        before, after = (middle, after) if middle.astimezone(info).utcoffset() == offset else (before, middle)
    wall = after.replace(microsecond=0).astimezone(info)
    past = timedelta(seconds=wall.second)
    return wall.astimezone(UTC) + (_MINUTE - past if past else timedelta(0))


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error
