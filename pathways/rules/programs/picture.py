"""A program as it is drawn: phases that rise, doors with the number of their requirements, ways back as curves.

Only what the drawing needs: which door stands before which phase, and where each way back leaves and arrives, in
percent of the width it spans.
"""

from dataclasses import dataclass, replace

from pathways.rules.gates import Gate
from pathways.rules.moves import MoveKind
from pathways.rules.programs.document import PhaseDef, ProgramDocument, TransitionRule

GAP = 0.21  # width of a door, measured in steps, at the usual page width
APART = 1.6  # percent between the end of one way and the beginning of the next at the same step
LANE = 26  # pixels from one lane of ways to the next
FIRST_LANE = 30


@dataclass(frozen=True, slots=True)
class Door:
    """The gate on the way on. `number` counts the doors that are gates, from 1; 0 where nothing is asked."""

    gate: Gate | None
    number: int
    rise: int

    @property
    def count(self) -> int:
        """How many requirements the door has."""
        return len(self.gate.criteria) if self.gate else 0


@dataclass(frozen=True, slots=True)
class Step:
    """A phase with the door before it. `rise` is how many steps lie above it."""

    phase: PhaseDef
    door: Door
    rise: int


@dataclass(frozen=True, slots=True)
class WayBack:
    """A step back. `first` and `last` count the steps it spans, from 0; the rest is where it is drawn."""

    rule: TransitionRule
    from_phase: PhaseDef
    to_phase: PhaseDef
    first: int
    last: int
    lane: int
    arrives: float
    leaves: float

    @property
    def depth(self) -> int:
        """How far below the steps it runs, in pixels."""
        return FIRST_LANE + LANE * self.lane


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole way: steps in order, the door to completion, the ways back."""

    steps: tuple[Step, ...]
    exit: Door
    ways_back: tuple[WayBack, ...]

    @property
    def doors(self) -> tuple[Door, ...]:
        """Every door, in the order of the way."""
        return (*(step.door for step in self.steps), self.exit)

    @property
    def height(self) -> int:
        """Room the ways back need beneath the steps, in pixels."""
        return max((way.depth for way in self.ways_back), default=0) + 22


def picture(document: ProgramDocument) -> Picture:
    """The drawing of a program, always the same for the same document.

    Of a draft that makes no sense yet, what can be drawn: a way to a phase that is not there is left out.
    """
    document = replace(document, transitions=_drawable(document))
    phases = document.phases
    gates = [_gate_before(document, place) for place in range(len(phases))]
    gates.append(_gate_to_completion(document))
    doors = _doors(gates)
    steps = tuple(Step(phase, doors[place], len(phases) - 1 - place) for place, phase in enumerate(phases))
    return Picture(steps, doors[-1], _ways_back(document))


def _drawable(document: ProgramDocument) -> tuple[TransitionRule, ...]:
    places = {phase.key: place for place, phase in reversed(list(enumerate(document.phases)))}
    known = [each for each in document.transitions if {each.from_phase, each.to_phase} - {None} <= places.keys()]
    back = [each for each in known if each.kind is MoveKind.STEP_BACK]
    wrong = [each for each in back if places.get(each.from_phase or "", 0) <= places.get(each.to_phase or "", 0)]
    return tuple(each for each in known if each not in wrong)


def _gate_before(document: ProgramDocument, place: int) -> Gate | None:
    phase = document.phases[place]
    before = document.phases[place - 1].key if place else None
    kind = MoveKind.ADVANCE if place else MoveKind.ADMIT
    for rule in document.transitions:
        if rule.kind is kind and rule.to_phase == phase.key and rule.from_phase == before:
            return document.gate_for(before, phase.key, rule.gate)
    return None


def _gate_to_completion(document: ProgramDocument) -> Gate | None:
    last = document.phases[-1].key if document.phases else ""
    for rule in document.transitions:
        if rule.kind is MoveKind.DISCHARGE and rule.gate and rule.from_phase in (last, None):
            return document.gate_for(last, None, rule.gate)
    return None


def _doors(gates: list[Gate | None]) -> list[Door]:
    doors, number = [], 0
    for place, gate in enumerate(gates):
        number += gate is not None
        rise = max(len(gates) - 1 - max(place, 1), 0)
        doors.append(Door(gate, number if gate else 0, rise))
    return doors


def _ways_back(document: ProgramDocument) -> tuple[WayBack, ...]:
    """Short ways nearest to the steps; a longer one runs beneath those it spans."""
    rules = [rule for rule in document.transitions if rule.kind is MoveKind.STEP_BACK]
    drawn = [_way(document, rule) for rule in rules if rule.from_phase and rule.to_phase]
    return tuple(sorted(drawn, key=lambda way: (way.lane, way.first)))


def _way(document: ProgramDocument, rule: TransitionRule) -> WayBack:
    leaving, arriving = document.phase(rule.from_phase or ""), document.phase(rule.to_phase or "")
    first, last = arriving.ordinal - 1, leaving.ordinal - 1
    lane, spanned = last - first - 1, last - first + 1
    middle = 50 / (spanned + GAP * (spanned - 1))
    inset = APART * (1 - 2 * lane)
    return WayBack(rule, leaving, arriving, first, last, lane, round(middle + inset, 1), round(100 - middle - inset, 1))
