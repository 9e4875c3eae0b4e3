"""A letter as it came in: who wrote, what, in answer to which of our messages, and whether a machine wrote it.

Sources: RFC 5322 (letters), RFC 3834 (automatic ones say so), and what common servers write that came before it.
Whatever comes in, nothing here fails on it: what cannot be read is left out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parseaddr
from hashlib import sha256
from html.parser import HTMLParser
from uuid import UUID

LONGEST_LETTER = 1_000_000
"""Octets that are read; the words of a letter come before what hangs on it."""
LONGEST_ID = 128
LONGEST_HEADER = 4_000
MOST_PARTS = 200
_ID = re.compile(r"<([^<>\s]+)>")
_OURS = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@", re.IGNORECASE)
_AWAY = re.compile(
    r"^\s*(?:automatic reply|auto(?:matic)?[- ]?(?:response|reply)|out of (?:the )?office|respuesta autom[aá]tica|"
    r"fuera de (?:la )?oficina)\b",
    re.IGNORECASE,
)
_BULK = frozenset({"bulk", "junk", "list", "auto_reply"})
_AUTOMATIC_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-From", "List-Id", "List-Unsubscribe")
_UNSEEN = frozenset({"script", "style", "head", "title", "blockquote"})
_LINES = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})
_UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError)


@dataclass(frozen=True, slots=True)
class Letter:
    """`provider_id`: what it is known by, however often it comes. `answers`: the reference of our message it answers.
    `automatic`: a machine wrote it, so that none of ours may answer."""

    provider_id: str
    sender: str
    recipient: str
    text: str
    answers: UUID | None
    automatic: bool


def opened(raw: bytes) -> Message:
    """The letter in its parts. Raises ValueError where it is none."""
    try:
        return message_from_bytes(raw[:LONGEST_LETTER])
    except _UNREADABLE as error:
        raise ValueError("this is no letter") from error


def letter_in(message: Message, raw: bytes) -> Letter:
    """What somebody wrote, `raw` as it came. Raises ValueError where nobody can be made out who did."""
    sender = _address(message, "From")
    if not sender:
        raise ValueError("it does not say who wrote")
    return Letter(
        provider_id=_known_by(message, raw),
        sender=sender,
        recipient=_address(message, "Delivered-To") or _address(message, "To"),
        text=_words(message) or header(message, "Subject"),
        answers=reference_in(f"{header(message, 'In-Reply-To')} {header(message, 'References')}"),
        automatic=_automatic(message),
    )


def header(message: Message, name: str) -> str:
    """A header in plain characters on one line; empty where it is not there or cannot be read."""
    try:
        given = str(message.get(name, ""))[:LONGEST_HEADER]
        whole = str(make_header(decode_header(given)))
    except _UNREADABLE:
        return ""
    return " ".join(whole.split())


def reference_in(text: str) -> UUID | None:
    """The reference of one of our messages, as its Message-ID carries it: the last one named."""
    found = _OURS.findall(text)
    return UUID(found[-1]) if found else None


def parts_of(message: Message) -> Iterator[Message]:
    """The letter and its parts, outermost first, and no more of them than any honest letter has."""
    waiting, seen = [message], 0
    while waiting and seen < MOST_PARTS:
        part, seen = waiting.pop(0), seen + 1
        yield part
        inner = part.get_payload()
        if isinstance(inner, list):
            waiting += [each for each in inner if isinstance(each, Message)]


def text_of(part: Message) -> str:
    """The text of a part, whatever it is written in; empty where it has none."""
    try:
        content = part.get_payload(decode=True)
        if not isinstance(content, bytes):
            return ""
        return content.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
    except _UNREADABLE:
        return ""


def _address(message: Message, name: str) -> str:
    return parseaddr(header(message, name))[1].strip()


def _known_by(message: Message, raw: bytes) -> str:
    found = _ID.search(header(message, "Message-ID"))
    given = found.group(1) if found else ""
    if given and len(given) <= LONGEST_ID and given.isascii():
        return given
    return f"sha256:{sha256(given.encode() or raw).hexdigest()}"


def _automatic(message: Message) -> bool:
    submitted = header(message, "Auto-Submitted").partition(";")[0].strip().casefold()
    if submitted not in ("", "no") or header(message, "Precedence").casefold() in _BULK:
        return True
    if message.get_content_type() == "multipart/report":  # a receipt, or a notification of something else
        return True
    null_sender = "Return-Path" in message and not parseaddr(header(message, "Return-Path"))[1]
    named = any(name in message for name in _AUTOMATIC_HEADERS)
    return null_sender or named or _AWAY.match(header(message, "Subject")) is not None


def _words(message: Message) -> str:
    """The first plain text, else what a browser would show of the first page."""
    pages = ""
    for part in parts_of(message):
        if part.get_content_disposition() == "attachment":
            continue
        kind = part.get_content_type()
        if kind == "text/plain" and (plain := text_of(part).strip()):
            return plain
        if kind == "text/html" and not pages:
            pages = _shown(text_of(part))
    return pages


class _Page(HTMLParser):
    """Collects what is to be read, without what is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unseen += tag in _UNSEEN
        if tag in _LINES:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(" ".join(data.split()) if data.strip() else " ")


def _shown(page: str) -> str:
    reader = _Page()
    try:
        reader.feed(page)
        reader.close()
    except (ValueError, AssertionError):
        return ""
    lines = "".join(reader.words).splitlines()
    return "\n".join(line.strip() for line in lines if line.strip())
