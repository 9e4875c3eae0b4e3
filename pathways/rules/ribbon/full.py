"""The full ribbon, as it heads the chart."""

from collections.abc import Iterator
from html import escape

from pathways.rules.ribbon.bands import drawn_loops, drawn_plan, drawn_stays
from pathways.rules.ribbon.course import Course
from pathways.rules.ribbon.frame import BAND, LANE, Frame, measured
from pathways.rules.ribbon.labels import Placed
from pathways.rules.ribbon.scale import CHAR, MIN_WIDTH, WIDE, number, px, ticks
from pathways.rules.ribbon.sentences import text
from pathways.rules.ribbon.words import ENGLISH, Words

CURL = "M-9 -1 C 0 -1 5.5 -4 5.5 -9 A5.5 5.5 0 1 0 -5.5 -9 C -5.5 -4 0 -1 9 -1"


def full(course: Course, uid: str, words: Words = ENGLISH) -> str:
    """The SVG of a course. From 720 px of width on, no words touch. `uid`: unique on the page, letters and digits."""
    frame = measured(course, uid, words)
    parts = [
        *_opening(frame),
        *_axis(frame),
        *drawn_loops(frame),
        *drawn_stays(frame),
        *drawn_plan(frame),
        *_closing_post(frame),
        *_marks(frame),
        *_levels(frame),
        *_today(frame),
        "</svg>",
    ]
    return "".join(parts)


def _opening(frame: Frame) -> Iterator[str]:
    uid = frame.uid
    yield (
        f'<svg class="sw-ribbon" width="100%" height="{frame.height}" role="img" aria-labelledby="{uid}-t" '
        f'focusable="false"><title id="{uid}-t">{escape(text(frame.course, frame.words))}</title>'
        f'<defs><pattern id="{uid}-h" width="7" height="7" patternUnits="userSpaceOnUse" '
        f'patternTransform="rotate(45)"><line class="hatch" x1="0" y1="0" x2="0" y2="7"/></pattern></defs>'
    )


def _axis(frame: Frame) -> Iterator[str]:
    found = [(day, words) for day, words in ticks(frame.x.start, frame.end, frame.words)]
    within = [(day, words) for day, words in found if frame.x(day) <= frame.width - 3]
    for day, _ in within:
        x = number(frame.x(day))
        yield f'<line class="grid" x1="{x}%" x2="{x}%" y1="{frame.top}" y2="{frame.axis_y}"/>'
    yield from _tick_words(frame, [(frame.x(day), words) for day, words in within])
    yield f'<line class="axis" x1="0" x2="{number(frame.width)}%" y1="{frame.axis_y}" y2="{frame.axis_y}"/>'


def _tick_words(frame: Frame, within: list[tuple[float, str]]) -> Iterator[str]:
    """Words of the axis where there is room for them; some only from the wide width on."""
    if frame.x.start > frame.course.start:
        yield f'<text class="tick since" x="0" y="{frame.axis_y + 14}">{escape(_since(frame))}</text>'
    always, wide = _with_room(frame, within, MIN_WIDTH), _with_room(frame, within, WIDE)
    for tick in within:
        if tick in always or tick in wide:
            kind = "tick" if tick in always else "tick w"
            x, words = number(tick[0]), escape(tick[1])
            yield f'<text class="{kind}" x="{x}%" dx="4" y="{frame.axis_y + 14}">{words}</text>'


def _since(frame: Frame) -> str:
    return frame.words.since.format(year=frame.course.start.year)


def _with_room(frame: Frame, within: list[tuple[float, str]], width: int) -> list[tuple[float, str]]:
    """The ticks whose words touch nothing at this width; those with a year are placed first."""
    taken = [] if frame.course.closed else [_today_box(frame, width)[:2]]
    if frame.x.start > frame.course.start:
        taken.append((0, len(_since(frame)) * CHAR + 8))
    shown = _with_room(frame, within, MIN_WIDTH) if width > MIN_WIDTH else []
    taken += [_extent(tick, width) for tick in shown]
    for tick in sorted(within, key=lambda tick: (not tick[1][-1].isdigit(), tick[0])):
        left, right = _extent(tick, width)
        if right <= width and all(right + 6 < start or end + 6 < left for start, end in taken):
            taken.append((left, right))
            shown.append(tick)
    return shown


def _extent(tick: tuple[float, str], width: int) -> tuple[float, float]:
    left = tick[0] / 100 * width + 4
    return left, left + len(tick[1]) * CHAR


def _closing_post(frame: Frame) -> Iterator[str]:
    closed = frame.course.closed
    if closed:
        y = frame.y(frame.course.phase_on(closed)) - 4
        yield (
            f'<svg x="{number(frame.x(closed))}%" y="{y}" overflow="visible">'
            f'<rect class="end" x="-3" width="5" height="{BAND + 8}" rx="2"/></svg>'
        )


def _marks(frame: Frame) -> Iterator[str]:
    for placed in frame.placed:
        y = frame.y(frame.course.phase_on(placed.mark.on))
        yield _sign(frame, placed, y)
        if placed.lane is not None:
            yield from _mark_words(frame, placed, y - (15 if placed.is_event else 4))


def _sign(frame: Frame, placed: Placed, y: int) -> str:
    x = number(frame.x(placed.mark.on))
    if placed.is_event:
        return f'<svg x="{x}%" y="{y}" overflow="visible"><path class="curl" d="{CURL}"/></svg>'
    if placed.lane is None:
        return f'<circle class="mark small" cx="{x}%" cy="{y}" r="3"/>'
    return f'<circle class="mark" cx="{x}%" cy="{y}" r="4"/>'


def _mark_words(frame: Frame, placed: Placed, tip: int) -> Iterator[str]:
    x, dx = number(frame.x(placed.mark.on)), 7 if placed.anchor == "start" else -7
    y = frame.top - ((placed.lane or 0) + 1) * LANE - 2
    yield f'<line class="lead" x1="{x}%" x2="{x}%" y1="{y + 2}" y2="{tip}"/>'
    at = f'x="{x}%" dx="{dx}" text-anchor="{placed.anchor}"'
    day = f'<tspan class="d">{escape(placed.date_words)}</tspan>'
    yield f'<text class="mk" {at} y="{y + 12}">{day} {escape(placed.title)}</text>'
    if placed.reason:
        yield f'<text class="why" {at} y="{y + 26}">{escape(placed.reason)}</text>'


def _levels(frame: Frame) -> Iterator[str]:
    """Level of care: a thin bar with dates of its own, darker where care is more intensive."""
    for level in frame.course.levels:
        left, right = frame.x(level.start), frame.x(level.end or frame.course.last_day)
        if right <= left:
            continue
        words = next((each for each in (level.name, level.short) if len(each) * CHAR + 8 < px(right - left)), "")
        label = f'<text class="lvltext" x="2" y="18">{escape(words)}</text>' if words else ""
        yield (
            f'<svg x="{number(left)}%" y="{frame.level_y}" width="{number(right - left)}%" height="30">'
            f'<rect class="lvl l{level.rank}" x="1" width="99%" height="5" rx="2"/>{label}</svg>'
        )


def _today_box(frame: Frame, width: int = MIN_WIDTH) -> tuple[float, float, str]:
    """Left and right edge in px at a width, and the words; the box never leaves the picture."""
    course = frame.course
    words = frame.words.today.format(n=(course.today - course.start).days + 1)
    wide = len(words) * 6.5 + 14
    # Chosen at the least width and kept: what is written is an offset from the line of today.
    offset = min(max(frame.today_px - wide / 2, 0), MIN_WIDTH - wide) - frame.today_px
    left = frame.x(course.today) / 100 * width + offset
    return left, left + wide, words


def _today(frame: Frame) -> Iterator[str]:
    if frame.course.closed:
        return
    left, right, words = _today_box(frame)
    x, wide = number(frame.x(frame.course.today)), right - left
    start = left - frame.today_px
    top = frame.y(frame.course.phase_on(frame.course.today)) - 6
    yield (
        f'<line class="today" x1="{x}%" x2="{x}%" y1="{top}" y2="{frame.axis_y}"/>'
        f'<svg x="{x}%" y="{frame.axis_y}" overflow="visible">'
        f'<rect class="todaybox" x="{number(start)}" y="1" width="{number(wide)}" height="20" rx="4"/>'
        f'<text class="todaytext" x="{number(start + wide / 2)}" y="15" text-anchor="middle">'
        f"{escape(words)}</text></svg>"
    )
