"""What a rehearsal never came to: the parts of a program that may be superfluous, or that nobody has seen at work."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence
from pathways.rules.gates import Criterion, Gate, Requirement
from pathways.rules.gates.groups import Group
from pathways.rules.moves import EnrollmentStatus
from pathways.rules.phases import allowed_moves
from pathways.rules.programs import Ladder, ProgramDocument, Rung, TransitionRule
from pathways.rules.rehearsals.moved import Moved


@dataclass(frozen=True, slots=True)
class IdleCriterion:
    """A requirement that never stood in the way; `asked`: whether its gate was asked at all."""

    gate: Gate
    criterion: Criterion
    asked: bool

    @property
    def asks(self) -> Sentence:
        return self.criterion.kind.asks()


@dataclass(frozen=True, slots=True)
class IdleRung:
    """A step of a ladder nobody came to; `place` from 0."""

    ladder: Ladder
    place: int

    @property
    def rung(self) -> Rung:
        return self.ladder.rungs[self.place]


@dataclass(frozen=True, slots=True)
class NeverFired:
    """The parts of a program that played no part. Each in the order of the document."""

    criteria: tuple[IdleCriterion, ...] = ()
    transitions: tuple[TransitionRule, ...] = ()
    follow_ups: tuple[str, ...] = ()
    rungs: tuple[IdleRung, ...] = ()
    templates: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many parts never fired."""
        return sum(map(len, (self.criteria, self.transitions, self.follow_ups, self.rungs, self.templates)))


@dataclass(frozen=True, slots=True)
class Fired:
    """What did play a part: keys of requirements that stood in the way, and of gates asked; moves; rules; steps."""

    gates: frozenset[str]
    hindrances: frozenset[str]
    moves: tuple[Moved, ...]
    follow_ups: frozenset[str]
    rungs: frozenset[tuple[str, int]]
    templates: frozenset[str]


def never_fired(document: ProgramDocument, fired: Fired) -> NeverFired:
    """What the document holds and the rehearsal never came to."""
    taken = set(_taken(document, fired.moves))
    return NeverFired(
        criteria=tuple(_idle_criteria(document, fired)),
        transitions=tuple(rule for place, rule in enumerate(document.transitions) if place not in taken),
        follow_ups=tuple(rule.rule_key for rule in document.follow_ups if rule.rule_key not in fired.follow_ups),
        rungs=tuple(_idle_rungs(document, fired.rungs)),
        templates=tuple(key for key in templates_of(document) if key not in fired.templates),
    )


def templates_of(document: ProgramDocument) -> tuple[str, ...]:
    """Every message template the program names, once, in the order named."""
    named = [rule.template for rule in document.follow_ups]
    named += [rung.template for ladder in document.ladders for rung in ladder.rungs]
    return tuple(dict.fromkeys(key for key in named if key))


def ways_on(document: ProgramDocument, status: EnrollmentStatus, phase: str | None) -> int:
    """How many moves somebody may make from here, whoever makes them; 0 is a dead end."""
    return len(allowed_moves(document, status, phase, tuple(Role)))


def _idle_criteria(document: ProgramDocument, fired: Fired) -> Iterator[IdleCriterion]:
    for gate in document.gates():
        for criterion in _decisive(gate.criteria):
            if criterion.key not in fired.hindrances:
                yield IdleCriterion(gate, criterion, gate.key in fired.gates)


def _decisive(criteria: Iterable[Criterion]) -> Iterator[Criterion]:
    """The requirements that can stand in the way: not advice, and of groups their members."""
    for criterion in criteria:
        if criterion.requirement is Requirement.ADVISORY:
            continue
        if isinstance(criterion.kind, Group):
            yield from _decisive(criterion.children)
        else:
            yield criterion


def _taken(document: ProgramDocument, moves: Collection[Moved]) -> Iterator[int]:
    """Places of the transition rules the moves were made by: for each move the first rule that fits."""
    for move in moves:
        for place, rule in enumerate(document.transitions):
            if move.by(rule):
                yield place
                break


def _idle_rungs(document: ProgramDocument, stood_on: Collection[tuple[str, int]]) -> Iterator[IdleRung]:
    for ladder in document.ladders:
        for place in range(len(ladder.rungs)):
            if (ladder.key, place) not in stood_on:
                yield IdleRung(ladder, place)
