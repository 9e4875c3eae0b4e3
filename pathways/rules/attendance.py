"""Clinical minutes a week against the intensity of the level of care.

Source: domain/modalities.md, "Intensity check": minutes attended that count, per ISO week in the site's zone. 540
minutes meet level 2.1 and 539 do not; 1,199 lie below 2.5 and 1,200 meet it. Who came for a part is counted for that
part; who did not come, for nothing. A shortfall three weeks in a row calls for a review of the level (local default).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.levels import Level
from pathways.rules.sessions import OPEN_PLACES, AttendanceStatus

# Hours a week that make the level. Levels left out are no test of hours: outpatient care is whatever lies below 2.1,
# and 3.7 and 4 are nursing and physicians round the clock.
LEAST_MINUTES: Mapping[Level, int] = MappingProxyType(
    {
        Level.L2: 540,  # 2.1: 9 to 19 hours (verified)
        Level.L2H: 1200,  # 2.5: 20 hours and more (verified)
        Level.L3: 300,  # 3.1: 5 hours and more, third edition (verified; 9 to 19 in the fourth, general knowledge)
        Level.L3H: 1200,  # 3.5: 20 hours and more, fourth edition (general knowledge)
    }
)
SHORT_WEEKS_FOR_REVIEW = 3
WEEK = timedelta(days=7)


class WeekState(StrEnum):
    """How a week stands against its level."""

    MET = "met"
    SHORT = "short"
    UNDER_WAY = "under_way"
    PARTIAL = "partial"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Place:
    """One place in a session as the count reads it. `planned`: its length in minutes; `minutes`: attended."""

    starts_at: datetime
    planned: int
    minutes: int
    status: AttendanceStatus
    counts: bool


@dataclass(frozen=True, slots=True)
class LevelSpan:
    """A time at a level of care; without an end it goes on."""

    level: Level
    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which nothing was asked: a hold; without an end it goes on."""

    starts_at: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """One ISO week: minutes attended that count, those beside them, those still booked that would count.

    `level` and `least`: what the week is held against (None: nothing). `came` of `expected` places, of all kinds.
    """

    monday: date
    minutes: int
    beside: int
    booked: int
    came: int
    expected: int
    level: Level | None
    least: int | None
    state: WeekState

    @property
    def missing(self) -> int:
        """Minutes lacking to the level; none where nothing is asked."""
        return max((self.least or 0) - self.minutes, 0)


def meets(level: Level, minutes: int) -> bool | None:
    """Whether so many minutes a week make the level; None where the level is no test of hours.

    Raises ValueError for minutes below none.
    """
    if minutes < 0:
        raise ValueError(f"{minutes} minutes")
    least = LEAST_MINUTES.get(level)
    return None if least is None else minutes >= least


def monday_of(at: datetime, zone: ZoneInfo) -> date:
    """The Monday of the ISO week a moment lies in, by the site's own days."""
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def weeks(
    places: Iterable[Place],
    levels: Collection[LevelSpan],
    *,
    zone: ZoneInfo,
    first: date,
    last: date,
    now: datetime,
    pauses: Collection[Pause] = (),
) -> tuple[Week, ...]:
    """Every ISO week from the one of `first` to the one of `last`, oldest first.

    A week is held against a level that was in force from its Monday to its Sunday, without a pause in it; the week
    that is not over yet is under way. Raises ValueError where `last` lies before `first`.
    """
    if last < first:
        raise ValueError("the last week lies before the first")
    by_week: dict[date, list[Place]] = {}
    for each in places:
        by_week.setdefault(monday_of(each.starts_at, zone), []).append(each)
    monday, end = first - timedelta(days=first.weekday()), last - timedelta(days=last.weekday())
    found = []
    while monday <= end:
        level = _level_of(monday, levels, pauses, zone)
        found.append(_week(monday, by_week.get(monday, ()), level, zone, now))
        monday += WEEK
    return tuple(found)


def review_due(found: Sequence[Week]) -> Sentence | None:
    """Says that the level is to be reviewed: the three newest weeks that are over fell short, one after the other.

    A week that is held against nothing (a pause, a change of level, the days before today) breaks the row; the one
    under way neither breaks nor lengthens it.
    """
    over = [each for each in found if each.state != WeekState.UNDER_WAY]
    newest = over[-SHORT_WEEKS_FOR_REVIEW:]
    if len(newest) < SHORT_WEEKS_FOR_REVIEW or any(each.state != WeekState.SHORT for each in newest):
        return None
    level = newest[-1].level
    assert level is not None  # noqa: S101 - a week falls short of a level
    return sentence("attendance.review_due", weeks=SHORT_WEEKS_FOR_REVIEW, level=level, since=newest[0].monday)


def _week(monday: date, places: Sequence[Place], level: Level | None, zone: ZoneInfo, now: datetime) -> Week:
    came = [each for each in places if each.status == AttendanceStatus.ATTENDED]
    minutes = sum(each.minutes for each in came if each.counts)
    missed = sum(each.status == AttendanceStatus.NO_SHOW for each in places)
    still = sum(each.planned for each in places if each.counts and each.status in OPEN_PLACES)
    least = None if level is None else LEAST_MINUTES.get(level)
    return Week(
        monday=monday,
        minutes=minutes,
        beside=sum(each.minutes for each in came if not each.counts),
        booked=still,
        came=len(came),
        expected=len(came) + missed,
        level=level,
        least=least,
        state=_state(level, minutes, _midnight(monday + WEEK, zone) > now),
    )


def _state(level: Level | None, minutes: int, goes_on: bool) -> WeekState:
    if level is None:
        return WeekState.UNDER_WAY if goes_on else WeekState.PARTIAL
    met = meets(level, minutes)
    if met is None:
        return WeekState.NOT_ASKED
    if met:
        return WeekState.MET
    return WeekState.UNDER_WAY if goes_on else WeekState.SHORT


def _level_of(monday: date, levels: Collection[LevelSpan], pauses: Collection[Pause], zone: ZoneInfo) -> Level | None:
    """The level in force from the week's first moment to its last, if there was one and nothing paused it."""
    starts, ends = _midnight(monday, zone), _midnight(monday + WEEK, zone)
    if any(each.starts_at < ends and (each.ends_at is None or each.ends_at > starts) for each in pauses):
        return None
    for each in levels:
        began = each.starts_at.astimezone(zone).date() <= monday
        if began and (each.ends_at is None or each.ends_at >= ends):
            return each.level
    return None


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, datetime.min.time(), tzinfo=zone)
