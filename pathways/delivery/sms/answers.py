"""What the SMS provider's answers and error numbers mean."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from pathways.delivery.messages import Detail, Outcome, detail, permanent, temporary, uncertain
from pathways.rules.reminders import OutcomeKind

# The provider's words for where a message stands.
KINDS = {
    "accepted": OutcomeKind.SENT,
    "scheduled": OutcomeKind.SENT,
    "queued": OutcomeKind.SENT,
    "sending": OutcomeKind.SENT,
    "sent": OutcomeKind.SENT,
    "delivered": OutcomeKind.DELIVERED,
    "read": OutcomeKind.DELIVERED,
    "undelivered": OutcomeKind.PERMANENT,
    "failed": OutcomeKind.PERMANENT,
    "canceled": OutcomeKind.PERMANENT,
}
# The provider's error numbers that say what is to be done.
DETAILS = {
    20003: Detail.SIGN_IN_REFUSED,
    20429: Detail.TOO_MANY,
    14107: Detail.TOO_MANY,
    21611: Detail.TOO_MANY,
    21211: Detail.BAD_ADDRESS,
    21214: Detail.BAD_ADDRESS,
    21614: Detail.BAD_ADDRESS,
    21610: Detail.OPTED_OUT,
    21408: Detail.UNREACHABLE,
    21612: Detail.UNREACHABLE,
    30003: Detail.UNREACHABLE,
    30005: Detail.BAD_ADDRESS,
    30006: Detail.BAD_ADDRESS,
    21212: Detail.SENDER_REFUSED,
    21603: Detail.SENDER_REFUSED,
    21606: Detail.SENDER_REFUSED,
    21602: Detail.BAD_MESSAGE,
    21617: Detail.BAD_MESSAGE,
    30007: Detail.REFUSED,
}
# About us or the moment, not about the recipient: tried again once mended.
_PASSING = frozenset({Detail.SIGN_IN_REFUSED, Detail.TOO_MANY, Detail.SENDER_REFUSED})


def outcome_of(status: int, headers: Mapping[str, str], body: bytes) -> Outcome:
    """What the answer to a new message means.

    Only a clear "no" is a no: an answer of the 5xx kind, or one that cannot be read, came after the request
    was written and leaves it uncertain.
    """
    document = read(body)
    if status in (200, 201):
        return _taken(document)
    if status == 429:
        return temporary(Detail.TOO_MANY, 429, retry_after=retry_after(headers))
    if status in (401, 403, 404):
        return temporary(Detail.SIGN_IN_REFUSED, document.get("code", status))
    if 300 <= status < 400:
        return temporary(Detail.ODD_ANSWER, status)
    if 400 <= status < 500 and status != 408:
        return _refused(document.get("code", status), headers)
    return uncertain(Detail.ODD_ANSWER, status)


def standing(status: str, error_code: object) -> Outcome:
    """What the provider's word for a message means, in its list or in a callback. Raises ValueError for
    another word.
    """
    kind = KINDS.get(status)
    if kind is None:
        raise ValueError(f"{status!r} is no status of a message")
    if kind is not OutcomeKind.PERMANENT:
        return Outcome(kind)
    number = _number(error_code)
    return permanent(DETAILS.get(number or 0, Detail.REFUSED), number)


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the provider asks us to wait, by an answer's headers (names in small letters): seconds or a date; None
    where it does not say."""
    text = headers.get("retry-after", "").strip()
    if text.isdecimal():
        return timedelta(seconds=min(int(text), 10**6))
    try:
        until = parsedate_to_datetime(text)
        return max(timedelta(0), until - datetime.now(UTC))
    except (ValueError, TypeError):
        return None


def read(body: bytes) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where it is none."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _taken(document: Mapping[str, Any]) -> Outcome:
    sid = document.get("sid")
    if not isinstance(sid, str) or not sid:
        return uncertain(Detail.ODD_ANSWER, 201)
    try:
        stands = standing(str(document.get("status", "queued")), document.get("error_code"))
    except ValueError:
        stands = Outcome(OutcomeKind.SENT)
    return Outcome(stands.kind, provider_id=sid, detail_code=stands.detail_code)


def _refused(number: object, headers: Mapping[str, str]) -> Outcome:
    code = DETAILS.get(_number(number) or 0, Detail.REFUSED)
    if code in _PASSING:
        wait = retry_after(headers)
        return Outcome(OutcomeKind.TEMPORARY, retry_after=wait, detail_code=detail(code, _number(number)))
    return permanent(code, _number(number))


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 8 else None
