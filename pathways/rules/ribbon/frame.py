"""The measures of one full ribbon: where lanes and bands lie, worked out once before anything is drawn."""

from dataclasses import dataclass
from datetime import date
from html import escape

from pathways.rules.ribbon.course import Course, Mark, Stay
from pathways.rules.ribbon.labels import Placed, place
from pathways.rules.ribbon.scale import MIN_WIDTH, Scale, horizon, origin, px
from pathways.rules.ribbon.words import Words

BAND = 30  # px, height of a phase
RISE = 9  # px each phase stands higher than the one before
RISES = 45  # px all rises take together at most
LANE = 35  # px of a label lane: two lines of words
STUB = 13  # percent kept at the end for the next phase, not to scale
LEAST_LOOP = 4.2  # percent a step back takes at least, so that it can be seen


@dataclass(frozen=True, slots=True)
class Loop:
    """Steps back that follow one another without a stay between: one curve. `home`: the phase whose place is kept."""

    stays: tuple[Stay, ...]
    home: int
    is_live: bool
    left: float
    width: float

    @property
    def right(self) -> float:
        return self.left + self.width


@dataclass(frozen=True, slots=True)
class Frame:
    course: Course
    words: Words
    uid: str
    x: Scale
    end: date
    placed: tuple[Placed, ...]
    loops: tuple[Loop, ...]
    top: int
    rise: int

    @property
    def width(self) -> float:
        """Percent up to which the picture is to scale."""
        return self.x.width

    @property
    def base(self) -> int:
        """Top of the lowest phase."""
        return self.top + (len(self.course.phases) - 1) * self.rise

    def y(self, phase: int) -> int:
        """Top of a phase."""
        return self.base - phase * self.rise

    @property
    def loop_y(self) -> int:
        return self.base + BAND + 30

    @property
    def level_y(self) -> int:
        return self.base + BAND + (68 if self.loops else 18)

    @property
    def axis_y(self) -> int:
        return self.level_y + (34 if self.course.levels else 4)

    @property
    def height(self) -> int:
        return self.axis_y + 26

    @property
    def today_px(self) -> float:
        return self.x.px(self.course.last_day)

    def name(self, phase: int) -> str:
        return self.course.phases[phase].name

    def short(self, phase: int) -> str:
        return self.course.phases[phase].short

    def length(self, stay: Stay) -> str:
        return self.words.length((self.course.end_of(stay) - stay.start).days)

    def shows(self, stay: Stay) -> bool:
        """Whether some of the stay lies in the stretch of time shown."""
        last = self.course.end_of(stay)
        return last > self.x.start or stay is self.course.current


def measured(course: Course, uid: str, words: Words) -> Frame:
    """The frame of a course. `uid` makes the ids of the picture unique on its page."""
    scale = Scale(origin(course), horizon(course), _width(course))
    placed = _placed(course, scale, words)
    lanes = max((mark.lane for mark in placed if mark.lane is not None), default=0) + 1
    steps = max(len(course.phases) - 1, 1)
    return Frame(
        course=course,
        words=words,
        uid=escape(uid, quote=True),
        x=scale,
        end=scale.end,
        placed=placed,
        loops=loops(course, scale, LEAST_LOOP),
        top=lanes * LANE + 6,
        rise=min(RISE, RISES // steps),
    )


def _width(course: Course) -> float:
    if course.next_phase is not None:
        return 100 - STUB
    return 96 if course.gate and not course.closed and not course.on_hold else 99.4


def _placed(course: Course, scale: Scale, words: Words) -> tuple[Placed, ...]:
    events = {id(event) for event in course.events}
    marks: list[Mark] = sorted((*course.marks, *course.events), key=lambda mark: mark.on)
    shown = [mark for mark in marks if scale.start <= mark.on <= scale.end]
    right = MIN_WIDTH - (px(STUB / 3) if course.next_phase is not None else 0)
    found = [Placed(mark, id(mark) in events, scale.px(mark.on), words.on(mark.on)) for mark in shown]
    return place(found, right)


def loops(course: Course, scale: Scale, least: float) -> tuple[Loop, ...]:
    """The steps back of a course, each at least `least` percent wide and never beyond the edges."""
    runs: list[list[int]] = []
    for index in range(len(course.stays)):
        if course.is_back(index):
            if runs and runs[-1][-1] == index - 1:
                runs[-1].append(index)
            else:
                runs.append([index])
    drawn = [_loop(course, run, scale, least) for run in runs]
    return tuple(loop for loop in drawn if course.end_of(loop.stays[-1]) > scale.start or loop.is_live)


def _loop(course: Course, run: list[int], scale: Scale, least: float) -> Loop:
    stays = tuple(course.stays[index] for index in run)
    is_live = course.lives(stays[-1])
    left, right = scale(stays[0].start), scale(course.end_of(stays[-1]))
    missing = max(least - (right - left), 0)
    start = max(left - (missing if is_live else missing / 2), 0)
    width = min(max(right - left, least), scale.width - start)
    return Loop(stays, course.home(run[0]), is_live, round(start, 2), round(width, 2))
