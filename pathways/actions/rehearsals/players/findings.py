"""Forms filled in, laboratory values and screens taken, safety flags seen to.

A gate that asks for several readings some hours apart is helped by the whole row of them: the first now, the others at
their hours. What has not settled is measured once, to be seen, and then left alone until it has.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial

from clinic.rules.roles import Permission, Role
from pathways.actions.rehearsals.forms import record_form, see_to_flags
from pathways.actions.rehearsals.players.registry import plays
from pathways.actions.rehearsals.specimens import measure
from pathways.actions.rehearsals.world import World
from pathways.rules.gates import Gate
from pathways.rules.gates.kinds import AssessmentDone, DaysInPhase, NoOpenSafetyFlag
from pathways.rules.gates.observations import ObservationCompared
from pathways.rules.gates.scores import ScoreCompared

AN_HOUR = timedelta(hours=1)


@plays(DaysInPhase)
def _wait(world: World, gate: Gate, kind: DaysInPhase) -> bool:
    return False


@plays(AssessmentDone)
def _fill_in(world: World, gate: Gate, kind: AssessmentDone) -> bool:
    _form(world, gate, kind.instrument)
    return True


@plays(ScoreCompared)
def _score(world: World, gate: Gate, kind: ScoreCompared) -> bool:
    again = partial(_form, world, gate, kind.instrument)
    return _in_a_row(world, f"form {kind.instrument}", kind.last, kind.hours_between, again)


@plays(ObservationCompared)
def _observe(world: World, gate: Gate, kind: ObservationCompared) -> bool:
    asked = tuple(each for each in _observations(gate) if each.tests[0] == kind.tests[0])
    again = partial(measure, world, kind.tests, asked)
    return _in_a_row(world, f"test {kind.tests[0]}", kind.last, kind.hours_between, again)


@plays(NoOpenSafetyFlag)
def _see_to(world: World, gate: Gate, kind: NoOpenSafetyFlag) -> bool:
    return see_to_flags(world, kind.severity) > 0


def _in_a_row(world: World, what: str, last: int, hours: int, take: Callable[[], None]) -> bool:
    """Measured now, and as often as the row needs at its hours; nothing while such a row is under way."""
    until = world.rows_until.get(what)
    if until is not None and (world.now <= until or not world.is_settled):
        return False
    apart = max(timedelta(hours=hours), AN_HOUR)
    times = last if world.is_settled else 1
    world.rows_until[what] = world.now + apart * (times - 1)
    take()
    for place in range(1, times):
        world.put(world.now + apart * place, partial(_at, take))
    return True


def _at(take: Callable[[], None], now: datetime) -> None:
    take()


def _form(world: World, gate: Gate, instrument: str) -> None:
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.CLINICIAN, Role.NURSE)
    record_form(world, instrument, gate, by)


def _observations(gate: Gate) -> Iterator[ObservationCompared]:
    return (each.kind for each in gate.walk() if isinstance(each.kind, ObservationCompared))
