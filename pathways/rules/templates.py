"""Whose words a message takes, what changed between two versions of them, and the invented people they are shown with.

Source: decisions.md 12 to 15, model.md ("Wording"): a site's own words before the clinic's before the shipped ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from re import findall
from types import MappingProxyType

from pathways.rules.messages import Template

LANGUAGES = ("en", "es")
# What every message is written in at least; another language that is not kept falls back to it.
FALLBACK = "en"


class Level(StrEnum):
    """Whose words they are. Those of the site come first, then the clinic's, then what is shipped."""

    SITE = "site"
    CLINIC = "clinic"
    SHIPPED = "shipped"


@dataclass(frozen=True, slots=True)
class Wording:
    """What stands on one level; of the shipped there may be two, one with a link and one without."""

    level: Level
    template: Template


def in_force(ladder: Iterable[Wording], *, link: bool) -> Wording:
    """The first of the ladder (site, clinic, shipped) that can be used. `link`: whether there is one to give; words
    that need one are passed over where there is none, and so are words, kept from before, that say more than their kind
    of message may, or less than it must. Raises ValueError where nothing is left.
    """
    for each in ladder:
        if each.template.keeps_to_its_fields and (link or not each.template.holds_link):
            return each
    raise ValueError("the shipped words without a link are always there")


def spoken(language: str) -> str:
    """The language a message is written in for somebody who speaks this one."""
    return language if language in LANGUAGES else FALLBACK


class Change(StrEnum):
    """What became of a piece of text from one version to the next."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, and what became of them."""

    change: Change
    text: str


def difference(old: str, new: str) -> tuple[Piece, ...]:
    """Word by word; joined, the pieces without the added ones are `old`, without the removed ones `new`.

    Words that changed with nothing but a space between them are told as one change.
    """
    before, after = _words(old), _words(new)
    pieces: list[Piece] = []
    removed = added = ""
    for kind, first, last, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        gone, came = "".join(before[first:last]), "".join(after[start:end])
        if kind != "equal" or ((removed or added) and gone.isspace() and last < len(before)):
            removed, added = removed + gone, added + came
            continue
        pieces += _changed(removed, added)
        removed = added = ""
        pieces.append(Piece(Change.SAME, gone))
    return (*pieces, *_changed(removed, added))


def _changed(removed: str, added: str) -> list[Piece]:
    both = (Piece(Change.REMOVED, removed), Piece(Change.ADDED, added))
    return [each for each in both if each.text]


def _words(text: str) -> Sequence[str]:
    return findall(r"\s+|\w+|[^\w\s]", text)


# Invented people: one with every field as long as it can be, one with short ones. The links are nobody's.
_SHORT = {
    "discreet_name": "the office",
    "given_name": "Jo",
    "time": "9:00",
    "phone": "202 555 0143",
    "link": "https://go.example/l/2222222222222222222222/",
}
_LONGEST = {
    "discreet_name": "Harborview Street Office, Second Floor W",
    "given_name": "Maximiliana-Concepci",
    "time": "10:30 pm",
    "phone": "+1 202 555 0143 1234",
    "link": "https://office.example.org/l/2222222222222222222222/",
}
_DAYS = {"en": ("Tue 5 May", "Wednesday 30 Sep"), "es": ("mar 5 may", "miércoles 30 sep")}


def short_sample(language: str) -> Mapping[str, str]:
    """Merge fields of somebody with a short name."""
    return MappingProxyType(_SHORT | {"day": _DAYS[spoken(language)][0]})


def longest_sample(language: str) -> Mapping[str, str]:
    """Merge fields, each as long as it can be (`LONGEST_MERGE`)."""
    return MappingProxyType(_LONGEST | {"day": _DAYS[spoken(language)][1]})
