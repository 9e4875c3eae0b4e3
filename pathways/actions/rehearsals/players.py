"""Who does what a gate asks for, in a rehearsal: for each kind of criterion one player, by the verbs everybody uses.

A kind without a player is named under what the rehearsal could not do. What is measured comes out as the gate asks only
once the script says that things have settled; before that it is not taken again and again to no purpose.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from clinic.errors import Refused
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions import attestations
from pathways.actions.rehearsals.forms import record_form, see_to_flags
from pathways.actions.rehearsals.world import World
from pathways.rules.gates import Criterion, Gate, Kind
from pathways.rules.gates.kinds import AssessmentDone, Attestation, DaysInPhase, NoOpenSafetyFlag
from pathways.rules.gates.scores import ScoreCompared
from pathways.rules.rehearsals import EntryKind

AnyKind = TypeVar("AnyKind", bound=Kind)
Player = Callable[[World, Gate, AnyKind], bool]
PLAYERS: dict[type[Kind], Player] = {}  # type: ignore[type-arg]
ANEW = timedelta(days=7)
"""What has not settled is looked at again after so long."""


def plays(kind: type[AnyKind]) -> Callable[[Player[AnyKind]], Player[AnyKind]]:
    """Registers the player of a kind: (world, gate, kind) → whether something was done about it now."""

    def register(player: Player[AnyKind]) -> Player[AnyKind]:
        PLAYERS[kind] = player
        return player

    return register


def play(world: World, gate: Gate, criterion: Criterion) -> bool:
    """Do something about a requirement that stands in the way, if anything can be done now. Whether it was."""
    player = PLAYERS.get(type(criterion.kind))
    if player is None:
        world.could_not(sentence("rehearsal.could_not.kind", asks=criterion.kind.asks()))
        return False
    try:
        return player(world, gate, criterion.kind)
    except Refused as refused:
        why = next(iter(refused.fields.values()), refused.sentence)
        world.could_not(sentence("rehearsal.could_not.meet", asks=criterion.kind.asks(), why=why))
        return False


def may_measure(world: World, last: date | None) -> bool:
    """Whether measuring is of use now: things have settled, or nobody has looked for a week."""
    return world.is_settled or last is None or world.today - last >= ANEW


@plays(DaysInPhase)
def _wait(world: World, gate: Gate, kind: DaysInPhase) -> bool:
    return False


@plays(AssessmentDone)
def _fill_in(world: World, gate: Gate, kind: AssessmentDone) -> bool:
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.CLINICIAN)
    record_form(world, kind.instrument, gate, by)
    return True


@plays(ScoreCompared)
def _measure(world: World, gate: Gate, kind: ScoreCompared) -> bool:
    if not may_measure(world, world.forms.get(kind.instrument)):
        return False
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.NURSE, Role.COUNSELOR)
    record_form(world, kind.instrument, gate, by)
    return True


@plays(NoOpenSafetyFlag)
def _see_to(world: World, gate: Gate, kind: NoOpenSafetyFlag) -> bool:
    return see_to_flags(world, kind.severity) > 0


@plays(Attestation)
def _attest(world: World, gate: Gate, kind: Attestation) -> bool:
    if not world.is_settled or world.enrollment is None:
        return False
    by = world.stage.who(Permission.ATTEST, *kind.roles)
    role = next(role for role in kind.roles if role.value in by.roles)
    attestations.attest(by=by, now=world.now, enrollment_id=world.enrollment, key=kind.attestation, role=role)
    world.tell(EntryKind.WORK, sentence("rehearsal.attested", statement=kind.statement, role=role))
    return True
