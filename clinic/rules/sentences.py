"""A sentence a rule says: a code and typed parameters, never text. `clinic.wording` turns it into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said (`code`, a key of the catalogue) and with what (`params`).

    Parameters are str, int, float, Decimal, bool, date, datetime, StrEnum, another Sentence, or a sequence of these.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __hash__(self) -> int:
        return hash((self.code, repr(sorted(self.params.items()))))


def sentence(code: str, **params: object) -> Sentence:
    """Shorthand: `sentence("gate.days.unmet", days=3)`."""
    return Sentence(code, MappingProxyType(params))
