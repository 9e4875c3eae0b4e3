"""Forms of an invented patient: filled in as the script has it, and what they raise seen to by somebody."""

from datetime import date, datetime, time, timedelta
from functools import partial

from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import Sentence, sentence
from pathways.actions import findings
from pathways.actions.rehearsals.world import World
from pathways.queries.enrollments import next_gate
from pathways.rules.gates import Gate, instrument_name
from pathways.rules.gates.names import observation_name
from pathways.rules.moves import EnrollmentStatus
from pathways.rules.programs import AssessmentRule
from pathways.rules.rehearsals import EntryKind
from pathways.rules.rehearsals.answers import fill
from pathways.rules.rehearsals.targets import asked_of, target
from patients.actions import flags
from patients.instruments import definition
from patients.models import Assessment, SafetyFlag
from patients.observations import codes
from patients.rules.instruments import Severity, band_sentence

NOTE = "Rehearsed."
VISIT = time(10, 30)
RARELY = 7
"""A form the program asks daily is asked weekly here: a year is to be seen in seconds."""
SEEN_TO = {Severity.EMERGENCY: timedelta(minutes=20), Severity.URGENT: timedelta(minutes=50)}
"""How soon somebody looks; what is less urgent is looked at when a gate asks for it."""


def record_form(world: World, instrument: str, gate: Gate | None, by: Actor) -> Assessment:
    """One form, now: it comes to what the script says, else as the gate asks once things have settled."""
    form, dice = definition(instrument), world.dice.of("form", instrument, world.today)
    said = world.script.totals(instrument, world.phase or "", world.day)
    asked = asked_of(gate, world.document, instrument)
    wanted = target(form, asked, settled=world.is_settled, said=said, dice=dice)
    made = findings.record_assessment(
        patient=world.stage.patient, instrument=instrument, answers=fill(form, wanted.totals, wanted.bands, dice),
        effective_at=world.now, by=by, now=world.now,
    )  # fmt: skip
    world.forms[instrument] = world.today
    world.tell(EntryKind.FINDING, _said(made))
    _watch(world, made)
    return made


def hand_in(world: World, instrument: str) -> Assessment:
    """A form the patient fills in by themselves."""
    return record_form(world, instrument, gate_ahead(world), world.stage.client)


def see_to_flags(world: World, least: Severity) -> int:
    """Somebody looks at every open flag that is as serious as this, or more, and says what was done. How many."""
    serious = [each.value for each in Severity if each.at_least(least)]
    rows = SafetyFlag.objects.filter(patient=world.stage.patient, closed_at__isnull=True, severity__in=serious)
    rows = rows.select_related("patient")
    by = world.stage.who(Permission.FLAG_CLOSE, Role.CLINICIAN)
    found = list(rows.order_by("pk"))
    for row in found:
        flags.close(flag=row, expected_version=row.version, action_taken=NOTE, by=by, now=world.now)
    if found:
        names = tuple(dict.fromkeys(_named(row) for row in found))
        world.tell(EntryKind.WORK, sentence("rehearsal.flags_closed", count=len(found), instruments=names))
    return len(found)


def _named(flag: SafetyFlag) -> object:
    """What raised a flag: a form, or a test."""
    return observation_name(flag.instrument) if flag.instrument in codes() else instrument_name(flag.instrument)


def visit(world: World, moves: int, now: datetime) -> None:
    """What the program asks regularly in this phase, where it is due; then the next visit. Ends with the phase."""
    if moves != world.moves_made or world.status is not EnrollmentStatus.ACTIVE or world.phase is None:
        return
    rules = world.document.phase(world.phase).assessments
    by = world.stage.who(Permission.ASSESSMENT_RECORD, Role.NURSE, Role.COUNSELOR)
    for rule in rules:
        if _due(world, rule) <= world.today:
            if not world.is_silent and (world.day == 0 or world.dice.hits(world.script.forms, rule.instrument, now)):
                record_form(world, rule.instrument, gate_ahead(world), by)
            world.forms[rule.instrument] = world.today
    if rules:
        following = min(_due(world, rule) for rule in rules)
        world.put(world.at(following, VISIT), partial(visit, world, moves))


def gate_ahead(world: World) -> Gate | None:
    """The gate on the way on from the present phase."""
    return next_gate(world.document, world.phase)[0]


def _due(world: World, rule: AssessmentRule) -> date:
    last = world.forms.get(rule.instrument)
    return world.today if last is None else last + timedelta(days=max(rule.every_days, RARELY))


def _watch(world: World, made: Assessment) -> None:
    """Somebody looks at what a form raised within the hour, where it is urgent."""
    raised = [each.severity for each in definition(made.instrument).alerts if each.key in made.alerts]
    within = [SEEN_TO[severity] for severity in raised if severity in SEEN_TO]
    if within:
        world.put(world.now + min(within), partial(look_at_flags, world))


def look_at_flags(world: World, now: datetime) -> None:
    """Somebody looks at what is urgent."""
    see_to_flags(world, Severity.URGENT)


def _said(made: Assessment) -> Sentence:
    name = instrument_name(made.instrument)
    if made.total is not None:
        return sentence("rehearsal.form.total", instrument=name, total=int(made.total))
    if made.subscores:
        scores = tuple(sentence("rehearsal.form.score", name=key, value=int(value)) for key, value in _sorted(made))
        return sentence("rehearsal.form.scores", instrument=name, scores=scores)
    if isinstance(made.band, str):
        return sentence("rehearsal.form.band", instrument=name, band=band_sentence(made.band))
    return sentence("rehearsal.form.done", instrument=name)


def _sorted(made: Assessment) -> list[tuple[str, int]]:
    order = [score.key for score in definition(made.instrument).scoring.scores]
    return [(key, made.subscores[key]) for key in order if key in made.subscores]
