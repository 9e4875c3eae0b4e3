"""What is measured at one moment is one panel, as in a clinic: collected, then recorded together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.rehearsals.forms import look_at_flags
from pathways.actions.rehearsals.world import World
from pathways.rules.gates.names import observation_name
from pathways.rules.gates.observations import ObservationCompared, ObservationOp
from pathways.rules.rehearsals import EntryKind
from pathways.rules.rehearsals.measures import entry_for
from patients.actions import observations
from patients.observations import definition
from patients.rules.observations import Entry, ObservationCategory, ObservationResult

AT_ONCE = timedelta(seconds=1)
WITHIN_THE_HOUR = timedelta(minutes=50)


def measure(world: World, tests: Sequence[str], asked: Sequence[ObservationCompared]) -> None:
    """The first of the tests that can show what is asked; screens come out otherwise now and then."""
    dice = world.dice.of("measure", tests[0], world.now)
    fits = world.is_settled and not (_is_screen(asked) and dice.randrange(100) < world.script.screens_positive)
    entries = (entry_for(definition(code), asked, fits=fits, dice=dice) for code in tests)
    entry = next((each for each in entries if each is not None), None)
    if entry is None:
        world.could_not(sentence("rehearsal.could_not.kind", asks=asked[0].asks()))
        return
    if not world.panel:
        world.put(world.now + AT_ONCE, partial(_record, world, not fits))
    world.panel[entry.code] = entry


def _record(world: World, worrying: bool, now: datetime) -> None:
    entries = list(world.panel.values())
    world.panel.clear()
    observations.record_panel(
        patient=world.stage.patient, effective_at=now, entries=entries, now=now,
        by=world.stage.who(Permission.ASSESSMENT_RECORD, Role.NURSE),
    )  # fmt: skip
    world.tell(EntryKind.FINDING, sentence("rehearsal.measured", values=tuple(_said(each) for each in entries)))
    if worrying:
        world.put(now + WITHIN_THE_HOUR, partial(look_at_flags, world))


def _is_screen(asked: Sequence[ObservationCompared]) -> bool:
    category = definition(asked[0].tests[0]).category
    return category is ObservationCategory.DRUG_SCREEN and any(each.op is ObservationOp.NEGATIVE for each in asked)


def _said(entry: Entry) -> Sentence:
    name = observation_name(entry.code)
    if isinstance(entry.value, str):
        return sentence("rehearsal.measured.result", test=name, result=ObservationResult(entry.value))
    unit = definition(entry.code).unit
    if not unit:
        return sentence("rehearsal.measured.plain", test=name, value=entry.value)
    return sentence("rehearsal.measured.value", test=name, value=entry.value, unit=unit)
