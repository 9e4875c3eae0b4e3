"""The facts a ribbon is drawn from, and the simple questions asked of them."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase of the program, in the program's order. `typical`: its usual length in words ("about 16 weeks")."""

    name: str
    short: str
    typical: str = ""


@dataclass(frozen=True, slots=True)
class Stay:
    """Days spent in one phase (an index into the phases). `end` is None while it lasts; `back`: a step back."""

    phase: int
    start: date
    end: date | None = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on a day: a transition, or (among the events) a return to use."""

    on: date
    title: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A pause in care. `end` is None while it lasts."""

    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Level:
    """A level of care between two dates. `rank` 1 (least) to 4 (most intensive)."""

    start: date
    end: date | None
    rank: int
    short: str
    name: str


@dataclass(frozen=True, slots=True)
class Gate:
    """The next gate. `to`: the phase it leads to, None for completion. `line`: the one fact that presses."""

    to: int | None
    met: int
    of: int
    line: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """One enrollment as the ribbon needs it. Lists are in order of date; reversed transitions are left out.

    due: expected end of the current phase · closed: the day care ended · readmitted: days on which the person came
    back into care. Raises ValueError where the facts contradict each other.
    """

    start: date
    today: date
    phases: tuple[Phase, ...]
    stays: tuple[Stay, ...]
    marks: tuple[Mark, ...] = ()
    events: tuple[Mark, ...] = ()
    holds: tuple[Hold, ...] = ()
    levels: tuple[Level, ...] = ()
    gate: Gate | None = None
    due: date | None = None
    closed: date | None = None
    readmitted: tuple[date, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.phases or not self.stays:
            raise ValueError("a course has at least one phase and one stay")
        if self.start > self.today:
            raise ValueError("a course cannot start after today")
        if any(not 0 <= stay.phase < len(self.phases) for stay in self.stays):
            raise ValueError("a stay names a phase that is not in the program")
        if any(stay.end is None for stay in self.stays[:-1]):
            raise ValueError("only the last stay may be without an end")
        if any(not 1 <= level.rank <= 4 for level in self.levels):
            raise ValueError("a level of care has a rank from 1 to 4")
        if self.gate and self.gate.to is not None and not 0 <= self.gate.to < len(self.phases):
            raise ValueError("the gate leads to a phase that is not in the program")

    @property
    def last_day(self) -> date:
        """The day up to which there is history: today, or the day care ended."""
        return self.closed or self.today

    @property
    def current(self) -> Stay:
        return self.stays[-1]

    @property
    def on_hold(self) -> bool:
        return self.closed is None and any(hold.end is None for hold in self.holds)

    def end_of(self, stay: Stay) -> date:
        """The last day of the stay that is known."""
        return stay.end or self.last_day

    def lives(self, stay: Stay) -> bool:
        """Whether the person is in this stay today."""
        return stay is self.current and stay.end is None and self.closed is None

    def is_back(self, index: int) -> bool:
        """Whether the stay is drawn in the lower lane: a step back from somewhere, so never the first stay."""
        return index > 0 and self.stays[index].back

    def home(self, index: int) -> int:
        """The phase whose place is kept during a step back: that of the last stay on the path itself."""
        on_path = [stay.phase for i, stay in enumerate(self.stays[: index + 1]) if not self.is_back(i)]
        return on_path[-1]

    def phase_on(self, day: date) -> int:
        """The phase on whose band a mark of this day stands."""
        begun = [stay.phase for i, stay in enumerate(self.stays) if stay.start <= day and not self.is_back(i)]
        return begun[-1] if begun else self.stays[0].phase

    @property
    def next_phase(self) -> int | None:
        """The phase after the next gate; None where none is expected to follow."""
        if self.closed or self.on_hold or self.gate is None:
            return None
        return self.gate.to
