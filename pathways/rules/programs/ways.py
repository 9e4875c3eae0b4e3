"""The ways of a program: whether every phase can be reached and left, and whether a person stands on every round."""

from collections.abc import Iterator, Mapping

from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from pathways.rules.documents import Problem
from pathways.rules.moves import TO_A_PHASE, WITHOUT_RULE, MoveKind
from pathways.rules.programs.document import ProgramDocument, TransitionRule

# Kinds of move that leave a phase. A phase without one of them would hold a patient for ever.
WAYS_OUT = frozenset({MoveKind.ADVANCE, MoveKind.DISCHARGE})
BETWEEN_PHASES = frozenset({MoveKind.ADVANCE, MoveKind.STEP_BACK})
OUT = frozenset({MoveKind.DISCHARGE, MoveKind.TRANSFER})
# Who is no person: a program's token. Jobs move nobody by a rule of the document.
MACHINES = frozenset({Role.API_CLIENT})

# Where somebody stands: in a phase, paused there, or out of the program.
Place = tuple[str, str]
OUTSIDE: Place = ("out", "")


def transition_problems(document: ProgramDocument) -> Iterator[Problem]:
    """Every transition names phases that exist, goes the way its kind says, and asks gates that are there."""
    for rule in document.transitions:
        if rule.kind in WITHOUT_RULE:
            yield _problem(f"{rule.path}.kind", "needs_no_rule", kind=rule.kind)
        for name, phase in (("from", rule.from_phase), ("to", rule.to_phase)):
            if phase is not None and document.find_phase(phase) is None:
                yield _problem(f"{rule.path}.{name}", "no_such_phase", phase=phase)
        if rule.kind in TO_A_PHASE and rule.to_phase is None:
            yield _problem(f"{rule.path}.to", "missing", key="to")
        if rule.kind in BETWEEN_PHASES and rule.from_phase is None:
            yield _problem(f"{rule.path}.from", "missing", key="from")
        yield from _direction_problems(document, rule)
        yield from _gate_problems(document, rule)


def way_problems(document: ProgramDocument) -> Iterator[Problem]:
    """Every phase can be reached and has a way out, a hold can be ended, and a person stands on every ring."""
    reached = _reached(document)
    for phase in document.phases:
        if phase.key not in reached:
            yield _problem(phase.path, "unreachable", phase=phase.title)
        if not any(r.kind in WAYS_OUT and r.from_phase in (None, phase.key) for r in document.transitions):
            yield _problem(phase.path, "no_way_out", phase=phase.title)
    if not any(rule.kind is MoveKind.ADMIT for rule in document.transitions):
        yield _problem("transitions", "no_admission")
    for rule in document.transitions:
        resumes = (r for r in document.transitions if r.kind is MoveKind.RESUME)
        if rule.kind is MoveKind.HOLD and not any(r.from_phase in (None, rule.from_phase) for r in resumes):
            yield _problem(rule.path, "hold_without_end")
    yield from _ring_problems(document)


def _problem(path: str, code: str, /, **params: object) -> Problem:
    return Problem(path, sentence(f"program.problem.{code}", **params))


def _direction_problems(document: ProgramDocument, rule: TransitionRule) -> Iterator[Problem]:
    """On goes forward, back goes back; admission starts nowhere."""
    if rule.kind in (MoveKind.ADMIT, MoveKind.READMIT) and rule.from_phase is not None:
        yield _problem(f"{rule.path}.from", "admit_from_nowhere")
    here = document.find_phase(rule.from_phase or "")
    there = document.find_phase(rule.to_phase or "")
    if here is None or there is None or rule.kind not in BETWEEN_PHASES:
        return
    forward = there.ordinal > here.ordinal
    if here is there or forward is not (rule.kind is MoveKind.ADVANCE):
        yield _problem(f"{rule.path}.to", "wrong_direction", kind=rule.kind, here=here.title, there=there.title)


def _gate_problems(document: ProgramDocument, rule: TransitionRule) -> Iterator[Problem]:
    """A side of a gate that is asked must exist."""
    for place, side in enumerate(rule.gate):
        key = rule.from_phase if side.value == "exit" else rule.to_phase
        phase = document.find_phase(key) if key else None
        if phase is None or phase.gate(side) is None:
            yield _problem(f"{rule.path}.gate[{place}]", "no_such_gate", side=side, phase=key or "-")


def _reached(document: ProgramDocument) -> set[str]:
    reached = {r.to_phase for r in document.transitions if r.kind in (MoveKind.ADMIT, MoveKind.READMIT) and r.to_phase}
    ways = [r for r in document.transitions if r.kind in BETWEEN_PHASES]
    while True:
        more = {r.to_phase for r in ways if r.from_phase in reached and r.to_phase} - reached
        if not more:
            return reached
        reached |= more


def _ring_problems(document: ProgramDocument) -> Iterator[Problem]:
    """A ring of moves that no person may make could turn for ever with nobody looking on."""
    ways: dict[Place, dict[Place, TransitionRule]] = {}
    for rule in document.transitions:
        if rule.roles and MACHINES.issuperset(rule.roles):
            for here, there in _steps(document, rule):
                ways.setdefault(here, {}).setdefault(there, rule)
    told: set[Place] = set()
    for start in ways:
        ring = _ring(ways, start)
        if ring and told.isdisjoint(ring):
            told.update(ring)
            rule = ways[ring[0]][ring[1 % len(ring)]]
            yield _problem(f"{rule.path}.roles", "ring_without_person", phases=_titles(document, ring))


def _steps(document: ProgramDocument, rule: TransitionRule) -> Iterator[tuple[Place, Place]]:
    """From where to where a transition leads, for each phase it can start in."""
    phases = [phase.key for phase in document.phases] if rule.from_phase is None else [rule.from_phase]
    if rule.kind is MoveKind.READMIT and rule.to_phase:
        yield OUTSIDE, ("phase", rule.to_phase)
        return
    for key in phases:
        match rule.kind:
            case MoveKind.ADVANCE | MoveKind.STEP_BACK if rule.to_phase:
                yield ("phase", key), ("phase", rule.to_phase)
            case MoveKind.HOLD:
                yield ("phase", key), ("hold", key)
            case MoveKind.RESUME:
                yield ("hold", key), ("phase", key)
            case kind if kind in OUT:
                yield ("phase", key), OUTSIDE
                yield ("hold", key), OUTSIDE


def _ring(ways: Mapping[Place, Mapping[Place, TransitionRule]], start: Place) -> tuple[Place, ...]:
    """The shortest way from `start` back to it; empty where there is none."""
    came_from: dict[Place, Place] = {}
    edge = [start]
    while edge:
        here = edge.pop(0)
        for there in ways.get(here, {}):
            if there == start:
                return _walked(came_from, start, here)
            if there not in came_from:
                came_from[there] = here
                edge.append(there)
    return ()


def _walked(came_from: Mapping[Place, Place], start: Place, last: Place) -> tuple[Place, ...]:
    way = [last]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))


def _titles(document: ProgramDocument, ring: tuple[Place, ...]) -> list[str]:
    found = [document.find_phase(key) for where, key in ring if where != OUTSIDE[0]]
    return list(dict.fromkeys(phase.title for phase in found if phase))
