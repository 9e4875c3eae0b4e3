"""Messages: what goes, what went, what did not and why; what a person decides; and the practice mailbox."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic import clock
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor, Site
from clinic.queries.installation import latch_open
from clinic.queries.pages import page
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.web.pages import go_on
from pathways.actions import reminders as acts
from pathways.delivery.mailbox import Delivered, read
from pathways.models import Reminder
from pathways.queries import messages as queries
from pathways.queries.messages import MessageState
from pathways.queries.replies import number_waiting
from pathways.rules.reminders import ReminderStatus, SendAction
from pathways.web.message_rows import ICONS, attempt_shown, preview, row_shown
from pathways.web.places import here
from patients.rules.contact import Channel

ROWS = 50
CHANNELS = (Channel.SMS, Channel.EMAIL)


def messages(request: HttpRequest) -> HttpResponse:
    """The list; what needs a person comes first, where there is any."""
    site, channel = here(request), _channel(request)
    waiting = queries.number_for_a_person(request.actor, site)  # type: ignore[attr-defined]
    state = _state(request, waiting)
    rows = queries.messages(request.actor, site=site, state=state, channel=channel)  # type: ignore[attr-defined]
    binding = f"messages {site.public_id if site else ''} {state} {channel}"
    order = queries.SOONEST_FIRST if state is MessageState.PLANNED else queries.ORDER
    found = page(rows, order, request.GET.get("cursor") or None, ROWS, binding)
    request.seen.update(each.patient.public_id for each in found.rows)  # type: ignore[attr-defined]
    context = {
        "rows": [row_shown(each) for each in found.rows],
        "state": state,
        "empty": sentence(f"message.empty.{state}"),
        "tabs": _tabs(request, state, waiting),
        "channels": _channels(request, state, channel),
        "previous": _link(request, state, channel, found.previous_cursor),
        "following": _link(request, state, channel, found.next_cursor),
        "mailbox": not latch_open(),
        "replies": _replies_waiting(request, site),
    }
    return render(request, "pathways/messages/messages.html", context)


def _replies_waiting(request: HttpRequest, site: Site | None) -> int | None:
    """How many replies wait for a person; None for somebody who may not read them."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return number_waiting(actor, site) if actor.may(Permission.REPLY_READ) else None


def _state(request: HttpRequest, waiting: int) -> MessageState:
    given = request.GET.get("state", "")
    if given in set(MessageState):
        return MessageState(given)
    return MessageState.NEEDS_PERSON if waiting else MessageState.PLANNED


def _channel(request: HttpRequest) -> str:
    given = request.GET.get("channel", "")
    return given if given in CHANNELS else ""


def _tabs(request: HttpRequest, state: MessageState, waiting: int) -> list[dict[str, Any]]:
    counts = {MessageState.NEEDS_PERSON: waiting}
    return [
        {
            "href": _address(each, _channel(request)),
            "label": sentence("message.state", state=each),
            "current": each is state,
            "count": counts.get(each),
        }
        for each in MessageState
    ]


def _channels(request: HttpRequest, state: MessageState, channel: str) -> list[dict[str, Any]]:
    every = {"href": _address(state, ""), "label": sentence("message.every_channel"), "current": not channel}
    return [every, *({"href": _address(state, each), "label": sentence("message.channel_name", channel=each),
                      "current": each == channel} for each in CHANNELS)]  # fmt: skip


def _address(state: MessageState, channel: str, cursor: str = "") -> str:
    query = {"state": state.value} | ({"channel": channel} if channel else {}) | ({"cursor": cursor} if cursor else {})
    return f"{reverse('messages')}?{urlencode(query)}"


def _link(request: HttpRequest, state: MessageState, channel: str, cursor: str | None) -> str | None:
    return _address(state, channel, cursor) if cursor else None


_OLD_TIME = {
    "title": sentence("today.old_time"),
    "why": sentence("worklist.why.old_time"),
    "done": sentence("message.told"),
}


def message(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One message: the words as sent, every try, and why it stands where it stands."""
    row = queries.message(request.actor, public_id)  # type: ignore[attr-defined]
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    tries = [attempt_shown(each) for each in queries.attempts(row)]
    context = {
        **row_shown(row),
        "would_not": _would_not(row),
        "attempts": tries,
        "sent": tries[0]["row"] if tries else None,
        "sent_text": tries[0]["text"] if tries else "",
        "preview": preview(row) if not tries else None,
        "unclear": row.status == ReminderStatus.UNCERTAIN,
        "missed": row.status == ReminderStatus.PLANNED and row.needs_person,
        "old_time": _OLD_TIME if row.holds_old_time else None,
    }
    return render(request, "pathways/messages/message.html", context)


def _would_not(row: Reminder) -> Sentence | None:
    """Why it would not go, from the rule that sending asks; None where it would, now or when its hour comes."""
    decision = queries.outlook(row, clock.now())
    if decision is None or decision.action in (SendAction.SEND, SendAction.POSTPONE):
        return None
    return decision.reason


def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A person found out what became of a message nobody knew about."""
    arrived = {"yes": True, "no": False}.get(request.POST.get("arrived", ""))
    if arrived is None:
        raise bad_input(arrived=sentence("refused.not_offered"))
    acts.decide_uncertain(by=request.actor, now=clock.now(), reminder_id=public_id, arrived=arrived)  # type: ignore[attr-defined]
    return go_on(request, reverse("message", args=[public_id]), sentence("message.decided"))


def decide_missed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Whether a message that fell due while messages were paused still goes."""
    send = {"yes": True, "no": False}.get(request.POST.get("send", ""))
    if send is None:
        raise bad_input(send=sentence("refused.not_offered"))
    acts.decide_missed(by=request.actor, now=clock.now(), reminder_id=public_id, send=send)  # type: ignore[attr-defined]
    return go_on(request, reverse("message", args=[public_id]), sentence("message.decided"))


def told(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody told them what became of the time their message says."""
    acts.record_told(by=request.actor, now=clock.now(), reminder_id=public_id)  # type: ignore[attr-defined]
    return go_on(request, reverse("message", args=[public_id]), sentence("message.decided"))


def mailbox(request: HttpRequest) -> HttpResponse:
    """What recipients would have seen, newest first. Only while nothing real can be sent."""
    if latch_open():
        raise not_found()
    found = read(settings.MAILBOX_DIR, limit=ROWS, before=_before(request))
    known = queries.by_reference(request.actor, [each.message.reference for each in found])  # type: ignore[attr-defined]
    letters = [_letter(each, known[each.message.reference]) for each in found if each.message.reference in known]
    request.seen.update(each["patient"].public_id for each in letters)  # type: ignore[attr-defined]
    following = f"{reverse('mailbox')}?{urlencode({'before': found[-1].place})}" if len(found) == ROWS else None
    context = {"letters": letters, "following": following}
    return render(request, "pathways/messages/mailbox.html", context)


def _before(request: HttpRequest) -> str | None:
    given = request.GET.get("before", "")
    if not given:
        return None
    if len(given) > 80 or not given.isascii() or not given.isprintable():
        raise Refused("bad_input", status=422)
    return given


def _letter(delivered: Delivered, row: Reminder) -> dict[str, Any]:
    return {
        "message": delivered.message,
        "at": delivered.delivered_at,
        "patient": row.patient,
        "row": row,
        "about": queries.about(row),
        "channel": Channel(row.channel),
        "icon": ICONS.get(Channel(row.channel), "message"),
        "zone": row.site.zone,
    }
