"""A program taken apart: every phase, gate, requirement, way, contact and ladder with its properties in words.

What comparing two versions, and showing them side by side, is made from. Each part has a stable key, so that the same
part of two versions is found again whatever else changed around it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import Criterion, Gate, Param, Refers, instrument_name
from pathways.rules.gates.facts import BAND, TOTAL
from pathways.rules.gates.names import modality_name, observation_name
from pathways.rules.moves import REASONS
from pathways.rules.programs.document import (
    Activity,
    AssessmentRule,
    FollowUpRule,
    GateSide,
    Ladder,
    PhaseDef,
    ProgramDocument,
    Rung,
    TransitionRule,
)
from pathways.rules.programs.wording import anchored, if_unmet, level_of, rung, schedule, wait

NAMES: Mapping[Refers, Callable[[str], Sentence | str]] = {
    Refers.INSTRUMENT: instrument_name,
    Refers.OBSERVATION: observation_name,
    Refers.MODALITY: modality_name,
}


class Section(StrEnum):
    """Where in a program a part stands. Requirements belong to their gate."""

    PROGRAM = "program"
    PHASE = "phase"
    GATE = "gate"
    ASSESSMENT = "assessment"
    ACTIVITY = "activity"
    TRANSITION = "transition"
    FOLLOW_UP = "follow_up"
    LADDER = "ladder"


@dataclass(frozen=True, slots=True)
class Property:
    """One thing a part says: what it is called, what it is, and that in words.

    `of_kind`: one of the parameters of a kind of requirement, of no meaning for another kind.
    """

    name: str
    label: Sentence
    value: object
    words: Sentence
    of_kind: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a program.

    `name` says it in full, `what` is what a sentence about it calls it, `where` where it stands (None: nowhere but in
    the program). `among` are the parts it is in order with, `phase` the key of the phase around it. `says` is all it
    says, for comparing; `tell` puts that into words, for those that are shown.
    """

    section: Section
    key: str
    depth: int
    name: Sentence
    what: Sentence
    where: Sentence | None
    among: str
    phase: str | None
    says: object
    tell: Callable[[], Iterable[Property]] = field(compare=False, repr=False)

    @property
    def properties(self) -> tuple[Property, ...]:
        """Everything it says, in words."""
        return tuple(self.tell())


def parts(document: ProgramDocument, ways: Iterable[str] = ()) -> tuple[Part, ...]:
    """Every part of the program in the order it is read. `ways` are the keys of its transitions, if not their own."""
    found = [
        _program(document),
        *(part for phase in document.phases for part in _phase(phase)),
        *_transitions(document, tuple(ways) or way_keys(document.transitions)),
        *(_follow_up(document, rule) for rule in document.follow_ups),
        *(_ladder(each) for each in document.ladders),
    ]
    return tuple(found)


def way_keys(rules: Iterable[TransitionRule]) -> tuple[str, ...]:
    """Keys for transitions, which have none of their own: kind, from and to, numbered where several share these."""
    seen: Counter[str] = Counter()
    keys = []
    for rule in rules:
        key = f"{rule.kind}:{rule.from_phase or ''}:{rule.to_phase or ''}"
        seen[key] += 1
        keys.append(f"{key}#{seen[key]}")
    return tuple(keys)


def said(words: object) -> Sentence:
    """Any value in words; what is left out is said to be."""
    if words is None or words in ("", ()):
        return sentence("comparison.none")
    if isinstance(words, bool):
        return sentence("comparison.yes" if words else "comparison.no")
    return words if isinstance(words, Sentence) else sentence("comparison.words", words=words)


def _quoted(text: str) -> Sentence:
    return sentence("comparison.quoted", words=text) if text else said(None)


def _property(name: str, value: object, words: object = None) -> Property:
    shown = _quoted(value) if words is None and isinstance(value, str) else said(value if words is None else words)
    return Property(name, sentence(f"comparison.part.{name}"), value, shown)


def _program(document: ProgramDocument) -> Part:
    title = said(document.program.title)
    says = (document.schema, document.program)
    return Part(
        Section.PROGRAM, "program", 0, title, title, None, "", None, says, partial(_program_properties, document)
    )


def _program_properties(document: ProgramDocument) -> Iterator[Property]:
    yield _property("schema", document.schema)
    yield _property("key", document.program.key)
    yield _property("title", document.program.title)
    yield _property("substance", document.program.substance)
    yield _property("summary", document.program.summary)


def _phase(phase: PhaseDef) -> Iterator[Part]:
    title = said(phase.title)
    says = (phase.title, phase.short_title, phase.goals, phase.typical_days, phase.level, phase.source)
    tell = partial(_phase_properties, phase)
    yield Part(Section.PHASE, phase.key, 0, title, title, None, "phases", phase.key, says, tell)
    for side in GateSide:
        gate = phase.gate(side)
        if gate is not None:
            yield from _gate(phase, side, gate)
    yield from _assessments(phase)
    yield from _activities(phase)


def _phase_properties(phase: PhaseDef) -> Iterator[Property]:
    yield _property("title", phase.title)
    yield _property("short_title", phase.short_title)
    yield _property("goals", phase.goals, [_quoted(goal) for goal in phase.goals])
    yield _property("typical_days", phase.typical_days)
    yield _property("level", phase.level, level_of(phase.level) or phase.level)
    yield _property("source", phase.source)


def _gate(phase: PhaseDef, side: GateSide, gate: Gate) -> Iterator[Part]:
    key, title = f"{phase.key}.{side}", said(gate.title)
    where = said(phase.short_title)
    tell = partial(_gate_properties, gate)
    yield Part(Section.GATE, key, 1, title, title, where, f"gates:{phase.key}", phase.key, gate.title, tell)
    for criterion in gate.criteria:
        yield from _criterion(phase, key, title, criterion, 2)


def _gate_properties(gate: Gate) -> Iterator[Property]:
    yield _property("title", gate.title)


def _criterion(phase: PhaseDef, among: str, where: Sentence, criterion: Criterion, depth: int) -> Iterator[Part]:
    says = (
        criterion.kind,
        criterion.requirement,
        criterion.overridable_by,
        criterion.cosigned_by,
        criterion.needs_reason,
        criterion.source,
    )
    yield Part(
        Section.GATE,
        criterion.key,
        depth,
        criterion.asks,
        _subject(criterion),
        where,
        among,
        phase.key,
        says,
        partial(_criterion_properties, criterion),
    )
    for child in criterion.children:
        yield from _criterion(phase, f"{among}/{criterion.key}", where, child, depth + 1)


def _criterion_properties(criterion: Criterion) -> Iterator[Property]:
    yield _property("kind", criterion.kind.KEY, criterion.asks)
    yield from _parameters(criterion)
    binding = (criterion.requirement, criterion.overridable_by, criterion.cosigned_by)
    yield _property("requirement", binding, if_unmet(criterion))
    yield _property("needs_reason", criterion.needs_reason)
    yield _property("source", criterion.source)


def _parameters(criterion: Criterion) -> Iterator[Property]:
    """The parameters of a kind; how a value is compared, and with what, are one."""
    kind, limit = criterion.kind, _limit(criterion)
    compared = {"op", "value", "times_upper_limit"} if limit is not None else set()
    if limit is not None:
        values = tuple(getattr(kind, each.name) for each in kind.params() if each.name in compared)
        yield Property("limit", sentence("comparison.part.limit"), values, limit, of_kind=True)
    for param in kind.params():
        if param.name not in compared:
            value = getattr(kind, param.name)
            yield Property(param.name, param.label, value, said(_named(param, value)), of_kind=True)


def _named(param: Param, value: object) -> object:
    """Keys by what people call them; any other value as it is."""
    name = NAMES.get(param.refers) if param.refers else None
    if name is None or not isinstance(value, str | tuple):
        return value
    return name(value) if isinstance(value, str) else tuple(name(each) for each in value)


def _core(criterion: Criterion) -> Sentence:
    """What is asked, without the hours between several."""
    asks = criterion.asks
    row = asks.params.get("row")
    return row if isinstance(row, Sentence) else asks


def _limit(criterion: Criterion) -> Sentence | None:
    """`below 5`, `9 or less`, `none or low`, where the kind compares something with a limit."""
    limit = _core(criterion).params.get("limit")
    if not isinstance(limit, Sentence):
        return None
    op = limit.code.removeprefix("gate.limit.")
    return limit if op == limit.code else Sentence(f"comparison.limit.{op}", limit.params)


def _subject(criterion: Criterion) -> Sentence:
    """What a requirement is about, in a word: the instrument or the tests it compares, else all it asks."""
    params = _core(criterion).params
    if "instrument" not in params:
        return said(params["tests"]) if "tests" in params else criterion.asks
    score = params.get("score", TOTAL)
    if score in (TOTAL, BAND):
        return said(params["instrument"])
    return sentence("comparison.subscore", instrument=params["instrument"], score=score)


def _assessments(phase: PhaseDef) -> Iterator[Part]:
    where, among = said(phase.short_title), f"assessments:{phase.key}"
    for rule, key in zip(phase.assessments, _keys(phase, (each.instrument for each in phase.assessments)), strict=True):
        name = said(instrument_name(rule.instrument))
        says = (rule.every_days, rule.source)
        tell = partial(_assessment_properties, rule)
        yield Part(Section.ASSESSMENT, key, 1, name, name, where, among, phase.key, says, tell)


def _assessment_properties(rule: AssessmentRule) -> Iterator[Property]:
    yield _property("every_days", rule.every_days)
    yield _property("source", rule.source)


def _activities(phase: PhaseDef) -> Iterator[Part]:
    where, among = said(phase.short_title), f"activities:{phase.key}"
    for activity, key in zip(phase.activities, _keys(phase, (each.modality for each in phase.activities)), strict=True):
        name = said(activity.title)
        tell = partial(_activity_properties, activity)
        yield Part(Section.ACTIVITY, key, 1, name, name, where, among, phase.key, activity, tell)


def _activity_properties(activity: Activity) -> Iterator[Property]:
    yield _property("title", activity.title)
    yield _property("per_week", activity.per_week)
    yield _property("minutes", activity.minutes)
    yield _property("adjunct", activity.adjunct)
    yield _property("source", activity.source)


def _keys(phase: PhaseDef, names: Iterable[str]) -> Iterator[str]:
    """Keys within a phase, numbered from the second of the same name on."""
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        yield f"{phase.key}/{name}" if seen[name] == 1 else f"{phase.key}/{name}#{seen[name]}"


def _transitions(document: ProgramDocument, keys: tuple[str, ...]) -> Iterator[Part]:
    for rule, key in zip(document.transitions, keys, strict=True):
        name = _way(document, rule)
        says = (rule.roles, rule.reasons, rule.gate, rule.needs_note)
        tell = partial(_transition_properties, rule)
        yield Part(Section.TRANSITION, key, 0, name, name, None, "transitions", None, says, tell)


def _transition_properties(rule: TransitionRule) -> Iterator[Property]:
    yield _property("roles", rule.roles)
    yield _property("reasons", rule.reasons, said(tuple(REASONS[rule.kind](each) for each in rule.reasons)))
    yield _property("gate", rule.gate)
    yield _property("needs_note", rule.needs_note)


def _way(document: ProgramDocument, rule: TransitionRule) -> Sentence:
    """`Advance from Stabilization to Therapy`."""
    here, there = (_phase_name(document, key) for key in (rule.from_phase, rule.to_phase))
    if here and there:
        return sentence("comparison.way.between", kind=rule.kind, here=here, there=there)
    if here:
        return sentence("comparison.way.from", kind=rule.kind, here=here)
    if there:
        return sentence("comparison.way.to", kind=rule.kind, there=there)
    return sentence("comparison.way.any", kind=rule.kind)


def _phase_name(document: ProgramDocument, key: str | None) -> str | None:
    phase = document.find_phase(key) if key else None
    return phase.short_title if phase else key


def _follow_up(document: ProgramDocument, rule: FollowUpRule) -> Part:
    title = said(rule.title)
    tell = partial(_follow_up_properties, document, rule)
    says = replace(rule, path="")
    return Part(Section.FOLLOW_UP, rule.rule_key, 0, title, title, None, "follow_ups", None, says, tell)


def _follow_up_properties(document: ProgramDocument, rule: FollowUpRule) -> Iterator[Property]:
    ladder = next((each.title for each in document.ladders if each.key == rule.ladder), rule.ladder)
    yield _property("title", rule.title)
    yield _property("anchor", (rule.anchor, rule.phases), anchored(document, rule))
    yield _property("schedule", rule.schedule, schedule(rule))
    yield _property("at", rule.at)
    yield _property("window_days", rule.window_days)
    yield _property("purpose", rule.purpose, said(rule.purpose))
    yield _property("mode", rule.mode, said(rule.mode))
    yield _property("instrument", rule.instrument, said(rule.instrument and instrument_name(rule.instrument)))
    yield _property("template", rule.template)
    yield _property("ladder", rule.ladder, _quoted(ladder))
    yield _property("owner", rule.owner, said(rule.owner))
    yield _property("source", rule.source)


def _ladder(ladder: Ladder) -> Part:
    title = said(ladder.title)
    says = replace(ladder, path="")
    tell = partial(_ladder_properties, ladder)
    return Part(Section.LADDER, ladder.key, 0, title, title, None, "ladders", None, says, tell)


def _ladder_properties(ladder: Ladder) -> Iterator[Property]:
    yield _property("title", ladder.title)
    yield _property("source", ladder.source)
    for place, step in enumerate(ladder.rungs, start=1):
        yield Property(f"step-{place}", sentence("comparison.part.step", n=place), step, _step(step))


def _step(step: Rung) -> Sentence:
    words = sentence("comparison.step", kind=step.kind, what=rung(step), wait=wait(step))
    for value in (step.role, step.template):
        if value is not None:
            words = sentence("comparison.step_with", step=words, more=value)
    return words
