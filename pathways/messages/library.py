"""The library of message templates: `<key>.yaml` files beside this one, read and checked once."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import yaml

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


def keys() -> frozenset[str]:
    """The keys a program's follow-up rules may name."""
    return frozenset(each.key for each in _shelf().values())


@cache
def _shelf() -> Mapping[tuple[str, str, str], Template]:
    found = {(each.key, each.channel, each.language): each for each in _read_all()}
    for each in found.values():
        if problems := lint(each):
            codes = ", ".join(problem.sentence.code for problem in problems)
            raise ValueError(f"{each.key}, {each.channel}, {each.language} may not be sent: {codes}")
    return found


def _read_all() -> Iterator[Template]:
    for path in sorted(FOLDER.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for channel in sorted(document["texts"]):
            for language, words in sorted(document["texts"][channel].items()):
                yield Template(
                    key=path.stem,
                    channel=channel,
                    language=language,
                    version=int(document["version"]),
                    subject=words.get("subject"),
                    text=words["text"].rstrip("\n"),
                )
