"""Discretion: what no message, and no name a message carries, may say or hold.

Sources: follow-up.md, "Content under HIPAA and Part 2"; confidentiality.md. Even the sender's name can give treatment
away, so a site's discreet name is held to the same words as the messages.
"""

import re
import unicodedata

from clinic.rules.forbidden_words import FORBIDDEN
from clinic.rules.sentences import Sentence, sentence

# As long as the column, and as long as one text message bears.
LONGEST_NAME = 40

GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENDED = frozenset("^{}\\[~]|€\f")
LINK = re.compile(r"https?:|www\.|\b[\w-]+\.[a-z]{2,}(?:/|\b)", re.IGNORECASE)


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


def forbidden_words(text: str) -> tuple[str, ...]:
    """The telling words in a text, as listed, in the order of the list. Accents, case and hidden characters
    aside.
    """
    plain = _plain(text)
    return tuple(word for word, pattern in _FORBIDDEN_PATTERNS if pattern.search(plain))


def gsm_length(text: str) -> int | None:
    """Length in septets of the GSM alphabet (`€` and the brackets take two), or None where a character is
    not in it.
    """
    if any(each not in GSM and each not in GSM_EXTENDED for each in text):
        return None
    return len(text) + sum(each in GSM_EXTENDED for each in text)


def _plain(text: str) -> str:
    """Small letters without accents or invisible characters, for comparing words."""
    letters = unicodedata.normalize("NFKD", text)
    return "".join(each for each in letters if unicodedata.category(each) not in ("Mn", "Cf")).casefold()


def _pattern(word: str) -> re.Pattern[str]:
    """A listed word as a pattern: `medic*` is any word so beginning, anything else that word alone."""
    stem = word.endswith("*")
    return re.compile(r"(?<!\w)" + re.escape(_plain(word.rstrip("*"))) + ("" if stem else r"(?!\w)"))


_FORBIDDEN_PATTERNS = tuple((word, _pattern(word)) for word in FORBIDDEN)
