"""Gates nothing can meet: requirements that are surely never met together.

Told is only what is certain whatever the patient does. Two requirements about the same score look at the same newest
reading, so limits that leave no value between them exclude each other, however old a reading they take.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clinic.rules.sentences import sentence
from pathways.rules.documents import Problem
from pathways.rules.gates import Criterion, Requirement
from pathways.rules.gates.facts import BAND
from pathways.rules.gates.groups import AllOf, AnyOf, AtLeast, Group
from pathways.rules.gates.observations import LIMITS, RESULTS, ObservationCompared, ObservationOp
from pathways.rules.gates.scores import NUMBERS_ONLY, ScoreCompared, holds
from pathways.rules.programs.document import GateSide, ProgramDocument
from pathways.rules.programs.known import Known, KnownInstrument


@dataclass(frozen=True, slots=True)
class Range:
    """The numbers between two limits, each of them in it or not."""

    low: Decimal = Decimal("-Infinity")
    high: Decimal = Decimal("Infinity")
    with_low: bool = True
    with_high: bool = True

    def __bool__(self) -> bool:
        return self.low < self.high or (self.low == self.high and self.with_low and self.with_high)

    def __and__(self, other: "Range") -> "Range":
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Range(
            low,
            high,
            all(each.with_low for each in (self, other) if each.low == low),
            all(each.with_high for each in (self, other) if each.high == high),
        )


Allowed = frozenset[object] | Range


@dataclass(frozen=True, slots=True)
class Claim:
    """What one criterion says of a value others may speak of too: of which, and what it may be."""

    criterion: Criterion
    about: Hashable
    allowed: Allowed


def gate_contradictions(document: ProgramDocument, known: Known) -> Iterator[Problem]:
    """Every gate nobody can ever pass, and every move that asks two gates which exclude each other."""
    for gate in document.gates():
        yield from _group_problems(gate.criteria, known)
    for rule in document.transitions:
        if set(rule.gate) == set(GateSide) and rule.from_phase and rule.to_phase:
            here, there = document.find_phase(rule.from_phase), document.find_phase(rule.to_phase)
            if here and there and here.exit and there.entry:
                out, inn = (_claims(conjuncts(gate.criteria), known) for gate in (here.exit, there.entry))
                for first, second in _between(out, inn):
                    yield _contradiction(f"{rule.path}.gate", first, second)


def _group_problems(criteria: Sequence[Criterion], known: Known, code: str = "contradiction") -> Iterator[Problem]:
    """What can never be met among criteria that must all be met."""
    asked = conjuncts(criteria)
    clashes = list(_clashes(_claims(asked, known)))
    for first, second in clashes:
        yield _contradiction(second.path, first, second, code)
    for criterion in asked:
        if criterion.children:
            members = _binding(criterion)
            inside = [each for member in members for each in _group_problems((member,), known, "option_never_met")]
            yield from inside
            if not inside and not clashes:
                yield from _choice_problems(criterion, asked, known)


def _choice_problems(criterion: Criterion, around: tuple[Criterion, ...], known: Known) -> Iterator[Problem]:
    """A choice of which too little is ever possible beside what is asked around it."""
    needed = criterion.kind.least if isinstance(criterion.kind, Group) else None
    members = _binding(criterion)
    possible = sum(not _impossible((*around, *conjuncts((member,))), known) for member in members)
    if needed is not None and possible < needed:
        yield Problem(criterion.path, sentence("program.problem.choice_never_met", needed=needed, of=possible))


def _impossible(criteria: Iterable[Criterion], known: Known) -> bool:
    claims = _claims(criteria, known)
    return any(not claim.allowed for claim in claims) or next(_clashes(claims), None) is not None


def conjuncts(criteria: Iterable[Criterion]) -> tuple[Criterion, ...]:
    """Everything that must be met where all of these must: groups of which all is needed are taken apart."""
    found: list[Criterion] = []
    for criterion in criteria:
        if criterion.requirement is Requirement.ADVISORY:
            continue
        members = _binding(criterion)
        if members and _needs_all(criterion, len(members)):
            found += conjuncts(members)
        else:
            found.append(criterion)
    return tuple(found)


def _binding(criterion: Criterion) -> tuple[Criterion, ...]:
    return tuple(each for each in criterion.children if each.requirement is not Requirement.ADVISORY)


def _needs_all(criterion: Criterion, members: int) -> bool:
    kind = criterion.kind
    return isinstance(kind, AllOf) or (isinstance(kind, AnyOf | AtLeast) and kind.least == members)


def _clashes(claims: Sequence[Claim]) -> Iterator[tuple[Criterion, Criterion]]:
    """Criteria that leave no value, each with one before it that it cannot stand beside."""
    left: dict[Hashable, tuple[Claim, Allowed]] = {}
    for claim in claims:
        if not claim.allowed:
            continue  # out of reach by itself, which is told of the limit
        if claim.about not in left:
            left[claim.about] = (claim, claim.allowed)
            continue
        first, before = left[claim.about]
        both = _both(before, claim.allowed)
        if both:
            left[claim.about] = (claim, both)
        else:
            yield _opponent(claims, claim, first).criterion, claim.criterion


def _opponent(claims: Sequence[Claim], claim: Claim, otherwise: Claim) -> Claim:
    """The first claim that alone excludes this one; where only several do, the last of them."""
    for other in claims:
        if other is claim:
            break
        if other.about == claim.about and other.allowed and not _both(other.allowed, claim.allowed):
            return other
    return otherwise


def _between(first: Sequence[Claim], second: Sequence[Claim]) -> Iterator[tuple[Criterion, Criterion]]:
    for claim in second:
        for other in first:
            if (
                other.about == claim.about
                and other.allowed
                and claim.allowed
                and not _both(other.allowed, claim.allowed)
            ):
                yield other.criterion, claim.criterion
                break


def _both(first: Allowed, second: Allowed) -> Allowed:
    if isinstance(first, Range) and isinstance(second, Range):
        return first & second
    if isinstance(first, frozenset) and isinstance(second, frozenset):
        return first & second
    return first


def _claims(criteria: Iterable[Criterion], known: Known) -> tuple[Claim, ...]:
    found = (_claim(criterion, known.instruments) for criterion in criteria)
    return tuple(each for each in found if each is not None)


def _claim(criterion: Criterion, instruments: Mapping[str, KnownInstrument]) -> Claim | None:
    kind = criterion.kind
    if isinstance(kind, ScoreCompared):
        values = _score_values(kind, instruments.get(kind.instrument))
        return None if values is None else Claim(criterion, ("score", kind.instrument, kind.score), values)
    if isinstance(kind, ObservationCompared):
        return _observation_claim(criterion, kind)
    return None


def _score_values(kind: ScoreCompared, instrument: KnownInstrument | None) -> frozenset[object] | None:
    """The scores or bands that would do, of those the instrument gives; None where these are not known."""
    if instrument is None or (kind.score == BAND and kind.op in NUMBERS_ONLY):
        return None
    if kind.score == BAND:
        given: Iterable[int | str] = instrument.bands
    elif kind.score in instrument.scores:
        least, most = instrument.scores[kind.score]
        given = range(least, most + 1)
    else:
        return None
    return frozenset(each for each in given if holds(kind.op, each, kind.value))


def _observation_claim(criterion: Criterion, kind: ObservationCompared) -> Claim | None:
    """What a screen says, or a number; a multiple of a laboratory's limit is compared with nothing else."""
    about = ("observation", frozenset(kind.tests))
    if kind.op in RESULTS:
        return Claim(criterion, (*about, "result"), frozenset({RESULTS[kind.op]}))
    number = kind.value if kind.times_upper_limit is None else Decimal(kind.times_upper_limit)
    if kind.op not in LIMITS or number is None:
        return None
    unit = "value" if kind.times_upper_limit is None else "times"
    return Claim(criterion, (*about, unit), _range(kind.op, number))


def _range(op: ObservationOp, limit: Decimal) -> Range:
    match op:
        case ObservationOp.BELOW:
            return Range(high=limit, with_high=False)
        case ObservationOp.AT_MOST:
            return Range(high=limit)
        case ObservationOp.AT_LEAST:
            return Range(low=limit)
    return Range(low=limit, with_low=False)


def _contradiction(path: str, first: Criterion, second: Criterion, code: str = "contradiction") -> Problem:
    return Problem(path, sentence(f"program.problem.{code}", first=first.asks, second=second.asks))
