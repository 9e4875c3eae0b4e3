"""Asking a gate in a rehearsal: the move is tried, and where it is refused, what stands in the way is worked on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from clinic.actions.verbs import refusals_survived
from clinic.errors import Refused
from clinic.rules.sentences import sentence
from pathways.actions.rehearsals.players import play, reason_of
from pathways.actions.rehearsals.world import World
from pathways.models import Enrollment
from pathways.rules.gates import Gate, Requirement, State
from pathways.rules.programs import TransitionRule
from pathways.rules.rehearsals import EntryKind, GateAsked, Hindrance

Shown = Mapping[str, Any]
IN_TIME = timedelta(days=7)
"""What a gate asks for is seen to this long before it could be met; earlier it would only grow old (invented)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a move that was tried.

    made: the enrollment as it stands after it · earliest: the first day on which the gate could be met · worked:
    whether something was done about what stood in the way · impossible: refused for another reason, which is told.
    """

    made: Enrollment | None = None
    earliest: date | None = None
    worked: bool = False
    impossible: bool = False


def try_move(world: World, rule: TransitionRule, move: Callable[[], Enrollment]) -> Answer:
    """Try the move as anybody would. A gate that is not met is told with what stood in the way, and that worked on."""
    gate = world.document.gate_for(world.phase, rule.to_phase, rule.gate)
    try:
        with refusals_survived():
            made = move()
    except Refused as refused:
        if refused.code == "gate_not_met" and gate is not None and isinstance(refused.details, Mapping):
            return _not_yet(world, rule, gate, refused.details)
        world.could_not(sentence("rehearsal.could_not.move", kind=rule.kind, why=reason_of(refused)))
        return Answer(impossible=True)
    if gate is not None:
        binding = sum(each.requirement is not Requirement.ADVISORY for each in gate.criteria)
        _tell(world, GateAsked(world.now, gate.key, gate.title, rule.kind, True, binding, binding))
    return Answer(made)


def _not_yet(world: World, rule: TransitionRule, gate: Gate, shown: Shown) -> Answer:
    hindrances = tuple(_hindrances(shown["criteria"]))
    asked = GateAsked(
        world.now, gate.key, gate.title, rule.kind, False, shown["met_count"], shown["of_count"], hindrances
    )
    _tell(world, asked)
    earliest = date.fromisoformat(shown["earliest"]) if shown["earliest"] else None
    if earliest is not None and earliest > world.today + IN_TIME:
        return Answer(earliest=earliest)
    worked = [play(world, gate, gate.criterion(each.key)) for each in hindrances]
    return Answer(earliest=earliest, worked=any(worked))


def _hindrances(criteria: Iterable[Shown]) -> Iterator[Hindrance]:
    """Requirements that are not met, of groups the members; advice stands in nobody's way."""
    for each in criteria:
        if each["requirement"] == Requirement.ADVISORY or each["state"] == State.MET or each["set_aside"]:
            continue
        if each["children"]:
            yield from _hindrances(each["children"])
        else:
            yield Hindrance(each["key"], each["sentence"], each["found"])


def _tell(world: World, asked: GateAsked) -> None:
    world.gates.append(asked)
    code = "rehearsal.gate.met" if asked.met else "rehearsal.gate.not_yet"
    said = sentence(code, title=asked.title, met=asked.met_count, of=asked.of_count)
    first = next(iter(asked.hindrances), None)
    world.tell(EntryKind.GATE, said, text=f"{first.asks}. {first.found}" if first else "")
