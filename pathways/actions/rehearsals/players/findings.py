"""Forms filled in, laboratory values and screens taken, safety flags seen to."""

from datetime import timedelta
from functools import partial

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.rehearsals.forms import look_at_flags, record_form, see_to_flags
from pathways.actions.rehearsals.players.registry import may_measure, plays
from pathways.actions.rehearsals.world import World
from pathways.rules.gates import Gate
from pathways.rules.gates.kinds import AssessmentDone, DaysInPhase, NoOpenSafetyFlag
from pathways.rules.gates.names import observation_name
from pathways.rules.gates.observations import ObservationCompared, ObservationOp
from pathways.rules.gates.scores import ScoreCompared
from pathways.rules.rehearsals import EntryKind
from pathways.rules.rehearsals.measures import entry_for
from patients.actions import observations
from patients.observations import definition
from patients.rules.observations import Entry, ObservationCategory, ObservationResult

WITHIN_THE_HOUR = timedelta(minutes=50)


@plays(DaysInPhase)
def _wait(world: World, gate: Gate, kind: DaysInPhase) -> bool:
    return False


@plays(AssessmentDone)
def _fill_in(world: World, gate: Gate, kind: AssessmentDone) -> bool:
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.CLINICIAN)
    record_form(world, kind.instrument, gate, by)
    return True


@plays(ScoreCompared)
def _score(world: World, gate: Gate, kind: ScoreCompared) -> bool:
    if not may_measure(world, world.forms.get(kind.instrument)):
        return False
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.NURSE, Role.COUNSELOR)
    record_form(world, kind.instrument, gate, by)
    return True


@plays(NoOpenSafetyFlag)
def _see_to(world: World, gate: Gate, kind: NoOpenSafetyFlag) -> bool:
    return see_to_flags(world, kind.severity) > 0


@plays(ObservationCompared)
def _measure(world: World, gate: Gate, kind: ObservationCompared) -> bool:
    """The first of the tests that can show it: as asked once things have settled, but for a screen now and then."""
    code = kind.tests[0]
    if not may_measure(world, world.measured.get(code)):
        return False
    dice = world.dice.of("measure", code, world.today)
    fits = world.is_settled and not (_is_screen(kind) and dice.randrange(100) < world.script.screens_positive)
    entries = (entry_for(definition(each), kind, fits=fits, dice=dice) for each in kind.tests)
    entry = next((each for each in entries if each is not None), None)
    if entry is None:
        world.could_not(sentence("rehearsal.could_not.kind", asks=kind.asks()))
        return False
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.NURSE)
    observations.record_panel(
        patient=world.stage.patient, effective_at=world.now, entries=[entry], by=by, now=world.now
    )
    world.measured[code] = world.today
    world.tell(EntryKind.FINDING, _said(entry))
    if not fits:
        world.put(world.now + WITHIN_THE_HOUR, partial(look_at_flags, world))
    return True


def _is_screen(kind: ObservationCompared) -> bool:
    return kind.op is ObservationOp.NEGATIVE and definition(kind.tests[0]).category is ObservationCategory.DRUG_SCREEN


def _said(entry: Entry) -> Sentence:
    name = observation_name(entry.code)
    if isinstance(entry.value, str):
        return sentence("rehearsal.measured.result", test=name, result=ObservationResult(entry.value))
    return sentence("rehearsal.measured.value", test=name, value=entry.value, unit=definition(entry.code).unit)
