"""The kinds of criteria, by key. A new kind is one class with `@kind`, and one query for the facts it looks at."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.params import Param, Reference
from pathways.rules.gates.verdicts import CriterionResult, Finding

NEWEST = 60
"""No more records of one key are looked at. Where hours must lie between findings, many may stand between those that
count: two days of hourly ones and more."""


@dataclass(frozen=True, slots=True)
class Named:
    """An instrument, and perhaps one of its scores and bands, that a criterion speaks of."""

    instrument: str
    score: str | None = None
    bands: tuple[str, ...] = ()
    within_days: int | None = None
    reach: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A sort of fact a criterion looks at, so that little more is fetched.

    With a `key` only those of one instrument or test: its `newest`, however old, and all of the last `days`. Without a
    key all of the last `days`; None: however old.
    """

    sort: type
    key: str | None = None
    newest: int = NEWEST
    days: int | None = None


class Kind(ABC):
    """One kind of criterion: its parameters are the fields of a frozen dataclass, described by `PARAMS`."""

    KEY: ClassVar[str]
    PARAMS: ClassVar[tuple[Param, ...]] = ()

    @classmethod
    def read(cls, fields: Fields) -> Self:
        """Its parameters from a document; what is wrong is noted with its path."""
        make: Callable[..., Self] = cls
        made = make(**{each.name: each.read(fields) for each in cls.PARAMS})
        made.check(fields)
        return made

    def check(self, fields: Fields) -> None:  # noqa: B027 - most kinds have nothing to say here
        """Notes what its parameters may not be together."""

    @classmethod
    def params(cls) -> tuple[Param, ...]:
        """What it may be told, in the order a form shows it."""
        return cls.PARAMS

    @classmethod
    def label(cls) -> Sentence:
        """What the kind is called."""
        return sentence(f"label.CriterionKind.{cls.KEY}")

    @classmethod
    def about(cls) -> Sentence:
        """What the kind is for, in one sentence."""
        return sentence(f"gate.kind.{cls.KEY}")

    @abstractmethod
    def asks(self) -> Sentence:
        """What is asked, in one sentence."""

    def named(self) -> tuple[Named, ...]:
        """The instruments and scores it speaks of, for checking against those that exist."""
        return ()

    def names(self) -> tuple[Reference, ...]:
        """Every key it names, for checking that what it is a key of exists."""
        found: list[Reference] = []
        for param in self.PARAMS:
            if param.refers is None:
                continue
            value = getattr(self, param.name)
            if isinstance(value, str):
                found.append(Reference(param.refers, value, param.name))
            else:
                found += [Reference(param.refers, each, f"{param.name}[{n}]") for n, each in enumerate(value)]
        return tuple(found)

    def needs(self) -> frozenset[Look]:
        """What it looks at, so that nothing else is fetched."""
        return frozenset()

    @abstractmethod
    def find(self, facts: GateFacts, children: Sequence[CriterionResult]) -> Finding:
        """What was found, of the facts or of the members that were judged before it."""


class FactKind(Kind):
    """A kind that looks at facts; the other sort are the groups, which look at their members (`groups.py`)."""

    FACTS: ClassVar[tuple[type, ...]] = ()

    def needs(self) -> frozenset[Look]:
        return frozenset(Look(sort) for sort in self.FACTS)

    def find(self, facts: GateFacts, children: Sequence[CriterionResult]) -> Finding:
        return self.judge(facts)

    @abstractmethod
    def judge(self, facts: GateFacts) -> Finding:
        """What was found."""


AnyKind = TypeVar("AnyKind", bound=Kind)
KINDS: dict[str, type[Kind]] = {}


def kind(cls: type[AnyKind]) -> type[AnyKind]:
    """Registers a kind under its key. Raises ValueError for a key taken twice."""
    if cls.KEY in KINDS:
        raise ValueError(f"two kinds of criteria are called {cls.KEY}")
    KINDS[cls.KEY] = cls
    return cls
