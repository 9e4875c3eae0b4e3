"""What a gate answers: four states, the algebra that joins them, and the decision.

The algebra. The states form one chain, by how far a requirement is from being met:

    met < expired < missing < unmet

*expired*: it was there and is too old, so it only has to be renewed. *missing*: nothing is known. *unmet*: what is
known speaks against it. A group that needs `n` of its criteria is as far as its n-th nearest one: `all of` is the
farthest (n = all), `any of` the nearest (n = 1). On a chain this is the whole algebra, and its laws follow: order does
not matter, a group of one is its member, and no member coming nearer ever moves the group farther away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence
from pathways.rules.gates.overrides import Override


class State(StrEnum):
    """What became of a requirement; in the order of the chain."""

    MET = "met"
    EXPIRED = "expired"
    MISSING = "missing"
    UNMET = "unmet"

    @property
    def distance(self) -> int:
        """0 for met, 3 for unmet."""
        return _DISTANCES[self]


_DISTANCES = {state: distance for distance, state in enumerate(State)}


class Requirement(StrEnum):
    """How binding a criterion is."""

    REQUIRED = "required"
    OVERRIDABLE = "overridable"
    ADVISORY = "advisory"


def at_least(needed: int, states: Sequence[State]) -> State:
    """The state of a group that needs `needed` of its members: the n-th nearest on the chain.

    Raises ValueError where fewer members than needed are given, or none is needed.
    """
    if not 1 <= needed <= len(states):
        raise ValueError(f"{needed} of {len(states)} can never be decided")
    return sorted(states, key=lambda state: state.distance)[needed - 1]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record the decision rests on: what kind it is, which, when it was effective, and what it says."""

    type: str
    public_id: UUID
    at: datetime
    sentence: Sentence


@dataclass(frozen=True, slots=True)
class Finding:
    """What a kind found. `earliest`: the first day it could be met; `lapses_on`: the last day a met one holds."""

    state: State
    found: Sentence
    evidence: tuple[Evidence, ...] = ()
    lapses_on: date | None = None
    earliest: date | None = None
    next_step: Sentence | None = None


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """One criterion, judged.

    `sentence` says what is asked, `found` what was found, `next_step` what to do about it (None when met).
    `set_aside` is the override that let an unmet one pass; the state itself stays as it was found.
    """

    key: str
    kind: str
    state: State
    requirement: Requirement
    sentence: Sentence
    found: Sentence
    evidence: tuple[Evidence, ...] = ()
    lapses_on: date | None = None
    earliest: date | None = None
    next_step: Sentence | None = None
    overridable_by: tuple[Role, ...] = ()
    needs_reason: bool = False
    cosigned_by: tuple[Role, ...] = ()
    set_aside: Override | None = None
    children: tuple["CriterionResult", ...] = ()

    @property
    def standing(self) -> State:
        """The state that counts: a criterion set aside counts as met."""
        return State.MET if self.set_aside else self.state

    @property
    def binding(self) -> bool:
        """Whether it can hold a patient back."""
        return self.requirement is not Requirement.ADVISORY


@dataclass(frozen=True, slots=True)
class Lapse:
    """A met criterion and the last day on which it holds."""

    criterion: str
    on: date


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of a gate.

    `met`: the move may be made. `met_count` of `of_count`: binding top-level criteria found met (not counting those
    set aside). `earliest`: the first day on which all could be met if each next step is done; None when met already.
    `lapses_next`: the met criterion that runs out first.
    """

    gate: str
    as_of: datetime
    met: bool
    criteria: tuple[CriterionResult, ...]
    met_count: int
    of_count: int
    earliest: date | None
    lapses_next: Lapse | None

    @property
    def unmet(self) -> tuple[CriterionResult, ...]:
        """The binding criteria that hold the move back, in the gate's order."""
        return tuple(each for each in self.criteria if each.binding and each.standing is not State.MET)
