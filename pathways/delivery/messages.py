"""What goes into a channel and what comes out of it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from pathways.rules.reminders import Finding, OutcomeKind


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one address. `reference` is the attempt's UUID: providers are told it, and asked by it.

    Raises ValueError where the reference is no UUID in its usual spelling, so that it is safe in paths and
    headers.
    """

    reference: str
    channel: str
    to: str
    sender: str
    text: str
    subject: str | None = None
    language: str = "en"

    def __post_init__(self) -> None:
        if str(UUID(self.reference)) != self.reference:
            raise ValueError("a reference is a UUID in lower case with hyphens")


class Detail(StrEnum):
    """Why an outcome is what it is: a code for the record, without addresses or texts."""

    NONE = ""
    LATCH_SHUT = "latch_shut"
    NOT_TRIED = "not_tried"
    CANNOT_CONNECT = "cannot_connect"
    CONNECTION_LOST = "connection_lost"
    NO_ANSWER = "no_answer"
    ODD_ANSWER = "odd_answer"
    SIGN_IN_REFUSED = "sign_in_refused"
    NOT_ENCRYPTED = "not_encrypted"
    TOO_MANY = "too_many"
    OPTED_OUT = "opted_out"
    BAD_ADDRESS = "bad_address"
    UNREACHABLE = "unreachable"
    BAD_MESSAGE = "bad_message"
    SENDER_REFUSED = "sender_refused"
    REFUSED = "refused"
    BUSY = "busy"
    NO_ROOM = "no_room"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a message, as far as the channel can know.

    *Temporary* means surely not taken, *uncertain* that it may have been. `provider_id` is the provider's
    own name for it, `detail_code` a `Detail`, with the provider's own number behind a colon where it gave
    one.
    """

    kind: OutcomeKind
    provider_id: str = ""
    retry_after: timedelta | None = None
    detail_code: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider says when asked about a message; with *found*, its own id and what became of it."""

    finding: Finding
    kind: OutcomeKind = OutcomeKind.SENT
    provider_id: str = ""
    detail_code: str = ""


def detail(code: Detail, number: object = None) -> str:
    """The code as recorded: `opted_out:21610`."""
    return f"{code.value}:{number}" if number is not None else code.value


def temporary(code: Detail, number: object = None, *, retry_after: timedelta | None = None) -> Outcome:
    """Surely not taken; may be tried again."""
    return Outcome(OutcomeKind.TEMPORARY, retry_after=retry_after, detail_code=detail(code, number))


def permanent(code: Detail, number: object = None) -> Outcome:
    """Not taken, and will not be."""
    return Outcome(OutcomeKind.PERMANENT, detail_code=detail(code, number))


def uncertain(code: Detail, number: object = None) -> Outcome:
    """Written to the provider, without a clear answer."""
    return Outcome(OutcomeKind.UNCERTAIN, detail_code=detail(code, number))
