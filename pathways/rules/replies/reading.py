"""What a reply is taken for: exactly one intent, and whether a person has to read it as well.

Sources: follow-up.md, "Rules on texting": normalise, match the word at the start, then the rest to a person; an opt-out
in any reasonable words counts; YES opts in with some carriers and confirms with us: what was asked decides. Where it is
unclear, nothing automatic is done and a person reads it; until then nothing automatic goes out (`effects.py`).
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pathways.rules.replies import words as known
from pathways.rules.replies.danger import danger_in
from pathways.rules.replies.quoting import own_words


class Intent(StrEnum):
    """What somebody wants by what they wrote."""

    CONFIRM = "confirm"
    RESCHEDULE = "reschedule"
    STOP = "stop"
    HELP = "help"
    START = "start"
    WRONG_PERSON = "wrong_person"
    FREE_TEXT = "free_text"


class Awaits(StrEnum):
    """What the message that is answered asked for."""

    NOTHING = "nothing"
    APPOINTMENT = "appointment"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply is taken for. `language`: of the words, where they tell. `to_be_read`: it says more than the intent
    does, so that a person reads it too. `courtesy`: thanks and nothing else, which nobody has to read. `urgent`: words
    of danger are in it, so that a person looks at once."""

    intent: Intent
    language: str | None = None
    to_be_read: bool = False
    courtesy: bool = False
    urgent: bool = False


_SIGNS = {
    "\N{THUMBS UP SIGN}": " ok ",
    "\N{OK HAND SIGN}": " ok ",
    "\N{WHITE HEAVY CHECK MARK}": " ok ",
    "\N{HEAVY CHECK MARK}": " ok ",
    "\N{SQUARED OK}": " ok ",
    "\N{THUMBS DOWN SIGN}": " no ",
    "\N{OCTAGONAL SIGN}": " stop ",
    "\N{NO ENTRY}": " stop ",
}
_APOSTROPHES = str.maketrans("", "", "'\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}`´ʼ")
_WORD = re.compile(r"[a-z0-9]+")
_SHOUTED = re.compile(r"\b(?:STOP|UNSUBSCRIBE|BAJA)\b")
# What may stand before the word that decides: "ok stop", "can you stop".
_BEFORE_A_STOP = known.POLITE | {
    "ok", "okay", "yes", "yeah", "no", "si", "just", "can", "could", "would", "will", "puede", "pueden", "podria",
}  # fmt: skip
_ALONE = frozenset().union(*known.STOP_ALONE.values())


def normalised(text: str) -> list[str]:
    """The words of a text without case, accents or marks; a few signs that are answers as the words they mean.

    "S T O P" is one word, "can't" is "cant".
    """
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    letters = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES))
    plain = "".join(each for each in letters if unicodedata.category(each) not in ("Mn", "Cf")).casefold()
    found = _WORD.findall(plain)
    spelled_out = len(found) > 2 and all(len(each) == 1 for each in found)
    return ["".join(found)] if spelled_out else found


def read(text: str, *, awaits: Awaits, stopped: bool = False, names: Collection[str] = ()) -> Reading:
    """What a reply is taken for: one intent, whatever the text.

    `awaits`: what the message it answers asked for, while that is open. `stopped`: they have opted out; then nothing
    confirms, and only START begins again. `names`: of those whose address it came from ("this is not Tobias").
    """
    own = own_words(text)
    found = normalised(own)
    said = " ".join(found)
    if endangered := danger_in(said):
        # Beside it only an opt-out counts; whatever else it says, a person reads.
        intent = Intent.STOP if _stop(said, found, own) else Intent.FREE_TEXT
        return Reading(intent, endangered, to_be_read=True, urgent=True)
    taken = next(_readings(said, found, own, awaits if not stopped else Awaits.NOTHING, names), None)
    if taken is not None:
        intent, language = taken
        return Reading(intent, language or known.language_of(found), _says_more(intent, found))
    courtesy = bool(found) and set(found) <= known.POLITE and bool(set(found) & known.THANKS)
    return Reading(Intent.FREE_TEXT, known.language_of(found), not courtesy, courtesy)


_Found = tuple[Intent, str | None]


def _readings(said: str, found: Sequence[str], own: str, awaits: Awaits, names: Collection[str]) -> Iterator[_Found]:
    """What the words can be taken for, the safest first; nothing where they are for a person."""
    yield from _given(_wrong_person(said, names))
    yield from _given(_stop(said, found, own))
    yield from _given(_phrase(Intent.RESCHEDULE, known.RESCHEDULES, said))
    yield from _given(_only(Intent.START, known.START, found, known.START_BESIDE))
    yield from _given(_only(Intent.HELP, known.HELP, found, known.POLITE))
    if awaits is not Awaits.NOTHING:
        yield from _given(_confirms(said, found))
    if awaits is Awaits.APPOINTMENT:
        yield from _given(_declines(found))


def _given(found: _Found | None) -> Iterator[_Found]:
    if found is not None:
        yield found


def _says_more(intent: Intent, found: Sequence[str]) -> bool:
    """Whether there is something in it that its intent does not cover."""
    if intent in (Intent.RESCHEDULE, Intent.WRONG_PERSON):
        return True
    return intent is Intent.STOP and not set(found) <= known.OF_AN_OPT_OUT


def _wrong_person(said: str, names: Collection[str]) -> _Found | None:
    for each in names:
        name = " ".join(normalised(each))
        if name and any(f" {before} {name} " in f" {said} " for before in known.NOT_THIS_NAME):
            return Intent.WRONG_PERSON, None
    return _phrase(Intent.WRONG_PERSON, known.WRONG_PERSON, said)


def _stop(said: str, found: Sequence[str], own: str) -> _Found | None:
    """An opt-out: its word first, its phrase anywhere, or its word shouted; but no visit that is called off."""
    if known.NOT_A_STOP.search(said):
        return None
    if revoked := _phrase(Intent.STOP, known.REVOKES, said):
        return revoked
    rest = list(found)
    while rest and rest[0] in _BEFORE_A_STOP:
        rest.pop(0)
    first = rest[0] if rest else ""
    for language, keywords in known.STOP_FIRST.items():
        if first in keywords:
            return Intent.STOP, _told_by(language)
    if first in _ALONE and _means_messages(first, rest, said):
        return Intent.STOP, known.ES if first in known.STOP_ALONE[known.ES] else None
    mixed = any(each.islower() for each in own)
    return (Intent.STOP, None) if mixed and _SHOUTED.search(own) else None


def _means_messages(first: str, rest: Sequence[str], said: str) -> bool:
    """Whether a word that may call off a visit ends the messages: it stands alone, or calls off nothing we know."""
    if _phrase(Intent.RESCHEDULE, known.RESCHEDULES, said):
        return False
    return first in known.CANCELS or set(rest) <= known.OF_AN_OPT_OUT


def _phrase(intent: Intent, patterns: dict[str, re.Pattern[str]], said: str) -> _Found | None:
    for language, pattern in patterns.items():
        if pattern.search(said):
            return intent, language
    return None


def _only(
    intent: Intent, keywords: dict[str, frozenset[str]], found: Sequence[str], beside: frozenset[str]
) -> _Found | None:
    """Nothing but one of the words and what may stand beside it. With more in it, it is for a person."""
    for language, ours in keywords.items():
        if set(found) & ours and set(found) <= ours | beside:
            return intent, _told_by(language)
    return None


def _told_by(language: str) -> str | None:
    """The language a keyword tells of: the English ones are the carriers' and asked for in every language."""
    return language if language == known.ES else None


def _confirms(said: str, found: Sequence[str]) -> _Found | None:
    """Nothing but a yes. A word of stopping or of no in it, and it is none."""
    if set(found) & known.NEVER_CONFIRMS or not known.CONFIRMS.search(said):
        return None
    if not set(known.CONFIRMS.sub(" ", said).split()) <= known.CONFIRM_BESIDE:
        return None
    spanish = known.CONFIRMS_IN_SPANISH.search(said)
    neutral = set(found) <= known.CONFIRMS_EITHER | known.CONFIRM_BESIDE
    return Intent.CONFIRM, known.ES if spanish else None if neutral else known.EN


def _declines(found: Sequence[str]) -> _Found | None:
    own = [each for each in found if each not in known.POLITE]
    for answers in known.DECLINES.values():
        if len(own) == 1 and own[0] in answers:
            return Intent.RESCHEDULE, None
    return _phrase(Intent.RESCHEDULE, known.CANNOT, " ".join(own))
