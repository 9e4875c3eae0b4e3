"""A text message somebody sent us, posted by the provider."""

from collections.abc import Mapping
from dataclasses import dataclass

LONGEST_ID = 128
LONGEST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Inbound:
    """The provider's id of the message, who wrote, to which of our numbers, and what."""

    provider_id: str
    sender: str
    recipient: str
    text: str


def inbound(form: Mapping[str, str]) -> Inbound:
    """Reads a posted message. Raises ValueError for a form without the message's id, its sender or its words.

    Words may be wanting where there is a picture.
    """
    provider_id = _line(form, "MessageSid", LONGEST_ID) or _line(form, "SmsSid", LONGEST_ID)
    sender, recipient = _line(form, "From", LONGEST_ADDRESS), _line(form, "To", LONGEST_ADDRESS)
    if not provider_id or not sender:
        raise ValueError("it does not say which message it is, or whose")
    if "Body" not in form and form.get("NumMedia", "0") in ("", "0"):
        raise ValueError("there is nothing in it")
    return Inbound(provider_id, sender, recipient, form.get("Body", ""))


def _line(form: Mapping[str, str], name: str, longest: int) -> str:
    value = form.get(name, "").strip()
    if len(value) > longest or not value.isprintable():
        raise ValueError(f"{name} cannot be read")
    return value


def nothing_to_say() -> bytes:
    """The answer that sends nothing back by itself."""
    return b'<?xml version="1.0" encoding="UTF-8"?><Response></Response>'


def said_back(text: str) -> bytes:
    """The answer with which the provider sends one message back to whoever wrote."""
    for sign, spelled in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, spelled)
    return f'<?xml version="1.0" encoding="UTF-8"?><Response><Message>{text}</Message></Response>'.encode()
