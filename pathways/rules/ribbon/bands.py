"""The parts of the picture that lie on the path: phases, steps back, what is left of the current phase, the gate."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from pathways.rules.ribbon.course import Stay
from pathways.rules.ribbon.frame import BAND, Frame, Loop
from pathways.rules.ribbon.scale import BOLD_CHAR, CHAR, MIN_WIDTH, WIDE, number, percent, px

LEAST_BAND = 0.8  # percent
DOOR = 38  # px, width of the gate
BESIDE_TODAY = 26  # px from the line of today to the middle of the gate


def drawn_loops(frame: Frame) -> Iterator[str]:
    """Steps back, beneath the bands: the bands cover their ends."""
    for loop in frame.loops:
        yield from _loop(frame, loop)
    yield from _loop_labels(frame)


def _loop(frame: Frame, loop: Loop) -> Iterator[str]:
    home, height = frame.y(loop.home), frame.height
    start, end = frame.x(loop.stays[0].start), frame.x(frame.course.end_of(loop.stays[-1]))
    live, size = " live" if loop.is_live else "", number(end - start)
    path = _curve(home + BAND // 2, frame.loop_y, loop.is_live)
    yield (
        f'<rect class="rail" x="{number(start)}%" width="{size}%" y="{home + BAND // 2 - 2}" height="4"/>'
        f'<svg x="{number(loop.left)}%" y="0" width="{number(loop.width)}%" height="{height}" '
        f'viewBox="0 0 100 {height}" preserveAspectRatio="none" overflow="visible">'
        f'<path class="loop-edge{live}" d="{path}"/><path class="loop{live}" d="{path}"/></svg>'
    )


def _curve(home: int, lane: int, is_live: bool) -> str:
    back = f"L 100 {lane}" if is_live else f"L 74 {lane} C 98 {lane} 84 {home} 106 {home}"
    return f"M-6 {home} C 16 {home} 2 {lane} 26 {lane} {back}"


@dataclass(frozen=True, slots=True)
class _Room:
    """Words under or beside the lower lane: `row` 0 beside the curve, 1 beneath it; px at the least width."""

    row: int
    left: float
    right: float

    def touches(self, other: "_Room") -> bool:
        return self.row == other.row and self.left < other.right + 6 and other.left < self.right + 6


def _loop_labels(frame: Frame) -> Iterator[str]:
    taken = [_Room(0, px(loop.left) - 10, px(loop.right) + 10) for loop in frame.loops]
    if not frame.course.closed:
        taken.append(_Room(1, frame.today_px - 2, frame.today_px + 2))
    for loop in frame.loops:
        for words, anchor, at, row in _loop_words(frame, loop):
            room = _room(words, anchor, at, row)
            mine = _Room(0, px(loop.left) - 10, px(loop.right) + 10)
            others = [each for each in taken if each != mine or row == 1]
            if room.left >= 0 and room.right <= MIN_WIDTH and not any(room.touches(each) for each in others):
                taken.append(room)
                yield _loop_text(frame, words, anchor, at, row)
                break


def _loop_words(frame: Frame, loop: Loop) -> Iterator[tuple[str, str, float, int]]:
    """What may be written, best first: words, anchor, percent, row."""
    names = ", ".join(dict.fromkeys(frame.short(stay.phase) for stay in loop.stays))
    days = sum((frame.course.end_of(stay) - stay.start).days for stay in loop.stays)
    length = frame.words.length(days)
    again = frame.words.again.format(phase=names)
    for words in (f"{again} · {length}", f"{names} · {length}", length):
        if loop.is_live:
            yield words, "end", loop.left - percent(12), 0
            yield words, "end", loop.right - percent(8), 1
        else:
            yield words, "middle", loop.left + loop.width / 2, 1
            yield words, "end", loop.right, 1
            yield words, "start", loop.left, 1


def _room(words: str, anchor: str, at: float, row: int) -> _Room:
    wide = len(words) * (CHAR + 0.3)
    left = px(at) - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
    return _Room(row, left, left + wide)


def _loop_text(frame: Frame, words: str, anchor: str, at: float, row: int) -> str:
    y = frame.loop_y + (25 if row else 4)
    return f'<text class="looplab" x="{number(at)}%" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def drawn_stays(frame: Frame) -> Iterator[str]:
    """The bands of the path with their names, and the parts a hold lightens."""
    for index, stay in enumerate(frame.course.stays):
        if not frame.course.is_back(index) and frame.shows(stay):
            yield from _band(frame, stay)


def _band(frame: Frame, stay: Stay) -> Iterator[str]:
    left, right = frame.x(stay.start), frame.x(frame.course.end_of(stay))
    y = frame.y(stay.phase)
    kind = "now" if frame.course.lives(stay) else "past"
    width = min(max(right - left, LEAST_BAND), 100 - left)
    yield (
        f'<svg x="{number(left)}%" y="{y}" width="{number(width)}%" height="{BAND}">'
        f'<rect class="band {kind}" width="100%" height="100%" rx="3"/></svg>'
    )
    holds = _holds(frame, left, right)
    for start, end in holds:
        size = number(min(max(end - start, 0.6), 100 - start))
        yield f'<rect class="hold" x="{number(start)}%" y="{y}" width="{size}%" height="{BAND}"/>'
    yield from _band_words(frame, stay, kind, _free(left, right, holds))


def _holds(frame: Frame, left: float, right: float) -> list[tuple[float, float]]:
    found = []
    for hold in frame.course.holds:
        start = max(frame.x(hold.start), left)
        end = min(frame.x(hold.end or frame.course.last_day), right)
        if start <= end and left < right:
            found.append((start, end))
    return found


def _free(left: float, right: float, holds: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """What is left of a band between its holds, in percent."""
    parts, start = [], left
    for hold_start, hold_end in sorted(holds):
        parts.append((start, hold_start))
        start = max(start, hold_end)
    return [*parts, (start, right)]


def _band_words(frame: Frame, stay: Stay, kind: str, free: list[tuple[float, float]]) -> Iterator[str]:
    narrow = _fitting(frame, stay, free, MIN_WIDTH)
    wide = _fitting(frame, stay, free, WIDE)
    pairs = [(narrow, "")] if narrow == wide else [(narrow, " n"), (wide, " w")]
    y = frame.y(stay.phase) + 20
    for (words, at), width_class in pairs:
        if words and not (kind == "now" and len(words) < 3 and _has_time_left(frame)):
            yield f'<text class="lab {kind}{width_class}" x="{number(at)}%" dx="9" y="{y}">{escape(words)}</text>'


def _fitting(frame: Frame, stay: Stay, free: list[tuple[float, float]], width: int) -> tuple[str, float]:
    """The longest form of the name that fits into one of the free parts at this width, and where that part starts."""
    for words in _forms(frame, stay):
        for left, right in free:
            if len(words) * BOLD_CHAR + 16 < (right - left) / 100 * width:
                return words, left
    return "", 0.0


def _forms(frame: Frame, stay: Stay) -> tuple[str, ...]:
    length, short = frame.length(stay), frame.short(stay.phase)
    return f"{frame.name(stay.phase)} · {length}", f"{short} · {length}", short, f"{stay.phase + 1}"


def _has_time_left(frame: Frame) -> bool:
    course = frame.course
    return course.due is not None and course.due > course.today


def drawn_plan(frame: Frame) -> Iterator[str]:
    """What is left of the current phase (or what went beyond its typical length), the next phase, and the gate."""
    course = frame.course
    if course.gate is None or course.closed or course.on_hold:
        return
    y = frame.y(course.current.phase)
    today, due = frame.x(course.today), frame.x(course.due or course.today)
    over = due <= today
    yield _hatched(frame, min(today, due), max(today, due), y, over)
    middle = frame.width if due > frame.width - 4 and not over else max(due, today)
    shift = max(frame.today_px + BESIDE_TODAY - px(middle), 0)
    if not over:
        yield from _plan_words(frame, px(middle) + shift - DOOR / 2, y)
    if course.next_phase is not None:
        yield from _next(frame, course.next_phase, middle, y)
    yield _door(frame, middle, shift, y)


def _hatched(frame: Frame, left: float, right: float, y: int, over: bool) -> str:
    return (
        f'<rect class="plan{" over" if over else ""}" x="{number(left)}%" y="{y + 0.75}" '
        f'width="{number(right - left)}%" height="{BAND - 1.5}" fill="url(#{frame.uid}-h)"/>'
    )


def _plan_words(frame: Frame, right: float, y: int) -> Iterator[str]:
    """The name of the current phase on the hatching, where the phase itself is too short to carry it."""
    stay = frame.course.current
    is_back = frame.course.is_back(len(frame.course.stays) - 1)
    room = px(frame.x(frame.course.today) - frame.x(stay.start))
    if is_back or len(frame.short(stay.phase)) * BOLD_CHAR + 16 < room:
        return
    for words in _forms(frame, stay)[1:3]:
        if frame.today_px + 10 + len(words) * BOLD_CHAR + 6 < right:
            at = number(frame.x(frame.course.today))
            yield f'<text class="lab plan" x="{at}%" dx="10" y="{y + 20}">{escape(words)}</text>'
            return


def _next(frame: Frame, phase: int, middle: float, y: int) -> Iterator[str]:
    left, top = frame.width + 2.6, frame.y(phase)
    if middle < frame.width - 1:
        line_y = y + BAND // 2
        yield f'<line class="stubline" x1="{number(middle)}%" x2="{number(left)}%" y1="{line_y}" y2="{line_y}"/>'
    yield (
        f'<svg x="{number(left)}%" y="{top}" width="{number(100 - left)}%" height="{BAND}">'
        f'<rect class="band next" x=".75" y=".75" width="99%" height="{BAND - 1.5}" rx="3"/>'
        f"{_next_words(frame, phase, 100 - left)}</svg>"
    )
    typical = frame.course.phases[phase].typical
    if typical and MIN_WIDTH - len(typical) * CHAR > frame.today_px + 6:
        yield f'<text class="tick" x="100%" text-anchor="end" y="{y + BAND + 24}">{escape(typical)}</text>'


def _next_words(frame: Frame, phase: int, room: float) -> str:
    short = frame.short(phase)
    fits = [len(short) * CHAR + 14 < room / 100 * width for width in (MIN_WIDTH, WIDE)]
    narrow, wide = (short if fit else f"{phase + 1}" for fit in fits)
    pairs = [(narrow, "")] if narrow == wide else [(narrow, " n"), (wide, " w")]
    return "".join(f'<text class="lab next{kind}" x="9" y="20">{escape(words)}</text>' for words, kind in pairs)


def _door(frame: Frame, middle: float, shift: float, y: int) -> str:
    gate = frame.course.gate
    if gate is None:
        raise ValueError("no gate to draw")
    word = frame.words.finish if gate.to is None else frame.words.gate
    return (
        f'<svg x="{number(middle)}%" y="{y - 7}" overflow="visible">'
        f'<rect class="door" x="{number(shift - DOOR / 2)}" y="0" width="{DOOR}" height="{BAND + 14}" rx="4"/>'
        f'<text class="doortext" x="{number(shift)}" y="20" text-anchor="middle">{gate.met}/{gate.of}</text>'
        f'<text class="doorsub" x="{number(shift)}" y="35" text-anchor="middle">{escape(word)}</text></svg>'
    )
