"""Deciding a gate: the same answer for the page, the API's 409, the preview of a new version, and the record."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Problem
from pathways.rules.gates.criteria import Criterion, Gate
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.groups import Group
from pathways.rules.gates.overrides import Override
from pathways.rules.gates.verdicts import CriterionResult, Decision, Lapse, State


def decide(gate: Gate, facts: GateFacts, overrides: Iterable[Override] = ()) -> Decision:
    """Judges every criterion of the gate on these facts.

    The gate is met when every binding criterion is met or set aside. An override of a criterion that is met anyway
    changes nothing. Raises ValueError for an override that is not allowed: ask `override_problems` first.
    """
    given = {override.criterion: override for override in overrides}
    refused = override_problems(gate, given.values())
    if refused:
        raise ValueError(f"not to be set aside: {', '.join(problem.path for problem in refused)}")
    results = tuple(_judge(criterion, facts, given) for criterion in gate.criteria)
    binding = [result for result in results if result.binding]
    met = all(result.standing is State.MET for result in binding)
    return Decision(
        gate=gate.key,
        as_of=facts.as_of,
        met=met,
        criteria=results,
        met_count=sum(result.state is State.MET for result in binding),
        of_count=len(binding),
        earliest=None if met else _earliest(facts, binding),
        lapses_next=_lapses_next(binding),
    )


def is_open(gate: Gate, facts: GateFacts) -> bool:
    """Whether the gate is met, as `decide` says it with nothing set aside; without saying why, and so much sooner."""
    return all(_is_met(each, facts) for each in gate.criteria if each.binding)


def _is_met(criterion: Criterion, facts: GateFacts) -> bool:
    if not isinstance(criterion.kind, Group):
        return criterion.kind.find(facts, ()).state is State.MET
    members = criterion.counting
    needed, left = criterion.kind.needed(len(members)), len(members)
    for member in members:
        if needed == 0 or needed > left:
            break
        left -= 1
        needed -= _is_met(member, facts)
    return needed == 0


def may_override(criterion: Criterion, roles: Iterable[Role]) -> bool:
    """Whether somebody with these roles may ask for the criterion to be set aside."""
    return criterion.may_be_set_aside and not set(roles).isdisjoint(criterion.overridable_by)


def override_problems(gate: Gate, overrides: Iterable[Override]) -> tuple[Problem, ...]:
    """What stands against each override; the path of a problem is the criterion's key. Empty when all are allowed."""
    problems = []
    criteria = {criterion.key: criterion for criterion in gate.walk()}
    for override in overrides:
        problem = _override_problem(criteria.get(override.criterion), override)
        if problem is not None:
            problems.append(Problem(override.criterion, problem))
    return tuple(problems)


def _override_problem(criterion: Criterion | None, override: Override) -> Sentence | None:
    if criterion is None:
        return sentence("gate.override.unknown", criterion=override.criterion)
    asks = criterion.asks
    if not criterion.may_be_set_aside:
        return sentence("gate.override.required", asks=asks)
    if not may_override(criterion, override.roles):
        return sentence("gate.override.role", asks=asks, roles=criterion.overridable_by)
    if criterion.needs_reason and (override.reason is None or not override.note.strip()):
        return sentence("gate.override.reason", asks=asks)
    return _cosign_problem(criterion, override) if criterion.cosigned_by else None


def _cosign_problem(criterion: Criterion, override: Override) -> Sentence | None:
    asks = criterion.asks
    if override.cosigned_by is None or set(override.cosigner_roles).isdisjoint(criterion.cosigned_by):
        return sentence("gate.override.cosign", asks=asks, roles=criterion.cosigned_by)
    if override.cosigned_by == override.by:
        return sentence("gate.override.two_people", asks=asks)
    return None


def _judge(criterion: Criterion, facts: GateFacts, given: Mapping[str, Override]) -> CriterionResult:
    children = tuple([_judge(child, facts, given) for child in criterion.children]) if criterion.children else ()
    finding = criterion.kind.find(facts, children)
    met = finding.state is State.MET
    open_to = criterion.may_be_set_aside
    return CriterionResult(
        key=criterion.key,
        kind=criterion.kind.KEY,
        state=finding.state,
        requirement=criterion.requirement,
        sentence=criterion.asks,
        found=finding.found,
        evidence=finding.evidence,
        lapses_on=finding.lapses_on if met else None,
        earliest=None if met else finding.earliest,
        next_step=None if met else finding.next_step,
        overridable_by=criterion.overridable_by if open_to else (),
        needs_reason=open_to and criterion.needs_reason,
        cosigned_by=criterion.cosigned_by if open_to else (),
        set_aside=None if met else given.get(criterion.key),
        children=children,
    )


def _earliest(facts: GateFacts, binding: Sequence[CriterionResult]) -> date | None:
    """The latest of the days on which each of those still wanting could be met, and never before today."""
    wanting = [result for result in binding if result.standing is not State.MET]
    return max((result.earliest or facts.today for result in wanting), default=None)


def _lapses_next(binding: Sequence[CriterionResult]) -> Lapse | None:
    lapses = [Lapse(result.key, result.lapses_on) for result in binding if result.lapses_on is not None]
    return min(lapses, key=lambda lapse: lapse.on, default=None)
