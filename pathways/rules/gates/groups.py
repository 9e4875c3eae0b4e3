"""Groups of criteria: all of, any of, at least n of. The algebra stands in `verdicts.py`."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.registry import Kind, kind
from pathways.rules.gates.verdicts import CriterionResult, Finding, State, at_least

MOST_MEMBERS = 50
TITLE = params.text("title", most=120, default="")
"""What a group is about, in a few words."""


class Group(Kind):
    """A group needs some of its binding members; an advisory member is shown and not counted.

    In a group that is advisory as a whole every member counts.
    """

    title: str

    @property
    @abstractmethod
    def least(self) -> int | None:
        """How many members must be met; None for all of them."""

    def needed(self, members: int) -> int:
        """How many of so many members must be met."""
        return self.least or members

    def find(self, facts: GateFacts, children: Sequence[CriterionResult]) -> Finding:
        """What follows from the judged members. Raises ValueError where fewer are there than are needed."""
        members = [child for child in children if child.binding] or list(children)
        needed = self.needed(len(members))
        state = at_least(needed, [child.standing for child in members])
        met = sum(child.standing is State.MET for child in members)
        found = sentence("gate.group.found", met=met, of=len(members), needed=needed)
        if state is State.MET:
            return Finding(state, found, lapses_on=_lapses_on(members, needed))
        step = sentence("gate.group.next", count=needed - met)
        return Finding(state, found, earliest=_earliest(facts, members, needed), next_step=step)


@kind
@dataclass(frozen=True, slots=True)
class AllOf(Group):
    """Every member is met."""

    KEY: ClassVar[str] = "all_of"
    PARAMS: ClassVar[tuple[params.Param, ...]] = (TITLE,)

    title: str = ""

    @property
    def least(self) -> int | None:
        return None

    def asks(self) -> Sentence:
        return sentence("gate.all_of.titled", title=self.title) if self.title else sentence("gate.all_of.asks")


@kind
@dataclass(frozen=True, slots=True)
class AnyOf(Group):
    """One member is met."""

    KEY: ClassVar[str] = "any_of"
    PARAMS: ClassVar[tuple[params.Param, ...]] = (TITLE,)

    title: str = ""

    @property
    def least(self) -> int | None:
        return 1

    def asks(self) -> Sentence:
        return sentence("gate.any_of.titled", title=self.title) if self.title else sentence("gate.any_of.asks")


@kind
@dataclass(frozen=True, slots=True)
class AtLeast(Group):
    """At least `n` members are met."""

    KEY: ClassVar[str] = "at_least"
    PARAMS: ClassVar[tuple[params.Param, ...]] = (params.whole("n", 1, MOST_MEMBERS), TITLE)

    n: int
    title: str = ""

    @property
    def least(self) -> int | None:
        return self.n

    def asks(self) -> Sentence:
        if self.title:
            return sentence("gate.at_least.titled", n=self.n, title=self.title)
        return sentence("gate.at_least.asks", n=self.n)


def _lapses_on(members: Sequence[CriterionResult], needed: int) -> date | None:
    """The last day on which `needed` members still hold: their n-th latest lapse; None if enough never lapse."""
    met = [child for child in members if child.standing is State.MET]
    lapses = sorted((child.lapses_on or date.max for child in met), reverse=True)
    last = lapses[needed - 1]
    return None if last == date.max else last


def _earliest(facts: GateFacts, members: Sequence[CriterionResult], needed: int) -> date:
    """The first day on which `needed` members could be met: the n-th soonest of their days."""
    days = [facts.today if child.standing is State.MET else child.earliest or facts.today for child in members]
    return sorted(days)[needed - 1]
