"""Which player does something about which kind of criterion."""

from collections.abc import Callable
from typing import Any, TypeVar

from clinic.actions.verbs import refusals_survived
from clinic.errors import Refused
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.rehearsals.world import World
from pathways.rules.gates import Criterion, Gate, Kind

AnyKind = TypeVar("AnyKind", bound=Kind)
Player = Callable[[World, Gate, AnyKind], bool]

_PLAYERS: dict[type[Kind], Callable[[World, Gate, Any], bool]] = {}


def plays(kind: type[AnyKind]) -> Callable[[Player[AnyKind]], Player[AnyKind]]:
    """Registers the player of a kind: (world, gate, kind) → whether something was done about it now."""

    def register(player: Player[AnyKind]) -> Player[AnyKind]:
        _PLAYERS[kind] = player
        return player

    return register


def play(world: World, gate: Gate, criterion: Criterion) -> bool:
    """Do something about a requirement that stands in the way, if anything can be done now. Whether it was."""
    player = _PLAYERS.get(type(criterion.kind))
    if player is None:
        world.could_not(sentence("rehearsal.could_not.kind", asks=criterion.kind.asks()))
        return False
    try:
        with refusals_survived():
            return player(world, gate, criterion.kind)
    except Refused as refused:
        asks, why = criterion.kind.asks(), reason_of(refused)
        world.could_not(sentence("rehearsal.could_not.meet", asks=asks, why=why))
        return False


def reason_of(refused: Refused) -> Sentence:
    """The sentence of a refusal: that of its first field where it has one."""
    return next(iter(refused.fields.values()), refused.sentence)
