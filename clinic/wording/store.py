"""The catalogue's files, read once: `catalogue/<noun>.yaml`, each entry `code: {en: …, es: …}`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from clinic.data_files import read_yaml

LANGUAGES = ("en", "es")
FOLDER = Path(__file__).parent / "catalogue"


class UnknownSentence(KeyError):
    """A code that stands in no catalogue file."""


@cache
def _entries() -> Mapping[str, Mapping[str, str]]:
    entries: dict[str, Mapping[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for code, texts in (read_yaml(path) or {}).items():
            if code in entries:
                raise ValueError(f"{path.name}: {code} stands in the catalogue twice")
            entries[code] = texts
    return entries


def codes() -> frozenset[str]:
    """Every code of the catalogue."""
    return frozenset(_entries())


def text_of(code: str, language: str) -> str:
    """The pattern of a sentence; English where the language is not kept. Raises UnknownSentence."""
    try:
        texts = _entries()[code]
    except KeyError:
        raise UnknownSentence(code) from None
    return texts.get(language) or texts["en"]
