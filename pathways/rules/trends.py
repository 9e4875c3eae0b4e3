"""The trend plot of one measure: values over time on the bands of its instrument (look.md, "Trend card").

Pure: facts in, one SVG out, the same facts give the same bytes. Drawn like the ribbon: percentages across, pixels down.
All plots of a patient take the same `start` and `end`, so that they share one time axis.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise

from pathways.rules.ribbon.scale import MIN_DAYS, Scale, number, ticks
from pathways.rules.ribbon.words import ENGLISH, Words

HEIGHT = 132  # px
TOP, BOTTOM = 6, 110  # px between which values lie
WIDTH = 79  # percent to scale; band words stand to the right
LEAST_PX = 260  # px, the narrowest card
WORDS_HIGH = 14  # px a band must be high to carry its word
CHAR = 6.3  # px


@dataclass(frozen=True, slots=True)
class Reading:
    on: date
    value: float


@dataclass(frozen=True, slots=True)
class Band:
    """A band of the instrument from `low` up to the next band. `severity` 0 (least) to 4 chooses the fill."""

    low: float
    severity: int
    word: str


@dataclass(frozen=True, slots=True)
class Trend:
    """Readings in order of date. `top`: highest value shown · `cut`: gate limit · `due`: next reading expected ·
    `changes`: days of a phase change · `back`: first and last day of each step back. `label` names the plot."""

    label: str
    start: date
    end: date
    today: date
    top: float
    readings: tuple[Reading, ...]
    bands: tuple[Band, ...] = ()
    cut: float | None = None
    due: date | None = None
    changes: tuple[date, ...] = ()
    back: tuple[tuple[date, date], ...] = ()

    def __post_init__(self) -> None:
        if self.top <= 0:
            raise ValueError("the highest value shown lies above zero")
        if any(earlier.on > later.on for earlier, later in pairwise(self.readings)):
            raise ValueError("readings stand in order of date")
        if any(not 0 <= band.severity <= 4 for band in self.bands):
            raise ValueError("a band has a severity from 0 to 4")

    def x(self, day: date) -> float:
        return self.scale(day)

    @property
    def scale(self) -> Scale:
        return Scale(self.start, self.end, WIDTH)

    def y(self, value: float) -> float:
        """Px from the top for a value; values beyond the scale lie on its edge."""
        share = min(max(value / self.top, 0.0), 1.0)
        return round(BOTTOM - share * (BOTTOM - TOP), 1)


def highest(readings: tuple[Reading, ...], bands: tuple[Band, ...], maximum: float) -> float:
    """A top that leaves room above the highest value and one band more, never above the instrument's maximum."""
    seen = max((reading.value for reading in readings), default=0.0)
    above = [band.low for band in sorted(bands, key=lambda band: band.low) if band.low > seen]
    return min(maximum, max((above[0] if above else seen) * 1.1, maximum / 4))


def printed(readings: tuple[Reading, ...]) -> tuple[int, ...]:
    """Indices of the values that are printed: first, last, and the highest of those between."""
    if len(readings) < 3:
        return tuple(range(len(readings)))
    between = range(1, len(readings) - 1)
    peak = max(between, key=lambda index: (readings[index].value, index))
    rises = readings[peak].value > readings[peak - 1].value
    return (0, peak, len(readings) - 1) if rises else (0, len(readings) - 1)


def plot(trend: Trend, words: Words = ENGLISH) -> str:
    """The SVG of a trend, named by its label and values."""
    parts = [
        f'<svg class="plot" width="100%" height="{HEIGHT}" role="img" aria-label="{escape(_name(trend, words))}" '
        f'focusable="false">',
        *_bands(trend),
        *_axis(trend, words),
        *_course(trend),
        *_limit(trend),
        *_line(trend),
        *_values(trend),
        *_due(trend),
        "</svg>",
    ]
    return "".join(parts)


def _name(trend: Trend, words: Words) -> str:
    said = [f"{words.on(reading.on)} {reading.value:g}" for reading in trend.readings]
    return f"{trend.label}: {', '.join(said)}" if said else trend.label


def _bands(trend: Trend) -> Iterator[str]:
    ordered = sorted(trend.bands, key=lambda band: band.low)
    highs = [band.low for band in ordered[1:]] + [trend.top]
    for band, high in zip(ordered, highs, strict=True):
        upper, lower = trend.y(high), trend.y(band.low)
        if lower <= upper:
            continue
        box = f'y="{number(upper)}" height="{number(lower - upper)}"'
        yield f'<rect class="b{band.severity}" x="0" width="{WIDTH}%" {box}/>'
        if band.word and lower - upper >= WORDS_HIGH:
            middle = number((upper + lower) / 2 + 4)
            yield f'<text class="bl" x="{WIDTH}%" dx="6" y="{middle}">{escape(band.word)}</text>'


def _axis(trend: Trend, words: Words) -> Iterator[str]:
    taken = -1.0
    for day, label in ticks(trend.start, trend.end, words):
        x = trend.x(day)
        yield f'<line class="evt" x1="{number(x)}%" x2="{number(x)}%" y1="{BOTTOM}" y2="{BOTTOM + 4}"/>'
        left = x / 100 * LEAST_PX
        if left > taken and left + len(label) * CHAR < LEAST_PX:
            taken = left + len(label) * CHAR + 8
            yield f'<text class="ax" x="{number(x)}%" dx="3" y="{BOTTOM + 16}">{escape(label)}</text>'


def _course(trend: Trend) -> Iterator[str]:
    """Phase changes as dotted lines, steps back as the lower curve of the ribbon."""
    for day in trend.changes:
        if trend.start < day < trend.end:
            x = number(trend.x(day))
            yield f'<line class="evt" x1="{x}%" x2="{x}%" y1="{TOP}" y2="{BOTTOM}"/>'
    for first, last in trend.back:
        left, right = trend.x(first), trend.x(last)
        if right > left:
            yield (
                f'<svg x="{number(left)}%" width="{number(right - left)}%" y="{BOTTOM - 9}" height="10" '
                f'viewBox="0 0 100 10" preserveAspectRatio="none" overflow="visible">'
                f'<path class="ln" d="M0 0 C 12 0 8 8 26 8 L 74 8 C 92 8 88 0 100 0"/></svg>'
            )


def _limit(trend: Trend) -> Iterator[str]:
    if trend.cut is not None:
        y = number(trend.y(trend.cut))
        yield f'<line class="cut" x1="0" x2="{WIDTH}%" y1="{y}" y2="{y}"/>'


def _line(trend: Trend) -> Iterator[str]:
    points = [(trend.x(reading.on) / WIDTH * 1000, trend.y(reading.value)) for reading in trend.readings]
    if len(points) > 1:
        path = " L".join(f"{number(x)} {number(y)}" for x, y in points)
        yield (
            f'<svg x="0" y="0" width="{WIDTH}%" height="{HEIGHT}" viewBox="0 0 1000 {HEIGHT}" '
            f'preserveAspectRatio="none" overflow="visible"><path class="ln" d="M{path}"/></svg>'
        )
    if trend.start <= trend.today <= trend.end:
        x = number(trend.x(trend.today))
        yield f'<line class="td" x1="{x}%" x2="{x}%" y1="{TOP}" y2="{BOTTOM}"/>'


def _values(trend: Trend) -> Iterator[str]:
    last = len(trend.readings) - 1
    for index, reading in enumerate(trend.readings):
        kind, radius = ("pt last", 4.5) if index == last else ("pt", 3.2)
        x, y = number(trend.x(reading.on)), number(trend.y(reading.value))
        yield f'<circle class="{kind}" cx="{x}%" cy="{y}" r="{radius}"/>'
    for index in _apart(trend, printed(trend.readings)):
        yield _value(trend, trend.readings[index])


def _apart(trend: Trend, indices: tuple[int, ...]) -> Iterator[int]:
    """Printed values that do not touch a later one; the last is always printed."""
    for position, index in enumerate(indices):
        here = trend.x(trend.readings[index].on)
        later = [trend.x(trend.readings[each].on) for each in indices[position + 1 :]]
        if all((x - here) / 100 * LEAST_PX > 24 for x in later):
            yield index


def _value(trend: Trend, reading: Reading) -> str:
    x, y = trend.x(reading.on), trend.y(reading.value)
    dx, anchor = (4, "start") if x < 3 else (0, "middle")
    above = max(y - 9, TOP + 9) if y - 9 > TOP + 2 else y + 18
    at = f'x="{number(x)}%" dx="{dx}" y="{number(above)}" text-anchor="{anchor}"'
    return f'<text class="v" {at}>{reading.value:g}</text>'


def _due(trend: Trend) -> Iterator[str]:
    if trend.due and trend.today <= trend.due <= trend.end:
        at = trend.cut if trend.cut is not None else (trend.readings[-1].value if trend.readings else 0)
        yield f'<circle class="due" cx="{number(trend.x(trend.due))}%" cy="{number(trend.y(at))}" r="5"/>'


def shared_span(first: date, today: date, due: date | None) -> tuple[date, date]:
    """One time axis for all plots of a patient: from the first reading to a little after today or the next due."""
    shown = max((today - first).days, MIN_DAYS)
    ahead = date.fromordinal(today.toordinal() + max(shown // 6, 7))
    return first, max(ahead, due or ahead)
