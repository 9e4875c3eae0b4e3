"""The small ribbon of list rows and narrow screens: 22 px high, no words; the words stand beside it."""

from collections.abc import Iterator
from html import escape

from pathways.rules.ribbon.course import Course
from pathways.rules.ribbon.frame import Loop, loops
from pathways.rules.ribbon.scale import Scale, horizon, number, origin
from pathways.rules.ribbon.sentences import text
from pathways.rules.ribbon.words import ENGLISH, Words

HEIGHT = 22
WIDTH = 93  # percent to scale; the rest is the door's
LOWEST = 9  # px, top of the first phase
RISE = 3  # px a phase stands higher than the one before
LEAST_LOOP = 7  # percent
LEAST_BAND = 1.2  # percent


def row(course: Course, uid: str, words: Words = ENGLISH) -> str:
    """The SVG of a course in small. `uid`: unique on the page, letters and digits."""
    x = Scale(origin(course), horizon(course), WIDTH)
    name = escape(uid, quote=True)
    parts = [
        f'<svg class="sw-ribbon-s" width="100%" height="{HEIGHT}" role="img" aria-labelledby="{name}-t" '
        f'focusable="false"><title id="{name}-t">{escape(text(course, words))}</title>',
        *_loops(course, x),
        *_bands(course, x),
        *_holds(course, x),
        *_events(course, x),
        *_ahead(course, x),
        "</svg>",
    ]
    return "".join(parts)


def _y(course: Course, phase: int) -> float:
    steps = max(len(course.phases) - 1, 1)
    return round(LOWEST - phase * min(RISE, LOWEST / steps), 2)


def _loops(course: Course, x: Scale) -> Iterator[str]:
    for loop in loops(course, x, LEAST_LOOP):
        y = _y(course, loop.home)
        left, right = x(loop.stays[0].start), x(course.end_of(loop.stays[-1]))
        yield (
            f'<rect class="rail" x="{number(left)}%" width="{number(right - left)}%" y="{number(y + 2)}" height="2"/>'
            f'<svg x="{number(loop.left)}%" width="{number(loop.width)}%" height="{HEIGHT}" '
            f'viewBox="0 0 100 {HEIGHT}" preserveAspectRatio="none" overflow="visible">'
            f'<path class="sloop" d="{_curve(loop, y + 4)}"/></svg>'
        )


def _curve(loop: Loop, home: float) -> str:
    y = number(home)
    back = "L 100 18" if loop.is_live else f"L 74 18 C 92 18 86 {y} 100 {y}"
    return f"M0 {y} C 14 {y} 8 18 26 18 {back}"


def _bands(course: Course, x: Scale) -> Iterator[str]:
    for index, stay in enumerate(course.stays):
        last = course.end_of(stay)
        if course.is_back(index) or (last <= x.start and stay is not course.current):
            continue
        left = x(stay.start)
        width = min(max(x(last) - left, LEAST_BAND), 100 - left)
        kind = "now" if course.lives(stay) else "past"
        yield (
            f'<rect class="band {kind}" x="{number(left)}%" width="{number(width)}%" '
            f'y="{number(_y(course, stay.phase))}" height="7" rx="1.5"/>'
        )


def _holds(course: Course, x: Scale) -> Iterator[str]:
    for hold in course.holds:
        left, right = x(hold.start), x(hold.end or course.last_day)
        if right > left:
            y = number(_y(course, course.phase_on(hold.start)))
            yield f'<rect class="hold" x="{number(left)}%" width="{number(right - left)}%" y="{y}" height="7"/>'


def _events(course: Course, x: Scale) -> Iterator[str]:
    for event in course.events:
        if x.start <= event.on <= x.end:
            y = number(_y(course, course.phase_on(event.on)) - 2)
            yield f'<circle class="sev" cx="{number(x(event.on))}%" cy="{y}" r="2.5"/>'


def _ahead(course: Course, x: Scale) -> Iterator[str]:
    """The expected rest of the phase, the line of today, and the door of the next gate."""
    if course.closed:
        return
    today, due = x(course.today), x(course.due or course.today)
    y = _y(course, course.current.phase)
    if due > today and not course.on_hold:
        width = number(due - today)
        yield (f'<rect class="splan" x="{number(today)}%" width="{width}%" y="{number(y + 0.5)}" height="6" rx="1.5"/>')
    yield f'<line class="today" x1="{number(today)}%" x2="{number(today)}%" y1="0" y2="16"/>'
    if course.gate and not course.on_hold:
        is_open = " open" if course.gate.met == course.gate.of else ""
        yield (
            f'<svg x="{number(min(max(today, due), WIDTH))}%" overflow="visible">'
            f'<rect class="sdoor{is_open}" x="1" y="{number(y - 3)}" width="7" height="13" rx="1.5"/></svg>'
        )
