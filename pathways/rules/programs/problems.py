"""What makes no sense in a well-formed program: the list a program may only be published without."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from pathways.rules.documents import Problem
from pathways.rules.gates import Criterion, Named, instrument_name
from pathways.rules.gates.facts import BAND
from pathways.rules.gates.kinds import Attestation
from pathways.rules.moves import TO_A_PHASE, MoveKind
from pathways.rules.programs.document import (
    MESSAGE_RUNGS,
    AnchorKind,
    FollowUpRule,
    Ladder,
    ProgramDocument,
    Purpose,
    RungKind,
    TransitionRule,
)

# Kinds of move that leave a phase. A phase without one of them would hold a patient for ever.
WAYS_OUT = frozenset({MoveKind.ADVANCE, MoveKind.DISCHARGE})
BETWEEN_PHASES = frozenset({MoveKind.ADVANCE, MoveKind.STEP_BACK})
# Waiting without an end is never planned: who is held, proposed or waiting is looked at again (decisions.md 8).
REVIEWED = (AnchorKind.HOLD, AnchorKind.PROPOSAL, AnchorKind.WAITLIST)
PERSON_RUNGS = frozenset({RungKind.STAFF_CALL, RungKind.SUPERVISOR})


@dataclass(frozen=True, slots=True)
class KnownInstrument:
    """An instrument that exists: its score keys with the least and most they reach, and its band names."""

    key: str
    scores: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    bands: frozenset[str] = frozenset()


def problems(
    document: ProgramDocument,
    known_instruments: Mapping[str, KnownInstrument],
    known_templates: frozenset[str],
    known_roles: frozenset[Role] = frozenset(Role),
) -> tuple[Problem, ...]:
    """Everything that stands against publishing, in the order of the document; empty when it may be published."""
    return (
        *_key_problems(document),
        *_transition_problems(document, known_roles),
        *_way_problems(document),
        *_criterion_problems(document, known_instruments, known_roles),
        *_assessment_problems(document, known_instruments),
        *_follow_up_problems(document, known_instruments, known_templates, known_roles),
        *_ladder_problems(document, known_templates),
        *_review_problems(document),
    )


def _problem(path: str, code: str, /, **params: object) -> Problem:
    return Problem(path, sentence(f"program.problem.{code}", **params))


def _twice(pairs: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """A problem for each (key, path) whose key stood before."""
    seen: Counter[str] = Counter()
    for key, path in pairs:
        seen[key] += 1
        if seen[key] > 1:
            yield _problem(path, "key_twice", key=key)


def _key_problems(document: ProgramDocument) -> Iterator[Problem]:
    yield from _twice((phase.key, f"{phase.path}.key") for phase in document.phases)
    yield from _twice((each.key, f"{each.path}.key") for each in document.criteria())
    yield from _twice((rule.rule_key, f"{rule.path}.rule_key") for rule in document.follow_ups)
    yield from _twice((ladder.key, f"{ladder.path}.key") for ladder in document.ladders)
    for phase in document.phases:
        yield from _twice((rule.instrument, f"{rule.path}.instrument") for rule in phase.assessments)
    ways = [(f"{r.kind}:{r.from_phase}:{r.to_phase}:{','.join(r.reasons)}", r.path) for r in document.transitions]
    yield from _twice(ways)


def _transition_problems(document: ProgramDocument, known_roles: frozenset[Role]) -> Iterator[Problem]:
    for rule in document.transitions:
        for name, phase in (("from", rule.from_phase), ("to", rule.to_phase)):
            if phase is not None and document.find_phase(phase) is None:
                yield _problem(f"{rule.path}.{name}", "no_such_phase", phase=phase)
        if rule.kind in TO_A_PHASE and rule.to_phase is None:
            yield _problem(f"{rule.path}.to", "missing", key="to")
        if rule.kind in BETWEEN_PHASES and rule.from_phase is None:
            yield _problem(f"{rule.path}.from", "missing", key="from")
        yield from _direction_problems(document, rule)
        yield from _gate_problems(document, rule)
        yield from _role_problems(f"{rule.path}.roles", rule.roles, known_roles)


def _direction_problems(document: ProgramDocument, rule: TransitionRule) -> Iterator[Problem]:
    """On goes forward, back goes back; admission starts nowhere."""
    if rule.kind in (MoveKind.ADMIT, MoveKind.READMIT) and rule.from_phase is not None:
        yield _problem(f"{rule.path}.from", "admit_from_nowhere")
    here = document.find_phase(rule.from_phase or "")
    there = document.find_phase(rule.to_phase or "")
    if here is None or there is None or rule.kind not in BETWEEN_PHASES:
        return
    forward = there.ordinal > here.ordinal
    if here is there or forward is not (rule.kind is MoveKind.ADVANCE):
        yield _problem(f"{rule.path}.to", "wrong_direction", kind=rule.kind, here=here.title, there=there.title)


def _gate_problems(document: ProgramDocument, rule: TransitionRule) -> Iterator[Problem]:
    """A side of a gate that is asked must exist."""
    for place, side in enumerate(rule.gate):
        key = rule.from_phase if side.value == "exit" else rule.to_phase
        phase = document.find_phase(key) if key else None
        if phase is None or phase.gate(side) is None:
            yield _problem(f"{rule.path}.gate[{place}]", "no_such_gate", side=side, phase=key or "-")


def _way_problems(document: ProgramDocument) -> Iterator[Problem]:
    """Every phase can be reached from admission, every phase has a way out, and a hold can be ended."""
    reached = _reached(document)
    for phase in document.phases:
        if phase.key not in reached:
            yield _problem(phase.path, "unreachable", phase=phase.title)
        if not any(r.kind in WAYS_OUT and r.from_phase in (None, phase.key) for r in document.transitions):
            yield _problem(phase.path, "no_way_out", phase=phase.title)
    if not any(rule.kind is MoveKind.ADMIT for rule in document.transitions):
        yield _problem("transitions", "no_admission")
    for rule in document.transitions:
        resumes = (r for r in document.transitions if r.kind is MoveKind.RESUME)
        if rule.kind is MoveKind.HOLD and not any(r.from_phase in (None, rule.from_phase) for r in resumes):
            yield _problem(rule.path, "hold_without_end")


def _reached(document: ProgramDocument) -> set[str]:
    reached = {r.to_phase for r in document.transitions if r.kind in (MoveKind.ADMIT, MoveKind.READMIT) and r.to_phase}
    ways = [r for r in document.transitions if r.kind in BETWEEN_PHASES]
    while True:
        more = {r.to_phase for r in ways if r.from_phase in reached and r.to_phase} - reached
        if not more:
            return reached
        reached |= more


def _criterion_problems(
    document: ProgramDocument, known: Mapping[str, KnownInstrument], known_roles: frozenset[Role]
) -> Iterator[Problem]:
    for criterion in document.criteria():
        for named in criterion.kind.named():
            yield from _named_problems(criterion.path, named, known)
        roles = (*criterion.overridable_by, *criterion.cosigned_by)
        yield from _role_problems(f"{criterion.path}.overridable_by", roles, known_roles)
        if isinstance(criterion.kind, Attestation):
            yield from _role_problems(f"{criterion.path}.roles", criterion.kind.roles, known_roles)
    yield from _lapse_problems(document)


def _named_problems(path: str, named: Named, known: Mapping[str, KnownInstrument]) -> Iterator[Problem]:
    instrument = known.get(named.instrument)
    if instrument is None:
        yield _problem(f"{path}.instrument", "no_such_instrument", instrument=named.instrument)
        return
    if named.score is None:
        return
    if named.score == BAND:
        yield from _band_problems(path, named, instrument)
    elif named.score not in instrument.scores:
        name, known_scores = instrument_name(named.instrument), sorted(instrument.scores)
        yield _problem(f"{path}.score", "no_such_score", instrument=name, score=named.score, known=known_scores)
    else:
        yield from _reach_problems(path, named, *instrument.scores[named.score])


def _band_problems(path: str, named: Named, instrument: KnownInstrument) -> Iterator[Problem]:
    name, known_bands = instrument_name(named.instrument), sorted(instrument.bands)
    for band in named.bands:
        if band not in instrument.bands:
            yield _problem(f"{path}.value", "no_such_band", instrument=name, band=band, known=known_bands)


def _reach_problems(path: str, named: Named, least: int, most: int) -> Iterator[Problem]:
    """A limit beyond the score's range asks for what nobody can meet, or for nothing at all."""
    name = instrument_name(named.instrument)
    lowest, highest = named.reach or (least, most)
    if lowest > most or highest < least:
        yield _problem(f"{path}.value", "out_of_reach", instrument=name, least=least, most=most)
    elif (lowest < least and highest >= most) or (highest > most and lowest <= least):
        yield _problem(f"{path}.value", "always_met", instrument=name, least=least, most=most)


def _lapse_problems(document: ProgramDocument) -> Iterator[Problem]:
    """No exit gate may ask for a younger assessment than the phase repeats: it would lapse before it is due."""
    for phase in document.phases:
        intervals = {rule.instrument: rule.every_days for rule in phase.assessments}
        for criterion in phase.exit.walk() if phase.exit else ():
            yield from _interval_problems(criterion, intervals)


def _interval_problems(criterion: Criterion, intervals: Mapping[str, int]) -> Iterator[Problem]:
    for named in criterion.kind.named():
        every = intervals.get(named.instrument)
        if every is not None and named.within_days is not None and named.within_days < every:
            name = instrument_name(named.instrument)
            yield _problem(
                f"{criterion.path}.within_days", "lapses_early", instrument=name, days=named.within_days, every=every
            )


def _assessment_problems(document: ProgramDocument, known: Mapping[str, KnownInstrument]) -> Iterator[Problem]:
    for phase in document.phases:
        for rule in phase.assessments:
            if rule.instrument not in known:
                yield _problem(f"{rule.path}.instrument", "no_such_instrument", instrument=rule.instrument)


def _follow_up_problems(
    document: ProgramDocument,
    known: Mapping[str, KnownInstrument],
    templates: frozenset[str],
    known_roles: frozenset[Role],
) -> Iterator[Problem]:
    ladders = {ladder.key: ladder for ladder in document.ladders}
    for rule in document.follow_ups:
        for place, phase in enumerate(rule.phases):
            if document.find_phase(phase) is None:
                yield _problem(f"{rule.path}.phases[{place}]", "no_such_phase", phase=phase)
        if rule.ladder not in ladders:
            yield _problem(f"{rule.path}.ladder", "no_such_ladder", ladder=rule.ladder)
        if rule.instrument is not None and rule.instrument not in known:
            yield _problem(f"{rule.path}.instrument", "no_such_instrument", instrument=rule.instrument)
        if rule.purpose is Purpose.QUESTIONNAIRE and rule.instrument is None:
            yield _problem(f"{rule.path}.instrument", "missing", key="instrument")
        yield from _template_problems(rule, ladders.get(rule.ladder), templates)
        yield from _role_problems(f"{rule.path}.owner", (rule.owner,), known_roles)


def _template_problems(rule: FollowUpRule, ladder: Ladder | None, templates: frozenset[str]) -> Iterator[Problem]:
    if rule.template is not None and rule.template not in templates:
        yield _problem(f"{rule.path}.template", "no_such_template", template=rule.template)
    rungs = ladder.rungs if ladder else ()
    if rule.template is None and any(rung.kind in MESSAGE_RUNGS and rung.template is None for rung in rungs):
        yield _problem(f"{rule.path}.template", "missing", key="template")


def _ladder_problems(document: ProgramDocument, templates: frozenset[str]) -> Iterator[Problem]:
    used = {rule.ladder for rule in document.follow_ups}
    for ladder in document.ladders:
        if ladder.key not in used:
            yield _problem(ladder.path, "unused_ladder", ladder=ladder.key)
        if ladder.rungs[-1].kind not in PERSON_RUNGS:
            yield _problem(f"{ladder.path}.rungs", "ladder_ends_with_person")
        for place, rung in enumerate(ladder.rungs):
            path = f"{ladder.path}.rungs[{place}]"
            if rung.template is not None and rung.template not in templates:
                yield _problem(f"{path}.template", "no_such_template", template=rung.template)
            if rung.kind is RungKind.SUPERVISOR and rung.role is None:
                yield _problem(f"{path}.role", "missing", key="role")


def _review_problems(document: ProgramDocument) -> Iterator[Problem]:
    anchors = {rule.anchor for rule in document.follow_ups}
    for anchor in REVIEWED:
        if anchor not in anchors:
            yield _problem("follow_ups", "no_review", anchor=anchor)


def _role_problems(path: str, roles: Iterable[Role], known: frozenset[Role]) -> Iterator[Problem]:
    for role in roles:
        if role not in known:
            yield _problem(path, "no_such_role", role=role.value)
