"""Who somebody is: the search key of a name, a believable birth date, and whether two people may be one.

Duplicates are warned about, never refused and never merged by themselves. Thresholds are local choices: a warning too
many costs a look, one too few splits a person's safety flags over two charts.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence

OLDEST_YEARS = 120
SIMILAR_NAME = 0.85
"""Ratio of equal letters (difflib) from which two full names may be one misspelt: one slip in about eight letters."""
DIACRITICS = range(0x0300, 0x0370)
OWN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})


class Strength(StrEnum):
    LIKELY = "likely"
    POSSIBLE = "possible"


class NameLikeness(StrEnum):
    SAME = "same"
    SWAPPED = "swapped"
    PREFERRED = "preferred"
    SIMILAR = "similar"
    FAMILY = "family"
    NONE = "none"


class DateLikeness(StrEnum):
    SAME = "same"
    SWAPPED = "swapped"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Person:
    """What registration knows of somebody. Phones in E.164, e-mail addresses normalised."""

    given: str
    family: str
    birth_date: date | None
    preferred: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Two records that may be one person: how strongly, and why."""

    strength: Strength
    reasons: tuple[Sentence, ...]


def similarity(candidate: Person, existing: Person) -> Match | None:
    """Whether the person being registered may be one already known; None when nothing speaks for it.

    Likely: the name (also given and family swapped, or the preferred name) with the birth date (also day and month
    swapped), or the name with a shared phone or e-mail. Possible: a similar name or the family name with the birth
    date; a shared phone or e-mail with the birth date (twins share both) or with a similar name; the name alone where
    one birth date is not known. The name alone with another birth date is somebody else.
    """
    name, born = _name(candidate, existing), _born(candidate.birth_date, existing.birth_date)
    contact = _contact(candidate, existing)
    strength = _strength(candidate, existing, name, born, bool(contact))
    if strength is None:
        return None
    said = [_said("name", name, NameLikeness.NONE), _said("birth_date", born, DateLikeness.NONE), *contact]
    return Match(strength, tuple(each for each in said if each is not None))


def check_birth_date(born: date, today: date) -> Sentence | None:
    """Why a birth date cannot be: in the future, or more than 120 years ago. None when it can."""
    if born > today:
        return sentence("identity.birth_date.future", birth_date=born)
    if _years(born, today) > OLDEST_YEARS:
        return sentence("identity.birth_date.too_long_ago", years=OLDEST_YEARS)
    return None


def fold_name(text: str) -> str:
    """The search key of a name: no case, no diacritics, no punctuation, single spaces ("O’Brien-Núñez": obrien nunez).

    Other scripts keep their letters and their own marks.
    """
    spread = unicodedata.normalize("NFKD", text).casefold().translate(OWN_LETTERS)
    letters = "".join(_fold_mark(mark) for mark in spread)
    return unicodedata.normalize("NFC", " ".join(letters.split()))


def _fold_mark(mark: str) -> str:
    """A letter stays, a diacritic or apostrophe goes, a hyphen or any other mark parts words."""
    if ord(mark) in DIACRITICS or mark in "'’‘`´ʼ.":
        return ""
    kind = unicodedata.category(mark)[0]
    return mark if kind in "LMN" else " "


def _years(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _name(one: Person, other: Person) -> NameLikeness:
    mine, theirs = (fold_name(one.given), fold_name(one.family)), (fold_name(other.given), fold_name(other.family))
    if not any(mine) or not any(theirs):
        return NameLikeness.NONE
    if mine == theirs:
        return NameLikeness.SAME
    if mine == (theirs[1], theirs[0]):
        return NameLikeness.SWAPPED
    if mine[1] == theirs[1] and _called(one) & _called(other):
        return NameLikeness.PREFERRED
    if SequenceMatcher(None, " ".join(mine), " ".join(theirs), autojunk=False).ratio() >= SIMILAR_NAME:
        return NameLikeness.SIMILAR
    return NameLikeness.FAMILY if mine[1] and mine[1] == theirs[1] else NameLikeness.NONE


def _called(person: Person) -> set[str]:
    return {fold_name(person.given), fold_name(person.preferred)} - {""}


def _born(one: date | None, other: date | None) -> DateLikeness:
    if one is None or other is None:
        return DateLikeness.NONE
    if one == other:
        return DateLikeness.SAME
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return DateLikeness.SWAPPED if swapped else DateLikeness.NONE


def _contact(one: Person, other: Person) -> list[Sentence]:
    found = []
    if set(one.phones) & set(other.phones):
        found.append(sentence("identity.reason.phone"))
    if _folded(one.emails) & _folded(other.emails):
        found.append(sentence("identity.reason.email"))
    return found


def _folded(emails: Iterable[str]) -> set[str]:
    return {email.casefold() for email in emails}


def _strength(one: Person, other: Person, name: NameLikeness, born: DateLikeness, contact: bool) -> Strength | None:
    named = name in (NameLikeness.SAME, NameLikeness.SWAPPED, NameLikeness.PREFERRED)
    dated = born is not DateLikeness.NONE
    if named and (dated or contact):
        return Strength.LIKELY
    near = name in (NameLikeness.SIMILAR, NameLikeness.FAMILY)
    if (near and dated) or (contact and (dated or name is NameLikeness.SIMILAR)):
        return Strength.POSSIBLE
    unknown_date = one.birth_date is None or other.birth_date is None
    return Strength.POSSIBLE if named and unknown_date else None


def _said(topic: str, likeness: StrEnum, none: StrEnum) -> Sentence | None:
    return None if likeness == none else sentence(f"identity.reason.{topic}_{likeness.value}")
