"""The library of modalities: `modalities.yaml` beside this file, read and checked once."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from clinic.data_files import read_yaml
from pathways.rules.modalities import ModalityDefinition, parse_modalities

FILE = Path(__file__).parent / "modalities.yaml"


class UnknownModality(ValueError):
    """No modality has this key."""


def modality(key: str) -> ModalityDefinition:
    """The definition of a modality. Raises UnknownModality."""
    shelf = _shelf()
    if key not in shelf:
        raise UnknownModality(f"there is no modality {key!r}")
    return shelf[key]


def modalities() -> tuple[ModalityDefinition, ...]:
    """Every modality, in the order in which one looks for them."""
    return tuple(_shelf().values())


def keys() -> frozenset[str]:
    """The keys a program's activities, a gate and a session may name."""
    return frozenset(_shelf())


@cache
def _shelf() -> Mapping[str, ModalityDefinition]:
    documents = read_yaml(FILE)
    return {each.key: each for each in parse_modalities(documents)}
