"""From a document, as YAML or JSON spell it, to `ProgramDocument`: strictly, with every problem named at once."""

from collections.abc import Mapping
from datetime import time

from clinic.rules.roles import Role
from pathways.rules.documents import Fields, Problem, size_problem
from pathways.rules.gates import read_gate
from pathways.rules.moves import REASONS, MoveKind
from pathways.rules.programs.document import (
    Activity,
    AdaptiveMonths,
    AnchorKind,
    AssessmentRule,
    ContactMode,
    Every,
    FollowUpRule,
    GateSide,
    Ladder,
    Offsets,
    PhaseDef,
    Program,
    ProgramDocument,
    Purpose,
    Rung,
    RungKind,
    Schedule,
    TransitionRule,
)

SCHEMA = 1
LONGEST_DAYS = 3650
LONGEST_MONTHS = 120
DEFAULT_TIME = time(10, 0)
MOST_MINUTES = 24 * 60
FIRST_MONTHS = 2  # the adaptive sequence begins to adapt at month 2

# Far beyond any program a clinic runs; what is larger was made by no person (local default).
MOST_PHASES = 60
MOST_TRANSITIONS = 500
MOST_FOLLOW_UPS = 300
MOST_LADDERS = 60
MOST_RUNGS = 20
MOST_IN_A_PHASE = 60


class DocumentError(ValueError):
    """A document that is not a program: every problem, each with its path and a sentence."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{problem.path}: {problem.sentence.code}" for problem in problems))


def parse(document: Mapping[str, object]) -> ProgramDocument:
    """The program a document describes. Raises DocumentError with every problem of form.

    What is well formed and makes no sense (a phase nobody reaches, an instrument that does not exist) is for
    `problems`.
    """
    read, noted = read_as_far(document)
    if noted:
        raise DocumentError(noted)
    return read


def read_as_far(document: Mapping[str, object]) -> tuple[ProgramDocument, tuple[Problem, ...]]:
    """A half-finished document as far as it can be read, and every problem of form.

    A harmless value stands in for what is wrong or missing: good for drawing a draft, never for enrolling anybody.
    """
    too_large = size_problem(document)
    noted = [] if too_large is None else [too_large]
    fields = Fields(document if too_large is None else {}, "", noted)
    fields.whole("schema", least=SCHEMA, most=SCHEMA)
    phases = fields.children("phases", most=MOST_PHASES)
    follow_ups = fields.children("follow_ups", required=False, most=MOST_FOLLOW_UPS)
    read = ProgramDocument(
        schema=SCHEMA,
        program=_program(fields.child("program")),
        phases=tuple(_phase(each, place) for place, each in enumerate(phases, start=1)),
        transitions=tuple(_transition(each) for each in fields.children("transitions", most=MOST_TRANSITIONS)),
        follow_ups=tuple(read_follow_up(each) for each in follow_ups),
        ladders=tuple(_ladder(each) for each in fields.children("ladders", required=False, most=MOST_LADDERS)),
    )
    fields.close()
    return read, tuple(noted) if too_large is None else (too_large,)


def _program(fields: Fields) -> Program:
    program = Program(
        key=fields.slug("key"),
        title=fields.text("title", longest=120),
        substance=fields.slug("substance"),
        summary=fields.text("summary"),
    )
    fields.close()
    return program


def _phase(fields: Fields, ordinal: int) -> PhaseDef:
    key = fields.slug("key")
    phase = PhaseDef(
        key=key,
        ordinal=ordinal,
        title=fields.text("title", longest=120),
        short_title=fields.text("short_title", longest=30),
        goals=fields.texts("goals", required=True),
        typical_days=fields.whole("typical_days", least=1, most=LONGEST_DAYS),
        level=fields.text("level", longest=20),
        source=fields.text("source"),
        entry=read_gate(fields.child("entry"), f"{key}.entry") if fields.has("entry") else None,
        exit=read_gate(fields.child("exit"), f"{key}.exit") if fields.has("exit") else None,
        assessments=tuple(_assessment(each) for each in _in_a_phase(fields, "assessments")),
        activities=tuple(_activity(each) for each in _in_a_phase(fields, "activities")),
        path=fields.path,
    )
    fields.close()
    return phase


def _in_a_phase(fields: Fields, key: str) -> tuple[Fields, ...]:
    return fields.children(key, required=False, most=MOST_IN_A_PHASE)


def _assessment(fields: Fields) -> AssessmentRule:
    rule = AssessmentRule(
        instrument=fields.slug("instrument"),
        every_days=fields.whole("every_days", least=1, most=LONGEST_DAYS),
        source=fields.text("source"),
        path=fields.path,
    )
    fields.close()
    return rule


def _activity(fields: Fields) -> Activity:
    activity = Activity(
        modality=fields.slug("modality"),
        title=fields.text("title", longest=120),
        per_week=fields.whole("per_week", least=1, most=50),
        minutes=fields.whole("minutes", least=1, most=MOST_MINUTES),
        adjunct=fields.flag("adjunct", default=False),
        source=fields.text("source"),
    )
    fields.close()
    return activity


def _transition(fields: Fields) -> TransitionRule:
    kind = fields.choice("kind", MoveKind)
    from_phase, to_phase = fields.slug("from", optional=True), fields.slug("to", optional=True)
    rule = TransitionRule(
        kind=kind,
        from_phase=from_phase or None,
        to_phase=to_phase or None,
        roles=fields.choices("roles", Role, required=True),
        reasons=_reasons(fields, kind),
        gate=fields.choices("gate", GateSide),
        needs_note=fields.flag("needs_note", default=False),
        path=fields.path,
    )
    fields.close()
    return rule


def _reasons(fields: Fields, kind: MoveKind) -> tuple[str, ...]:
    """The reason codes of a rule; kinds that ask for a reason must offer at least one, the others none."""
    if kind in REASONS:
        return tuple(member.value for member in fields.choices("reasons", REASONS[kind], required=True))
    if fields.texts("reasons"):
        fields.refuse("reasons", "program.problem.no_reasons", kind=kind)
    return ()


def read_follow_up(fields: Fields) -> FollowUpRule:
    """A follow-up rule from a document; what is wrong is noted with its path."""
    mode = fields.choice("mode", ContactMode, default=ContactMode.PHONE)
    rule = FollowUpRule(
        rule_key=fields.slug("rule_key"),
        title=fields.text("title", longest=120),
        anchor=fields.choice("anchor", AnchorKind),
        phases=fields.texts("phases"),
        schedule=_schedule(fields),
        at=fields.wall_time("at", default=DEFAULT_TIME),
        window_days=fields.whole("window_days", least=0, most=365, default=0),
        purpose=fields.choice("purpose", Purpose),
        mode=mode,
        instrument=fields.slug("instrument", optional=True) or None,
        template=fields.text("template", default="", longest=80) or None,
        ladder=fields.slug("ladder"),
        owner=fields.choice("owner", Role),
        source=fields.text("source"),
        path=fields.path,
    )
    if rule.phases and rule.anchor is not AnchorKind.PHASE_ENTRY:
        fields.refuse("phases", "program.problem.phases_without_entry")
    fields.close()
    return rule


def _schedule(fields: Fields) -> Schedule:
    """Exactly one of `offsets`, `every` and `adaptive_months`."""
    written = [key for key in ("offsets", "every", "adaptive_months") if fields.has(key)]
    if len(written) != 1:
        fields.refuse("offsets", "program.problem.one_schedule")
    for key in written:
        fields.raw(key)
    if fields.has("every"):
        return _every(fields.child("every"))
    if fields.has("adaptive_months"):
        inside = fields.child("adaptive_months")
        months = AdaptiveMonths(
            for_months=inside.whole("for_months", least=1, most=LONGEST_MONTHS),
            first_month=inside.whole("first_month", least=1, most=FIRST_MONTHS, default=1),
        )
        inside.close()
        return months
    return Offsets(fields.wholes("offsets", least=0, most=LONGEST_DAYS))


def _every(fields: Fields) -> Every:
    days = fields.whole("days", least=1, most=365)
    every = Every(
        every_days=days,
        first_day=fields.whole("first_day", least=0, most=LONGEST_DAYS, default=days),
        for_days=fields.optional_whole("for_days", least=1, most=LONGEST_DAYS),
    )
    fields.close()
    return every


def _ladder(fields: Fields) -> Ladder:
    ladder = Ladder(
        key=fields.slug("key"),
        title=fields.text("title", longest=120),
        rungs=tuple(_rung(each) for each in fields.children("rungs", most=MOST_RUNGS)),
        source=fields.text("source"),
        path=fields.path,
    )
    fields.close()
    return ladder


def _rung(fields: Fields) -> Rung:
    rung = Rung(
        kind=fields.choice("kind", RungKind),
        wait_hours=fields.whole("wait_hours", least=0, most=24 * 60),
        tries=fields.whole("tries", least=1, most=10, default=1),
        role=fields.choice("role", Role) if fields.has("role") else None,
        template=fields.text("template", default="", longest=80) or None,
    )
    fields.close()
    return rung
