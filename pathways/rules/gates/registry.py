"""The kinds of criteria, by key. A new kind is one class with `@kind`, and one query for the facts it looks at."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self, TypeVar

from clinic.rules.sentences import Sentence
from pathways.rules.documents import Fields
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Named:
    """An instrument, and perhaps one of its scores and bands, that a criterion speaks of."""

    instrument: str
    score: str | None = None
    bands: tuple[str, ...] = ()
    within_days: int | None = None
    reach: tuple[int, int] | None = None


class Kind(ABC):
    """One kind of criterion: its parameters are the fields of a frozen dataclass."""

    KEY: ClassVar[str]

    @classmethod
    @abstractmethod
    def read(cls, fields: Fields) -> Self:
        """Its parameters from a document; what is wrong is noted with its path."""

    @abstractmethod
    def asks(self) -> Sentence:
        """What is asked, in one sentence."""

    def named(self) -> tuple[Named, ...]:
        """The instruments and scores it speaks of, for checking against those that exist."""
        return ()


class FactKind(Kind):
    """A kind that looks at facts; the other sort are the groups, which look at their members (`groups.py`)."""

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
