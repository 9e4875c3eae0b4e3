"""Discretion: what no message, and no name or address a message carries, may say or hold.

Sources: follow-up.md, "Content under HIPAA and Part 2" (no telling word, no URL and no sender id with such words);
confidentiality.md. Even the sender's name can give treatment away, so a site's discreet name is held to the same words
as the messages.
"""

import re

from clinic.rules.forbidden_words import FORBIDDEN
from clinic.rules.readings import foreign_letters, hides_something, plain, readings
from clinic.rules.sentences import Sentence, sentence

# As long as the column, and as long as one text message bears.
LONGEST_NAME = 40
# In an address words run together: a stem this long is looked for anywhere in it.
SHORTEST_STEM_INSIDE = 5

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
LINK = re.compile(
    r"\w:/|www\.|\b(?:mailto|tel|sms):|\b[\w-]+\.[a-z]{2,}(?:/|\b)|\b\d{1,3}(?:\.\d{1,3}){3}\b"
    r"|[\[(]\s*(?:dot|punto|\.)\s*[\])]|\b(?:dot|punto)\s+(?:com|org|net)\b",
    re.IGNORECASE,
)


def name_problem(discreet_name: str) -> Sentence | None:
    """Why a site's discreet name cannot stand in messages, or None: a telling word, a link, too long, or
    characters a text message cannot carry in one segment.
    """
    if words := forbidden_words(discreet_name):
        return sentence("message.word", words=words)
    if LINK.search(discreet_name):
        return sentence("message.link")
    if gsm_length(discreet_name) is None:
        return sentence("message.alphabet")
    if len(discreet_name) > LONGEST_NAME:
        return sentence("message.name_too_long", limit=LONGEST_NAME)
    return None


def sender_problem(sender: str) -> Sentence | None:
    """Why messages cannot come from this sender: a name, a number, `Name <address>`, or the host of an address.

    Words run together in addresses (`harborrecovery.example`), so that longer stems are looked for anywhere.
    """
    if hides_something(sender) or foreign_letters(sender):
        return sentence("message.hidden")
    parted = re.sub(r"[<>@._+-]+", " ", sender)
    found = dict.fromkeys((*forbidden_words(parted), *_inside(parted)))
    return sentence("message.word", words=tuple(found)) if found else None


def forbidden_words(text: str) -> tuple[str, ...]:
    """The telling words in a text, as listed, in the order of the list: whatever their accents and case, with hidden
    characters, other scripts' letters, digits for letters, or signs between the letters.
    """
    read = [each for each in readings(text) if _ANY.search(each)]
    return tuple(word for word, pattern in _PATTERNS if any(pattern.search(each) for each in read))


def gsm_length(text: str) -> int | None:
    """Length in septets of the GSM alphabet (`€` and the brackets take two), or None where a character is
    not in it.
    """
    if any(each not in GSM and each not in GSM_EXTENDED for each in text):
        return None
    return len(text) + sum(each in GSM_EXTENDED for each in text)


def _inside(text: str) -> list[str]:
    whole = [plain(each) for each in readings(text)]
    stems = [(word, plain(word.rstrip("*"))) for word in FORBIDDEN if " " not in word]
    long = [(word, stem) for word, stem in stems if len(stem) >= SHORTEST_STEM_INSIDE]
    return [word for word, stem in long if any(stem in each for each in whole)]


def _pattern(word: str) -> str:
    """A listed word as a pattern: `medic*` is any word so beginning, anything else that word alone."""
    stem = word.endswith("*")
    return r"(?<!\w)" + re.escape(plain(word.rstrip("*"))) + ("" if stem else r"(?!\w)")


_PATTERNS = tuple((word, re.compile(_pattern(word))) for word in FORBIDDEN)
_ANY = re.compile("|".join(_pattern(word) for word in FORBIDDEN))
