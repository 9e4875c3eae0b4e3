"""From days to percentages: which stretch of time a ribbon shows, and what stands on its axis."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from pathways.rules.ribbon.course import Course
from pathways.rules.ribbon.words import Words

# Drawing rules of look.md, "The ribbon".
MIN_WIDTH = 720  # px at which labels are guaranteed not to touch
WIDE = 980  # px from which the longer band labels are used (container query in app.css)
CHAR = 6.3  # px a character takes at 12 px, on the safe side
BOLD_CHAR = 6.9  # the same at 13 px in bold
MIN_DAYS = 28  # a short history is never blown up
LONGEST_DAYS = 2192  # six years: a longer course starts at the last readmission
AHEAD = 0.06  # share of the elapsed time kept free after today
LEAST_AHEAD = 4  # days
WEEKS_UP_TO, MONTHS_UP_TO = 45, 400  # days shown up to which the axis has Mondays, months


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear in days from `start` to `end`, over `width` percent. Days outside lie on the edge."""

    start: date
    end: date
    width: float

    def __call__(self, day: date) -> float:
        span = max((self.end - self.start).days, 1)
        return round(max(0.0, min(self.width, (day - self.start).days / span * self.width)), 2)

    def px(self, day: date) -> float:
        """Where the day lies at the least width."""
        return px(self(day))


def px(percent: float) -> float:
    """Pixels at the least width."""
    return percent / 100 * MIN_WIDTH


def percent(pixels: float) -> float:
    """Percent of the least width."""
    return pixels / MIN_WIDTH * 100


def number(value: float) -> str:
    """A coordinate as it is written: at most two decimals, no trailing zeros."""
    return f"{round(value, 2):.2f}".rstrip("0").rstrip(".")


def origin(course: Course) -> date:
    """The first day shown: admission, or for more than six years the last readmission (at most six years back)."""
    if (course.last_day - course.start).days <= LONGEST_DAYS:
        return course.start
    earliest = course.last_day - timedelta(LONGEST_DAYS)
    came_back = [day for day in course.readmitted if earliest <= day <= course.last_day]
    return came_back[-1] if came_back else earliest


def horizon(course: Course) -> date:
    """The last day shown: expected end of the current phase, or some days after today."""
    first = origin(course)
    if course.closed:
        return max(course.closed, first)
    least = first + timedelta(MIN_DAYS)
    if course.on_hold:
        return max(course.today, least)
    elapsed = (course.today - first).days
    ahead = course.today + timedelta(max(round(elapsed * AHEAD), LEAST_AHEAD))
    return max(course.due or course.today, ahead, least)


def ticks(first: date, last: date, words: Words) -> Iterator[tuple[date, str]]:
    """Days that get a line on the axis, with their words."""
    shown = (last - first).days
    if shown <= WEEKS_UP_TO:
        yield from ((day, words.on(day)) for day in _mondays(first, last))
        return
    step = 1 if shown <= MONTHS_UP_TO else 3
    for day in _firsts(first, last):
        if (day.month - 1) % step == 0:
            yield day, words.month(day)


def _mondays(first: date, last: date) -> Iterator[date]:
    day = first + timedelta((7 - first.weekday()) % 7)
    while day <= last:
        yield day
        day += timedelta(7)


def _firsts(first: date, last: date) -> Iterator[date]:
    year, month = first.year, first.month
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        if date(year, month, 1) > last:
            return
        yield date(year, month, 1)
