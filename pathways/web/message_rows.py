"""A message as lists and pages show it: to whom, about what, when, how it stands and why."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import get_language

from clinic import clock
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label
from pathways.actions.reminders.window import merge_fields
from pathways.delivery.messages import Detail
from pathways.models import Attempt, Reminder
from pathways.queries.links import kind_of_link
from pathways.queries.messages import about, why
from pathways.queries.templates import words_of
from pathways.rules.links import EXAMPLE, address_of, masked
from pathways.rules.messages import Rendered, render
from pathways.rules.reminders import NOT_SENT, OPEN, OutcomeKind, ReminderStatus
from patients.rules.contact import Channel

TONES = {
    ReminderStatus.DELIVERED: ("met", "circle-check"),
    ReminderStatus.SENT: ("info", "send"),
    ReminderStatus.UNCERTAIN: ("warning", "alert-circle"),
    ReminderStatus.FAILED: ("warning", "alert-circle"),
}
ICONS = {Channel.SMS: "message-2", Channel.EMAIL: "mail"}


def row_shown(row: Reminder) -> dict[str, Any]:
    """One row of a list."""
    status, channel = ReminderStatus(row.status), Channel(row.channel)
    tone, symbol = TONES.get(status, ("none", "clock" if status in OPEN else "message-off"))
    return {
        "row": row,
        "patient": row.patient,
        "about": about(row),
        "channel": channel,
        "icon": ICONS.get(channel, "message"),
        "tone": tone,
        "symbol": symbol,
        "status": _status_words(status),
        "zone": row.site.zone,
        "why": why(row),
        "at": _when(row, status),
        "open": status in OPEN,
    }


def _when(row: Reminder, status: ReminderStatus) -> datetime:
    """When it goes, when it went, or when it would have gone."""
    if status in OPEN:
        return row.next_at
    return row.due_at if status in NOT_SENT else row.status_at


def _status_words(status: ReminderStatus) -> str:
    words_of = label(status, (get_language() or "en")[:2])
    return words_of[:1].upper() + words_of[1:]


def attempt_shown(row: Attempt) -> dict[str, Any]:
    """One try to send it, as sent; the token of a link is hidden."""
    outcome = (
        sentence("message.outcome", outcome=OutcomeKind(row.outcome)) if row.outcome else sentence("message.under_way")
    )
    return {"row": row, "text": masked(row.text), "outcome": outcome, "detail": _detail(row.detail_code)}


def _detail(code: str) -> Sentence | None:
    """The channel's word for it; the provider's own number stays beside it in the record."""
    word = code.partition(":")[0]
    return sentence("message.detail", detail=Detail(word)) if word and word in set(Detail) else None


def preview(row: Reminder) -> Rendered | None:
    """What would be sent if it went now; None once it has gone or ended, or where the words cannot be made."""
    if ReminderStatus(row.status) not in OPEN:
        return None
    try:
        linked = [row.pk] if kind_of_link(row, clock.now()) is not None else []
        fields = merge_fields(row) | {"link": address_of(EXAMPLE, settings.PATIENT_LINK_URL)}
        return render(words_of([row], linked=linked)[row.pk], fields)
    except ValueError:
        return None
