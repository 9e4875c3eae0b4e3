"""A patient's own link: what it is for, how its address is made and known again, how long it works.

The address is a random handle and a signature over it, so that none can be made up and none has to be stored whole.
No word in it tells anything, and none can be spelled with its letters: they have no vowels, no 0 and 1, no capitals.
"""

import hmac
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from pathways.rules.messages import LONGEST_LINK

LETTERS = "23456789bcdfghjkmnpqrstvwxyz"
# Eleven of 28 letters are 52 bits each: of the handle, so that no two meet; of the signature, so that nobody guesses.
HANDLE_LENGTH = 11
SIGNATURE_LENGTH = 11
TOKEN_LENGTH = HANDLE_LENGTH + SIGNATURE_LENGTH
PATH = "/l/"
# An address nobody has: its signature is a row of the first letter.
EXAMPLE = LETTERS[0] * TOKEN_LENGTH
# What the address of a text message's link may start with, so that the whole is no longer than one may be.
LONGEST_BASE = LONGEST_LINK - len(PATH) - TOKEN_LENGTH - 1
HIDDEN = "••••"
_WRITTEN = re.compile(rf"{re.escape(PATH)}[{LETTERS}]{{{TOKEN_LENGTH}}}(?![{LETTERS}])")
_KEY_PURPOSE = b"stepwell patient link"

# How long one works that is about nothing with a time of its own (local default).
WORKS_FOR = timedelta(days=14)
# Who said who they are may fill in the form this long without saying it again, and may say it wrongly so often.
PASS_HOLDS = timedelta(hours=2)
MOST_WRONG_TRIES = 5
LONGEST_MOMENT = 12


class LinkPurpose(StrEnum):
    """The one thing a link can be used for."""

    APPOINTMENT = "appointment"
    QUESTIONNAIRE = "questionnaire"
    PREFERENCES = "preferences"


# What is shown only to somebody who knows the person's birth date: more than the message itself said.
ASKS_WHO = frozenset({LinkPurpose.QUESTIONNAIRE, LinkPurpose.PREFERENCES})


class LinkState(StrEnum):
    """Where a link stands."""

    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    REVOKED = "revoked"


def key_from(secret: str) -> bytes:
    """The signing key made of one secret of the installation: of no use for anything else the secret signs."""
    return hmac.new(secret.encode(), _KEY_PURPOSE, sha256).digest()


def new_handle(choose: Callable[[str], str]) -> str:
    """A random handle; `choose` picks one of the letters (`secrets.choice`)."""
    return "".join(choose(LETTERS) for _ in range(HANDLE_LENGTH))


def token(handle: str, key: bytes) -> str:
    """Handle and signature: what stands in the address. Raises ValueError for what is no handle."""
    if len(handle) != HANDLE_LENGTH or not set(handle) <= set(LETTERS):
        raise ValueError("that is no handle")
    return handle + _signature(handle, key)


def handle_of(given: str, keys: Sequence[bytes]) -> str | None:
    """The handle of a token signed with one of the keys, or None. Every key is tried, in constant time."""
    handle, signature = given[:HANDLE_LENGTH], given[HANDLE_LENGTH:]
    if len(given) != TOKEN_LENGTH or not set(given) <= set(LETTERS):
        return None
    fits = [hmac.compare_digest(_signature(handle, key), signature) for key in keys]
    return handle if any(fits) else None


def address_of(given: str, base: str) -> str:
    """The whole address of a token: `https://go.example/l/…/`."""
    return f"{base.rstrip('/')}{PATH}{given}/"


def masked(text: str) -> str:
    """The text with the token of every address in it hidden: `https://go.example/l/••••/`. So staff read a message."""
    return _WRITTEN.sub(PATH + HIDDEN, text)


def state(*, now: datetime, expires_at: datetime, used_at: datetime | None, revoked_at: datetime | None) -> LinkState:
    """Where a link stands at a moment; one that was revoked says so even where it was used before."""
    if revoked_at is not None:
        return LinkState.REVOKED
    if used_at is not None:
        return LinkState.USED
    return LinkState.EXPIRED if now >= expires_at else LinkState.OPEN


def expires(*, now: datetime, begins_at: datetime | None) -> datetime:
    """Until when a new link works: until the appointment begins, else for two weeks. Raises ValueError for an
    appointment that has begun."""
    if begins_at is None:
        return now + WORKS_FOR
    if begins_at <= now:
        raise ValueError("a link to what has begun would be over already")
    return begins_at


def pass_for(handle: str, key: bytes, until: datetime) -> str:
    """What a page carries on once somebody has said who they are: good for this one link, until that moment."""
    moment = str(int(until.timestamp()))
    return f"{moment}.{_signature(f'{handle} knows {moment}', key)}"


def pass_holds(given: str, handle: str, keys: Sequence[bytes], now: datetime) -> bool:
    """Whether a page carries such a pass for this link, and it still counts."""
    moment, _, signature = given.partition(".")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= LONGEST_MOMENT and signature.isascii()):
        return False
    fits = [hmac.compare_digest(_signature(f"{handle} knows {moment}", key), signature) for key in keys]
    return any(fits) and now.timestamp() < int(moment)


def knows_who(typed: str, known: str) -> bool:
    """Whether what was typed is what only the person knows, compared in constant time. Both as `1984-06-07`."""
    return hmac.compare_digest(typed.encode(), known.encode())


def locks(wrong_tries: int) -> bool:
    """Whether so many wrong tries close a link for good."""
    return wrong_tries >= MOST_WRONG_TRIES


def _signature(words: str, key: bytes) -> str:
    """The first letters' worth of HMAC-SHA-256 over the words, written with our letters."""
    number = int.from_bytes(hmac.new(key, words.encode(), sha256).digest(), "big")
    written = []
    for _ in range(SIGNATURE_LENGTH):
        number, place = divmod(number, len(LETTERS))
        written.append(LETTERS[place])
    return "".join(written)
