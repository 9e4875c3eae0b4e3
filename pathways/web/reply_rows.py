"""What somebody wrote, as lists and threads show it: who, their words, what it did, whether somebody has seen to it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from clinic.rules.sentences import Sentence, sentence
from pathways.models import Reply
from pathways.queries.messages import about
from pathways.queries.threads import Said
from pathways.rules.links import masked
from pathways.rules.replies import Handling, Intent, ReplyChannel, ReplyEffect
from pathways.web.message_rows import ICONS
from patients.rules.contact import Channel

LONGEST_EXCERPT = 160
TONES = {
    Intent.CONFIRM: ("met", "circle-check"),
    Intent.RESCHEDULE: ("warning", "calendar"),
    Intent.STOP: ("none", "message-off"),
    Intent.HELP: ("none", "info-circle"),
    Intent.START: ("met", "message-2"),
    Intent.WRONG_PERSON: ("warning", "user"),
    Intent.FREE_TEXT: ("info", "message-2"),
}


def reply_shown(row: Reply, zone: ZoneInfo) -> dict[str, Any]:
    """One row of a list, and the head of its page."""
    intent = Intent(row.intent)
    tone, symbol = TONES[intent]
    return {
        "row": row,
        "who": row.patient.display_name if row.patient is not None else sentence("reply.somebody"),
        "chart": reverse("chart", args=[row.patient.public_id]) if row.patient is not None else "",
        "words": excerpt(row),
        "intent": intent,
        "tone": tone,
        "symbol": symbol,
        "effect": ReplyEffect(row.effect),
        "locked": row.effect == ReplyEffect.LINK_LOCKED,
        "handling": Handling(row.handling) if row.handling else None,
        "waits": row.needs_person and row.handled_at is None,
        "channel": ReplyChannel(row.channel),
        "icon": _icon(row),
        "about": _about(row),
        "zone": zone,
    }


def _icon(row: Reply) -> str:
    return ICONS[Channel(row.channel)] if row.channel in ICONS else "message-2"


def excerpt(row: Reply) -> str | Sentence:
    """The beginning of their words; a sentence where there are none, or retention has taken them."""
    if row.purged_at is not None:
        return sentence("reply.words_gone")
    whole = " ".join(masked(row.text).split())
    if row.effect == ReplyEffect.LINK_LOCKED:
        return sentence("reply.locked")
    if not whole:
        return sentence("reply.no_words")
    return whole if len(whole) <= LONGEST_EXCERPT else f"{whole[:LONGEST_EXCERPT].rstrip()} …"


def said_shown(each: Said) -> dict[str, Any]:
    """One message of a thread."""
    if each.came is not None:
        row = each.came
        return {
            "at": each.at,
            "came": True,
            "text": masked(row.text) if row.purged_at is None else "",
            "gone": row.purged_at is not None,
            "locked": row.effect == ReplyEffect.LINK_LOCKED,
            "language": row.language,
            "href": reverse("reply", args=[row.public_id]),
            "public_id": row.public_id,
            "channel": ReplyChannel(row.channel),
        }
    went = each.went
    if went is None:
        raise ValueError("a thread holds what came and what went")
    return {
        "at": each.at,
        "came": False,
        "text": masked(went.text) if went.purged_at is None else "",
        "gone": went.purged_at is not None,
        "language": went.reminder.language,
        "href": reverse("message", args=[went.reminder.public_id]),
        "channel": Channel(went.channel),
    }


def _about(row: Reply) -> str | Sentence | None:
    """What the message it answers was about."""
    return about(row) if row.follow_up_id or row.attendance_id else None
