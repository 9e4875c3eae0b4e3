"""What makes no sense in a well-formed program: the list a program may only be published without."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from clinic.rules.sentences import sentence
from pathways.rules.documents import Problem
from pathways.rules.levels.needs import Level
from pathways.rules.programs.contradictions import gate_contradictions
from pathways.rules.programs.document import (
    MESSAGE_RUNGS,
    AnchorKind,
    FollowUpRule,
    Ladder,
    ProgramDocument,
    Purpose,
    RungKind,
)
from pathways.rules.programs.known import LANGUAGES, Known
from pathways.rules.programs.requirements import requirement_problems, role_problems
from pathways.rules.programs.ways import transition_problems, way_problems
from pathways.rules.programs.wording import level_of

# Waiting without an end is never planned: who is held, proposed or waiting is looked at again (decisions.md 8).
REVIEWED = (AnchorKind.HOLD, AnchorKind.PROPOSAL, AnchorKind.WAITLIST)
PERSON_RUNGS = frozenset({RungKind.STAFF_CALL, RungKind.SUPERVISOR})


def problems(document: ProgramDocument, known: Known) -> tuple[Problem, ...]:
    """Everything that stands against publishing, part by part; empty when it may be published."""
    return (
        *_key_problems(document),
        *_phase_problems(document, known),
        *transition_problems(document),
        *_mover_problems(document, known),
        *way_problems(document),
        *requirement_problems(document, known),
        *gate_contradictions(document, known),
        *_follow_up_problems(document, known),
        *_ladder_problems(document, known),
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


def _phase_problems(document: ProgramDocument, known: Known) -> Iterator[Problem]:
    """Levels, instruments and modalities of the phases exist."""
    for phase in document.phases:
        if level_of(phase.level) is None:
            codes = [each.value.removeprefix("L") for each in Level]
            yield _problem(f"{phase.path}.level", "no_such_level", level=phase.level, known=codes)
        for rule in phase.assessments:
            if rule.instrument not in known.instruments:
                yield _problem(f"{rule.path}.instrument", "no_such_instrument", instrument=rule.instrument)
        for place, activity in enumerate(phase.activities):
            if activity.modality not in known.modalities:
                path = f"{phase.path}.activities[{place}].modality"
                yield _problem(path, "no_such_modality", key=activity.modality)


def _mover_problems(document: ProgramDocument, known: Known) -> Iterator[Problem]:
    for rule in document.transitions:
        yield from role_problems(f"{rule.path}.roles", rule.roles, known.roles)


def _follow_up_problems(document: ProgramDocument, known: Known) -> Iterator[Problem]:
    ladders = {ladder.key: ladder for ladder in document.ladders}
    for rule in document.follow_ups:
        for place, phase in enumerate(rule.phases):
            if document.find_phase(phase) is None:
                yield _problem(f"{rule.path}.phases[{place}]", "no_such_phase", phase=phase)
        if rule.ladder not in ladders:
            yield _problem(f"{rule.path}.ladder", "no_such_ladder", ladder=rule.ladder)
        if rule.instrument is not None and rule.instrument not in known.instruments:
            yield _problem(f"{rule.path}.instrument", "no_such_instrument", instrument=rule.instrument)
        if rule.purpose is Purpose.QUESTIONNAIRE and rule.instrument is None:
            yield _problem(f"{rule.path}.instrument", "missing", key="instrument")
        yield from _message_problems(rule, ladders.get(rule.ladder), known)
        yield from role_problems(f"{rule.path}.owner", (rule.owner,), known.roles)


def _message_problems(rule: FollowUpRule, ladder: Ladder | None, known: Known) -> Iterator[Problem]:
    """A follow-up that writes has its words, in every language."""
    yield from _template_problems(f"{rule.path}.template", rule.template, known.templates)
    rungs = ladder.rungs if ladder else ()
    if rule.template is None and any(rung.kind in MESSAGE_RUNGS and rung.template is None for rung in rungs):
        yield _problem(f"{rule.path}.template", "missing", key="template")


def _template_problems(path: str, template: str | None, known: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    if template is None:
        return
    if template not in known:
        yield _problem(path, "no_such_template", template=template)
        return
    wanting = [sentence(f"program.language.{each}") for each in LANGUAGES if each not in known[template]]
    if wanting:
        yield _problem(path, "template_language", template=template, languages=wanting)


def _ladder_problems(document: ProgramDocument, known: Known) -> Iterator[Problem]:
    used = {rule.ladder for rule in document.follow_ups}
    for ladder in document.ladders:
        if ladder.key not in used:
            yield _problem(ladder.path, "unused_ladder", ladder=ladder.key)
        if ladder.rungs and ladder.rungs[-1].kind not in PERSON_RUNGS:
            yield _problem(f"{ladder.path}.rungs", "ladder_ends_with_person")
        for place, rung in enumerate(ladder.rungs):
            path = f"{ladder.path}.rungs[{place}]"
            yield from _template_problems(f"{path}.template", rung.template, known.templates)
            if rung.kind is RungKind.SUPERVISOR and rung.role is None:
                yield _problem(f"{path}.role", "missing", key="role")


def _review_problems(document: ProgramDocument) -> Iterator[Problem]:
    anchors = {rule.anchor for rule in document.follow_ups}
    for anchor in REVIEWED:
        if anchor not in anchors:
            yield _problem("follow_ups", "no_review", anchor=anchor)
