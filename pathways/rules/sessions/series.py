"""A session that comes again: its dates in the wall time of the site, right through both changes of the clock."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from clinic.rules.opening_hours import to_local, to_utc
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.sessions.clashes import Slot
from pathways.rules.sessions.limits import LONGEST_MINUTES, SHORTEST_MINUTES

# As many dates as anybody can look over at once (local default): four times a week for a year.
MOST_OCCURRENCES = 208
FEWEST_WEEKS, MOST_WEEKS = 1, 12
WEEK = 7


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every so many weeks on these weekdays (0 Monday), from one day to another, both included; `minutes` long."""

    every_weeks: int
    weekdays: tuple[int, ...]
    starts_on: date
    ends_on: date
    starts_time: time
    minutes: int


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series: its day and the instants; `moved`: the clock jumped over the time, it is the next one."""

    on: date
    slot: Slot
    moved: bool = False


def recurrence_problems(wanted: Recurrence) -> dict[str, Sentence]:
    """What is wrong with it, by field."""
    wrong: dict[str, Sentence] = {}
    if not FEWEST_WEEKS <= wanted.every_weeks <= MOST_WEEKS:
        wrong["every_weeks"] = sentence("session.refused.every_weeks", most=MOST_WEEKS)
    if not wanted.weekdays or not set(wanted.weekdays) <= set(range(WEEK)):
        wrong["weekdays"] = sentence("session.refused.weekdays")
    if wanted.ends_on < wanted.starts_on:
        wrong["ends_on"] = sentence("session.refused.ends_first")
    if not SHORTEST_MINUTES <= wanted.minutes <= LONGEST_MINUTES:
        wrong["minutes"] = sentence("session.refused.minutes", least=SHORTEST_MINUTES, most=LONGEST_MINUTES)
    if not wrong:
        number = _count(wanted)
        if number == 0:
            wrong["ends_on"] = sentence("session.refused.no_dates")
        elif number > MOST_OCCURRENCES:
            wrong["ends_on"] = sentence("session.refused.too_many_dates", most=MOST_OCCURRENCES)
    return wrong


def occurrences(wanted: Recurrence, zone: str) -> tuple[Occurrence, ...]:
    """Every date in order. Raises ValueError for a recurrence with a problem or an unknown zone.

    The wall time stays when the clock changes; a repeated hour is its first run, one jumped over the next valid
    minute. The length is real time: a session of 60 minutes lasts 60 minutes on every night of the year.
    """
    if problems := recurrence_problems(wanted):
        raise ValueError(f"no series: {', '.join(problems)}")
    return tuple(_occurrence(on, wanted, zone) for on in _days(wanted))


def _occurrence(on: date, wanted: Recurrence, zone: str) -> Occurrence:
    local = datetime.combine(on, wanted.starts_time)
    starts_at = to_utc(local, zone)
    ends_at = starts_at + timedelta(minutes=wanted.minutes)
    return Occurrence(on, Slot(starts_at, ends_at), moved=to_local(starts_at, zone) != local)


def _days(wanted: Recurrence) -> list[date]:
    monday = wanted.starts_on - timedelta(days=wanted.starts_on.weekday())
    found: list[date] = []
    while monday <= wanted.ends_on:
        week = [monday + timedelta(days=each) for each in sorted(set(wanted.weekdays))]
        found += [each for each in week if wanted.starts_on <= each <= wanted.ends_on]
        monday += timedelta(days=WEEK * wanted.every_weeks)
    return found


def _count(wanted: Recurrence) -> int:
    """How many dates at most, without making them (two centuries of days are refused, not listed)."""
    weeks = (wanted.ends_on - wanted.starts_on).days // (WEEK * wanted.every_weeks) + 2
    if weeks * len(set(wanted.weekdays)) > 2 * MOST_OCCURRENCES + 4 * WEEK:
        return MOST_OCCURRENCES + 1
    return len(_days(wanted))
