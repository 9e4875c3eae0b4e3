"""The provider's later reports of a message, posted to the address we gave with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from pathways.delivery.messages import Outcome
from pathways.delivery.sms.answers import standing


@dataclass(frozen=True, slots=True)
class Report:
    """The provider's id of the message and where it stands now."""

    provider_id: str
    outcome: Outcome


def report(form: Mapping[str, str]) -> Report:
    """Reads a status callback. Raises ValueError for a form without the message's id or with an unknown
    status.
    """
    provider_id = form.get("MessageSid") or form.get("SmsSid") or ""
    if not provider_id or len(provider_id) > 128:
        raise ValueError("the report names no message")
    stands = standing(form.get("MessageStatus") or form.get("SmsStatus") or "", form.get("ErrorCode"))
    return Report(provider_id, Outcome(stands.kind, provider_id=provider_id, detail_code=stands.detail_code))
