"""How a person is found again: the words kept of them, and what a line typed into "find" may mean.

Everything is folded (identity.fold_name) and compared from the beginning of a word. A line may hold names, a record
number, a telephone number and a birth date, in any order; all of it must fit the person. 06/07/1984 may be read either
way round, so both days are looked for.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import phonenumbers

from patients.rules.identity import fold_name

RECORD_PREFIX = "sw"
SHORTEST_NAME_PREFIX = 2
"""One letter fits a twenty-sixth of everybody: no finding, and slow."""
SHORTEST_DIGITS = 2
LONGEST_LINE = 120
MOST_WORDS = 6
LAST_DIGITS = (7, 4)
"""A telephone number is also found by its last seven and its last four digits."""

MONTHS = {
    word: number
    for number, words in enumerate(
        (
            "jan january ene enero", "feb february febrero", "mar march marzo", "apr april abr abril",
            "may mayo", "jun june junio", "jul july julio", "aug august ago agosto",
            "sep sept september septiembre", "oct october octubre", "nov november noviembre",
            "dec december dic diciembre",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_NAMED = "|".join(sorted(MONTHS, key=len, reverse=True))
_ISO = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_NUMBERS = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})\.?\s+(?:de\s+)?({_NAMED})\.?,?\s+(?:de\s+)?(\d{{4}})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_NAMED})\.?\s+(\d{{1,2}}),?\s+(\d{{4}})\b", re.IGNORECASE)
_PHONE = re.compile(r"[+(]?[\d][\d\s().+-]*")
_RECORD = re.compile(rf"^{RECORD_PREFIX}[\s-]*(\d{{1,9}})$", re.IGNORECASE)


class TokenKind(StrEnum):
    NAME = "name"
    RECORD = "record"
    PHONE = "phone"
    BORN = "born"


@dataclass(frozen=True, slots=True)
class Clue:
    """One part of the line: the person must have a token of one of the kinds that begins with one of the texts."""

    kinds: tuple[TokenKind, ...]
    beginnings: tuple[str, ...]


def tokens_of(
    *, names: Iterable[str], record_number: str, birth_date: date, phones: Iterable[str]
) -> frozenset[tuple[TokenKind, str]]:
    """The words a person is found by. Phones in E.164; names as written."""
    words = {word for name in names for word in fold_name(name).split()}
    number = re.sub(r"\D", "", record_number)
    found = {(TokenKind.NAME, word) for word in words}
    found |= {(TokenKind.RECORD, each) for each in (number, number.lstrip("0")) if each}
    found.add((TokenKind.BORN, birth_date.isoformat()))
    found |= {(TokenKind.PHONE, each) for phone in phones for each in _phone_tokens(phone)}
    return frozenset(found)


def read_line(line: str) -> tuple[Clue, ...]:
    """What a typed line asks for. Empty when it is too short or too long to look for anything."""
    if len(line) > LONGEST_LINE or not line.isprintable():
        return ()
    rest, clues = _take_dates(" ".join(line.split()))
    if record := _RECORD.match(rest.strip()):
        return (*clues, Clue((TokenKind.RECORD,), (record.group(1),)))
    if _PHONE.fullmatch(rest.strip()):
        return (*clues, *_digits(re.sub(r"\D", "", rest)))
    words = fold_name(rest).split()[:MOST_WORDS]
    return (*clues, *(clue for word in words for clue in _word(word)))


def _take_dates(line: str) -> tuple[str, tuple[Clue, ...]]:
    for pattern, order in ((_ISO, "ymd"), (_NUMBERS, "?"), (_DAY_FIRST, "dmy"), (_MONTH_FIRST, "mdy")):
        found = pattern.search(line)
        days = _days(found.groups(), order) if found else ()
        if found and days:
            return f"{line[: found.start()]} {line[found.end() :]}", (Clue((TokenKind.BORN,), days),)
    return line, ()


def _days(parts: tuple[str, ...], order: str) -> tuple[str, ...]:
    orders = ("mdy", "dmy") if order == "?" else (order,)
    days = (_day(dict(zip(each, parts, strict=True))) for each in orders)
    return tuple(dict.fromkeys(day.isoformat() for day in days if day))


def _day(parts: dict[str, str]) -> date | None:
    month = MONTHS.get(parts["m"].casefold()) or (int(parts["m"]) if parts["m"].isdigit() else 0)
    try:
        return date(int(parts["y"]), month, int(parts["d"]))
    except ValueError:
        return None


def _digits(digits: str) -> tuple[Clue, ...]:
    if len(digits) < SHORTEST_DIGITS:
        return ()
    return (Clue((TokenKind.RECORD, TokenKind.PHONE, TokenKind.BORN), (digits,)),)


def _word(word: str) -> tuple[Clue, ...]:
    if word.isdigit():
        return _digits(word)
    return (Clue((TokenKind.NAME,), (word,)),) if len(word) >= SHORTEST_NAME_PREFIX else ()


def _phone_tokens(phone: str) -> set[str]:
    digits = re.sub(r"\D", "", phone)
    try:
        national = str(phonenumbers.parse(phone, None).national_number)
    except phonenumbers.NumberParseException:
        national = digits
    return {each for each in (digits, national, *(national[-count:] for count in LAST_DIGITS)) if each}
