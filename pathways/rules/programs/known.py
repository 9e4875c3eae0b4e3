"""What a program may name: everything that exists around it, handed in by whoever asks for its problems."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinic.rules.roles import Role

LANGUAGES = ("en", "es")
"""Every message is written in these; a patient reads it in their own."""


@dataclass(frozen=True, slots=True)
class KnownInstrument:
    """An instrument that exists: its score keys with the least and most they reach, and its band names."""

    key: str
    scores: Mapping[str, tuple[int, int]] = field(default_factory=lambda: MappingProxyType({}))
    bands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Known:
    """What exists. `templates` maps a message's key to the languages in which it is written on every channel it has.

    `observations` are the codes of tests, `modalities` the keys of what the clinic offers.
    """

    instruments: Mapping[str, KnownInstrument]
    templates: Mapping[str, frozenset[str]]
    observations: frozenset[str]
    modalities: frozenset[str]
    roles: frozenset[Role] = frozenset(Role)
