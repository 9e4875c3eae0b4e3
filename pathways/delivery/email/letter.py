"""A message as the bytes of an e-mail: neutral headers, plain text, nothing a reader's program would fetch."""

import re
from datetime import datetime
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache, lru_cache

from pathways.delivery.messages import Message

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]]+@[^\s@<>(),;:\"\\\[\]]+")
_LEADING_DOT = re.compile(rb"(?m)^\.")

# Headers that are the same from letter to letter, whoever they are for.
_ALIKE = frozenset({"auto-submitted", "content-language", "content-transfer-encoding", "content-type", "from",
                    "mime-version"})  # fmt: skip


class _Headers(HeaderRegistry):
    """Headers as the library makes them, each kind's class once, and those that are alike once."""

    def __call__(self, name: str, value: str) -> BaseHeader:
        return self._alike(name, value) if name.lower() in _ALIKE else super().__call__(name, value)

    @lru_cache(maxsize=256)  # noqa: B019 - there is one of it
    def _alike(self, name: str, value: str) -> BaseHeader:
        return super().__call__(name, value)

    @cache  # noqa: B019 - there is one of it
    def __getitem__(self, name: str) -> type[BaseHeader]:
        return super().__getitem__(name)


_POLICY = SMTP.clone(header_factory=_Headers())


def address_problem(address: str) -> bool:
    """Whether this is not one plain address of ASCII letters: a list, a name, a line break, a foreign
    script.
    """
    return not address.isascii() or _ADDRESS.fullmatch(address) is None


def sender_address(sender: str) -> str:
    """The bare address of `Harbor House <hello@example.org>`."""
    return parseaddr(sender)[1]


def domain(address: str) -> str:
    """The part behind the @, in small letters."""
    return address.rpartition("@")[2].casefold()


def message_id(message: Message) -> str:
    """The same for every try of one attempt, so that a receiver can tell a repeated one."""
    return f"<{message.reference}@{sender_address(message.sender).rpartition('@')[2]}>"


def letter(message: Message, *, now: datetime) -> bytes:
    """The e-mail, with line ends and leading dots as SMTP wants them. Raises ValueError for a broken
    header.
    """
    document = EmailMessage(policy=_POLICY)
    document["From"] = message.sender
    document["To"] = message.to
    document["Subject"] = message.subject or ""
    document["Date"] = format_datetime(now)
    document["Message-ID"] = message_id(message)
    document["Auto-Submitted"] = "auto-generated"
    document.set_content(message.text, cte="quoted-printable")
    document["Content-Language"] = message.language  # after the content, which clears headers of this name
    return _LEADING_DOT.sub(b"..", document.as_bytes())
