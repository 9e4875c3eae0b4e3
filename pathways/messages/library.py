"""The library of message templates: `<key>.yaml` files beside this one, read and checked once.

A file holds the words by channel and language (`texts`), and where its kind of message can give the patient a link:
what the link is for (`link`), and the words with it (`linked`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from clinic.data_files import read_yaml
from pathways.rules.messages import Template, lint

FOLDER = Path(__file__).parent
FALLBACK = "en"


class UnknownTemplate(KeyError):
    """No template has this key on this channel, in this language or in English."""


def template(key: str, channel: str, language: str) -> Template:
    """The template in that language, else in English. Raises UnknownTemplate."""
    shelf = _shelf()
    for each in (language, FALLBACK):
        if (key, channel, each) in shelf:
            return shelf[key, channel, each]
    raise UnknownTemplate(f"{key} by {channel}")


def templates() -> tuple[Template, ...]:
    """Every template, by key, channel and language."""
    return tuple(_shelf().values())


def linked(key: str, channel: str, language: str) -> Template | None:
    """The words that give a link, in that language, else in English; None where there are none."""
    shelf = _linked_shelf()
    return shelf.get((key, channel, language)) or shelf.get((key, channel, FALLBACK))


def linked_templates() -> tuple[Template, ...]:
    """Every template that gives a link, by key, channel and language."""
    return tuple(_linked_shelf().values())


def link_of(key: str) -> str:
    """What a link in this kind of message is for; "" where it has none to give. Raises UnknownTemplate."""
    return _kind(key).link


def channels_of(key: str) -> tuple[str, ...]:
    """The channels this kind of message has words for. Raises UnknownTemplate."""
    return _kind(key).channels


def keys() -> frozenset[str]:
    """The keys a program's follow-up rules may name."""
    return frozenset(each.key for each in _shelf().values())


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of message, as its file says."""

    key: str
    link: str
    channels: tuple[str, ...]
    texts: tuple[Template, ...]
    linked: tuple[Template, ...]


Shelf = Mapping[tuple[str, str, str], Template]


def _kind(key: str) -> _Kind:
    try:
        return _kinds()[key]
    except KeyError:
        raise UnknownTemplate(key) from None


@cache
def _shelf() -> Shelf:
    return {(each.key, each.channel, each.language): each for kind in _kinds().values() for each in kind.texts}


@cache
def _linked_shelf() -> Shelf:
    return {(each.key, each.channel, each.language): each for kind in _kinds().values() for each in kind.linked}


@cache
def _kinds() -> Mapping[str, _Kind]:
    found = {path.stem: _read(path) for path in sorted(FOLDER.glob("*.yaml"))}
    for each in (each for kind in found.values() for each in (*kind.texts, *kind.linked)):
        if problems := lint(each):
            codes = ", ".join(problem.sentence.code for problem in problems)
            raise ValueError(f"{each.key}, {each.channel}, {each.language} may not be sent: {codes}")
    return found


def _read(path: Path) -> _Kind:
    document = read_yaml(path)
    link = document.get("link", "")
    texts = tuple(_templates(path.stem, document, document["texts"], link))
    linked = tuple(_templates(path.stem, document, document.get("linked", {}), link))
    if any(each.holds_link for each in texts) or not all(each.holds_link for each in linked):
        raise ValueError(f"{path.name}: a link stands in `linked`, and there alone")
    return _Kind(path.stem, link, tuple(sorted(document["texts"])), texts, linked)


def _templates(key: str, document: Mapping[str, Any], shelves: Mapping[str, Any], link: str) -> Iterator[Template]:
    for channel in sorted(shelves):
        for language, words in sorted(shelves[channel].items()):
            yield Template(
                key=key,
                channel=channel,
                language=language,
                version=int(document["version"]),
                subject=words.get("subject"),
                text=words["text"].rstrip("\n"),
                link=link,
            )
