"""A mail server's later word on a letter of ours: a delivery status notification.

Sources: RFC 3464 (its fields), RFC 6522 (multipart/report), RFC 6533 (its international form).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from enum import StrEnum
from uuid import UUID

from pathways.rules.mail.reading import header, parts_of, reference_in, text_of
from pathways.rules.mail.statuses import status_in
from pathways.rules.reminders import OutcomeKind

_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_OUR_LETTER = frozenset({"message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"})
_MESSAGE_ID = re.compile(r"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class DsnAction(StrEnum):
    """What became of the letter (RFC 3464, 2.3.3). *Failed* is the end of it, whatever the status's first figure."""

    FAILED = "failed"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    RELAYED = "relayed"
    EXPANDED = "expanded"


@dataclass(frozen=True, slots=True)
class Bounce:
    """`reference`: of our message, None where it names none. `status`: an enhanced code, "5.0.0" where it has none."""

    reference: UUID | None
    action: DsnAction
    status: str

    @property
    def outcome(self) -> OutcomeKind | None:
        """What it means for the message; None where nothing is certain yet."""
        if self.action is DsnAction.FAILED:
            return OutcomeKind.PERMANENT
        return OutcomeKind.DELIVERED if self.action is DsnAction.DELIVERED else None


def bounce_in(message: Message) -> Bounce | None:
    """The notification that a letter is, or None. Ours go to one address each: the worst it says of any counts."""
    if message.get_content_type() != "multipart/report":
        return None
    told = [
        each for part in parts_of(message) if part.get_content_type() in _STATUS_PARTS for each in _recipients(part)
    ]
    for action in DsnAction:
        for fields in told:
            if header(fields, "Action").casefold() == action.value:
                return Bounce(_reference(message), action, _status(fields))
    return None


def _recipients(part: Message) -> Iterator[Message]:
    """The fields of each recipient: the blocks after the first, which is about the letter."""
    inner = part.get_payload()
    blocks = [each for each in inner if isinstance(each, Message)] if isinstance(inner, list) else []
    for each in blocks:
        if "Action" in each:
            yield each
        elif part.get_content_type() == "message/global-delivery-status":
            yield from (message_from_string(block) for block in _blocks(each.get_payload()))


def _blocks(text: object) -> list[str]:
    return re.split(r"\r?\n\r?\n", text) if isinstance(text, str) else []


def _status(fields: Message) -> str:
    """The more exact of the two codes it may give: servers write 5.0.0 and the real one in what the other side said."""
    given, said = status_in(header(fields, "Status")), status_in(header(fields, "Diagnostic-Code"))
    if given is not None and not given.endswith(".0.0"):
        return given
    return said or given or "5.0.0"


def _reference(message: Message) -> UUID | None:
    """Our message, by the Message-ID in what was sent back, or in what the notification answers."""
    for part in parts_of(message):
        if part.get_content_type() in _OUR_LETTER and (found := _reference_of_letter(part)):
            return found
    return reference_in(f"{header(message, 'References')} {header(message, 'In-Reply-To')}")


def _reference_of_letter(part: Message) -> UUID | None:
    inner = part.get_payload()
    if isinstance(inner, list):
        letters = [each for each in inner if isinstance(each, Message)]
        return next((found for each in letters if (found := reference_in(header(each, "Message-ID")))), None)
    named = _MESSAGE_ID.search(text_of(part))
    return reference_in(named.group(1)) if named else None
