"""A rule of a program made different for one person, for a time.

An adaptation changes the numbers of one requirement or one follow-up, or lets it go; it never changes what is looked
at. A required "no open safety flag" is never made easier, and what takes a second signature to set aside is not let go
by one person. Who adapted a rule, and why, is kept with the row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields, Problem
from pathways.rules.gates import Criterion, Gate, Requirement, read_gate
from pathways.rules.gates.groups import AtLeast
from pathways.rules.gates.kinds import NoOpenSafetyFlag
from pathways.rules.programs.comparison import compare
from pathways.rules.programs.document import FollowUpRule, GateSide, PhaseDef, ProgramDocument
from pathways.rules.programs.parse import read_follow_up
from pathways.rules.programs.writing import Data, write_follow_up, write_gate
from patients.rules.instruments import Severity

SKIP = "skip"
REQUIREMENT = "requirement"
SCHEDULES = frozenset({"offsets", "every", "adaptive_months"})
OF_A_FOLLOW_UP = SCHEDULES | {SKIP, "at", "window_days", "ladder", "owner"}
# What a requirement is about stays: another instrument, score or statement would be another requirement.
ABOUT = frozenset(
    {"score", "attestation", "statement", "plan", "element", "purpose", "what", "recipient", "basis", "title"}
)


class AdaptationTarget(StrEnum):
    """What is adapted."""

    CRITERION = "criterion"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True, slots=True)
class Adaptation:
    """One rule made different for one person, from `starts_on` through `ends_on` (None: until it is ended).

    `change` of a criterion: some of its own parameters as a document writes them, or `{"requirement": "advisory"}`. Of
    a follow-up: `{"skip": true}`, or some of its schedule (`offsets`, `every` or `adaptive_months`), `at`,
    `window_days`, `ladder` and `owner`.
    """

    key: str
    target: AdaptationTarget
    target_key: str
    change: Mapping[str, object]
    starts_on: date
    ends_on: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether it holds on that day; the last day still counts."""
        return self.starts_on <= on and (self.ends_on is None or on <= self.ends_on)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a criterion stands."""

    phase: PhaseDef
    side: GateSide
    gate: Gate
    criterion: Criterion


def adapted(document: ProgramDocument, adaptations: Iterable[Adaptation], on: date) -> ProgramDocument:
    """The program as it is for this person on a day.

    One that has ended, or that this version has no place for, changes nothing. A follow-up left out is not among the
    rules any more: look up the rules of contacts planned before in the version itself.
    """
    for each in adaptations:
        if each.in_force(on):
            document = _applied(document, each)[0]
    return document


def adaptation_problems(document: ProgramDocument, adaptation: Adaptation) -> tuple[Problem, ...]:
    """Why a rule cannot be adapted this way; the paths are `target_key`, `ends_on`, `change` and `change.<key>`."""
    found = list(_period_problems(adaptation))
    rule, place = _rule(document, adaptation), _place(document, adaptation)
    if rule is None and place is None:
        code = f"adaptation.no_such_{adaptation.target}"
        return (*found, Problem("target_key", sentence(code, key=adaptation.target_key)))
    found += _key_problems(adaptation, place)
    if not found:
        changed, problems = _applied(document, adaptation)
        found += problems
        if not found and changed == document:
            found.append(Problem("change", sentence("adaptation.changes_nothing")))
    return tuple(found)


def described(document: ProgramDocument, adaptation: Adaptation) -> Sentence:
    """What is different for this person, in one sentence."""
    rule, place = _rule(document, adaptation), _place(document, adaptation)
    if rule is None and place is None:
        return sentence("adaptation.gone", key=adaptation.target_key)
    if rule is not None and adaptation.change.get(SKIP) is True:
        return sentence("adaptation.skipped", title=rule.title)
    if place is not None and REQUIREMENT in adaptation.change:
        return sentence("adaptation.advisory", asks=place.criterion.asks)
    small = _only(document, rule, place)
    told = [each.sentence for each in compare(small, _applied(small, adaptation)[0]).changes]
    if not told:
        return sentence("adaptation.changes_nothing")
    said = told[0]
    for each in told[1:]:
        said = sentence("adaptation.then", first=said, then=each)
    return said


def _only(document: ProgramDocument, rule: FollowUpRule | None, place: _Place | None) -> ProgramDocument:
    """The program reduced to what is adapted, so that telling it costs the same for a large program."""
    phases = (place.phase,) if place else document.phases
    return replace(document, phases=phases, transitions=(), follow_ups=(rule,) if rule else ())


# -- finding ----------------------------------------------------------------------------------------------------------


def _rule(document: ProgramDocument, adaptation: Adaptation) -> FollowUpRule | None:
    if adaptation.target is not AdaptationTarget.FOLLOW_UP:
        return None
    return next((each for each in document.follow_ups if each.rule_key == adaptation.target_key), None)


def _place(document: ProgramDocument, adaptation: Adaptation) -> _Place | None:
    if adaptation.target is not AdaptationTarget.CRITERION:
        return None
    for phase in document.phases:
        for side in GateSide:
            gate = phase.gate(side)
            for criterion in gate.walk() if gate else ():
                if gate and criterion.key == adaptation.target_key:
                    return _Place(phase, side, gate, criterion)
    return None


# -- checking ---------------------------------------------------------------------------------------------------------


def _period_problems(adaptation: Adaptation) -> list[Problem]:
    if adaptation.ends_on is not None and adaptation.ends_on < adaptation.starts_on:
        return [Problem("ends_on", sentence("adaptation.ends_before"))]
    return []


def _key_problems(adaptation: Adaptation, place: _Place | None) -> list[Problem]:
    """What may be changed at all, and what may not be made easier."""
    allowed = _changeable(place.criterion) if place else OF_A_FOLLOW_UP
    change = adaptation.change
    found = [
        Problem(f"change.{key}", sentence("adaptation.not_changeable", key=str(key)[:80], allowed=sorted(allowed)))
        for key in change
        if key not in allowed
    ]
    if not change:
        found.append(Problem("change", sentence("adaptation.changes_nothing")))
    alone = {SKIP, REQUIREMENT} & set(change)
    if alone and len(change) > 1:
        found.append(Problem("change", sentence("adaptation.alone", key=min(alone))))
    if SKIP in change and change[SKIP] is not True:
        found.append(Problem(f"change.{SKIP}", sentence("adaptation.only_true")))
    if change.get(REQUIREMENT, Requirement.ADVISORY.value) != Requirement.ADVISORY.value:
        found.append(Problem(f"change.{REQUIREMENT}", sentence("adaptation.only_advisory")))
    if place is not None and not found and _eases_safety(place.criterion, change):
        found.append(Problem("change", sentence("adaptation.safety", asks=place.criterion.asks)))
    elif place is not None and not found and REQUIREMENT in change and _takes_two(place.criterion):
        found.append(Problem("change", sentence("adaptation.two_people", asks=place.criterion.asks)))
    return found


def _changeable(criterion: Criterion) -> frozenset[str]:
    own = {param.name for param in criterion.kind.params() if param.refers is None}
    return frozenset((own - ABOUT) | {REQUIREMENT})


def _takes_two(criterion: Criterion) -> bool:
    """Whether the program lets it go only with a second signature: then one person does not let it go for months."""
    return any(each.may_be_set_aside and each.cosigned_by for each in criterion.walk())


def _eases_safety(criterion: Criterion, change: Mapping[str, object]) -> bool:
    """Whether somebody could pass with an open safety flag that holds everybody else back."""
    kind = criterion.kind
    flags = [each.kind for each in criterion.walk() if each.requirement is Requirement.REQUIRED]
    if not any(isinstance(each, NoOpenSafetyFlag) for each in flags):
        return False
    if REQUIREMENT in change:
        return True
    if isinstance(kind, AtLeast):
        fewer = change.get("n", kind.n)
        return isinstance(fewer, int) and fewer < kind.n
    wanted = next((each for each in Severity if each.value == change.get("severity")), None)
    return isinstance(kind, NoOpenSafetyFlag) and wanted is not None and wanted.rank > kind.severity.rank


# -- applying ---------------------------------------------------------------------------------------------------------


def _applied(document: ProgramDocument, adaptation: Adaptation) -> tuple[ProgramDocument, list[Problem]]:
    """The program with the change, or as it was where the change cannot be made."""
    rule, place = _rule(document, adaptation), _place(document, adaptation)
    if rule is not None:
        changed, problems = _with_follow_up(document, rule, adaptation.change)
    elif place is not None:
        changed, problems = _with_criterion(document, place, adaptation.change)
    else:
        return document, []
    return (document, problems) if problems else (changed, [])


def _with_follow_up(
    document: ProgramDocument, rule: FollowUpRule, change: Mapping[str, object]
) -> tuple[ProgramDocument, list[Problem]]:
    if change.get(SKIP) is True:
        return replace(document, follow_ups=tuple(each for each in document.follow_ups if each is not rule)), []
    noted: list[Problem] = []
    kept = {
        key: value
        for key, value in write_follow_up(rule).items()
        if key not in SCHEDULES or SCHEDULES.isdisjoint(change)
    }
    read = read_follow_up(Fields({**kept, **change}, rule.path, noted))
    problems = [_renamed(problem, rule.path) for problem in noted]
    if not problems and all(each.key != read.ladder for each in document.ladders):
        problems.append(Problem("change.ladder", sentence("program.problem.no_such_ladder", ladder=read.ladder)))
    follow_ups = tuple(read if each is rule else each for each in document.follow_ups)
    return replace(document, follow_ups=follow_ups), problems


def _with_criterion(
    document: ProgramDocument, place: _Place, change: Mapping[str, object]
) -> tuple[ProgramDocument, list[Problem]]:
    noted: list[Problem] = []
    written = write_gate(place.gate)
    _put(written, place.criterion.key, change)
    gate = read_gate(Fields(written, f"{place.phase.path}.{place.side}", noted), place.gate.key)
    phase = replace(place.phase, entry=gate) if place.side is GateSide.ENTRY else replace(place.phase, exit=gate)
    phases = tuple(phase if each is place.phase else each for each in document.phases)
    return replace(document, phases=phases), [_renamed(problem, place.criterion.path) for problem in noted]


def _put(group: Data, key: str, change: Mapping[str, object]) -> None:
    """Changes the criterion of that key, at whatever depth."""
    criteria = group.get("criteria", [])
    for each in criteria if isinstance(criteria, list) else []:
        if each["key"] == key:
            each.update(change)
            if REQUIREMENT in change:
                each.pop("overridable_by", None)
            return
        _put(each, key, change)


def _renamed(problem: Problem, path: str) -> Problem:
    """A problem of the rule as a problem of the change."""
    inside = problem.path.removeprefix(f"{path}.")
    return Problem(f"change.{inside}" if inside != problem.path else "change", problem.sentence)
