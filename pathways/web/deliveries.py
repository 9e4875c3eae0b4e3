"""Delivery: how each channel stands, what somebody paused and why, and putting right what stands still."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.queries.sites import open_sites
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.rules.zones import are_apart
from clinic.web.forms import Form, words
from clinic.web.pages import go_on
from clinic.wording import label
from pathways.actions import reminders as acts
from pathways.actions.reminders.pauses import REASON_LIMIT
from pathways.delivery.messages import Detail
from pathways.messages.library import keys
from pathways.models import DeliveryPause
from pathways.queries import pauses as queries
from pathways.queries.deliveries import lines
from pathways.queries.providers import CHANNELS
from pathways.rules.reminders.lines import Line, standing_still
from pathways.rules.reminders.pauses import Missed, PauseScope
from pathways.web.message_rows import ICONS
from pathways.web.moments import zone_of
from patients.rules.contact import Channel

LIFTED_SHOWN = 10
_ALL = "all:"


class PauseForm(Form):
    """What is held back, and why. One choice names the scope and what it is about: `channel:sms`."""

    what = forms.ChoiceField(label=_("What"))
    reason = forms.CharField(label=_("Why"), max_length=REASON_LIMIT)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["what"].choices = _choices(actor)  # type: ignore[attr-defined]


def _choices(actor: Actor) -> list[Any]:
    channels = [(f"channel:{each}", _label(Channel(each))) for each in CHANNELS]
    sites = [(f"site:{each.public_id}", each.name) for each in _sites(actor)]
    templates = [(f"template:{each}", words(sentence(f"template.key.{each}"))) for each in sorted(keys())]
    return [
        (_ALL, _label(PauseScope.ALL)),
        (_label(PauseScope.CHANNEL), channels),
        (_label(PauseScope.SITE), sites),
        (_label(PauseScope.TEMPLATE), templates),
    ]


def _label(member: StrEnum) -> str:
    return label(member, (get_language() or "en")[:2])


def _sites(actor: Actor) -> list[Site]:
    """Those the actor may pause."""
    found = open_sites()
    if actor.may(Permission.SITE_WRITE):
        return found
    own = set(actor.sites.values_list("pk", flat=True))
    return [each for each in found if each.pk in own]


def delivery(request: HttpRequest) -> HttpResponse:
    """How every channel stands, what is paused, and the form that pauses."""
    return _page(request, PauseForm(actor=request.actor))  # type: ignore[attr-defined]


def pause(request: HttpRequest) -> HttpResponse:
    """From now on nothing of this goes out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = PauseForm(request.POST, actor=actor)
    if not form.is_valid():
        return _page(request, form, 422)
    scope, _colon, value = form.cleaned_data["what"].partition(":")
    try:
        acts.pause(
            by=actor, now=clock.now(), scope=PauseScope(scope), reason=form.cleaned_data["reason"],
            site_id=UUID(value) if scope == PauseScope.SITE else None,
            channel=value if scope == PauseScope.CHANNEL else "",
            template=value if scope == PauseScope.TEMPLATE else "",
        )  # fmt: skip
    except Refused as refused:
        form.refuse(refused)
        return _page(request, form, refused.status)
    return go_on(request, reverse("delivery"), sentence("delivery.pause.done"))


def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It goes out again; what was missed goes, is left out, or is decided on by a person."""
    given = request.POST.get("missed", "")
    if given not in set(Missed):
        raise bad_input(missed=sentence("refused.not_offered"))
    chosen = Missed(given)
    _row, number = acts.resume(by=request.actor, now=clock.now(), pause_id=public_id, missed_ones=chosen)  # type: ignore[attr-defined]
    return go_on(request, reverse("delivery"), sentence(f"delivery.resume.{chosen}", number=number))


def requeue(request: HttpRequest) -> HttpResponse:
    """What stopped workers hold, and what was not taken in all tries, is in line again."""
    counts = acts.requeue(by=request.actor, now=clock.now(), given_up=True)  # type: ignore[attr-defined]
    number = counts["back_in_line"] + counts["tried_again"]
    return go_on(request, reverse("delivery"), sentence("delivery.requeued", number=number))


def _page(request: HttpRequest, form: PauseForm, status: int = 200) -> HttpResponse:
    now = clock.now()
    found = lines(now)
    lifted = queries.pauses().filter(lifted_at__isnull=False).order_by(*queries.ORDER)[:LIFTED_SHOWN]
    context = {
        "lines": [_line(each, now) for each in found],
        "still": [said for each in found for said in standing_still(each, now)],
        "may_requeue": any(each.given_up or each.lapsed for each in found),
        "pauses": [{**_pause(each), "waiting": queries.waiting_behind(each, now)} for each in queries.current()],
        "lifted": [_pause(each) for each in lifted],
        "missed": list(Missed),
        "times_in": _times_in(request, now),
        "form": form,
    }
    return render(request, "pathways/deliveries/delivery.html", context, status=status)


def _times_in(request: HttpRequest, now: datetime) -> str:
    """The zone the times are told in, where the clinic's sites do not share one."""
    zone = zone_of(request)
    apart = any(are_apart(each.zone, zone, now) for each in open_sites())
    return zone.key if apart else ""


def _line(line: Line, now: Any) -> dict[str, Any]:
    channel = Channel(line.channel)
    tone, symbol = ("warning", "alert-circle") if line.troubles else ("met", "circle-check")
    if line.paused:
        tone, symbol = "warning", "player-pause"
    return {
        "line": line,
        "channel": channel,
        "icon": ICONS.get(channel, "message"),
        "provider": _provider(line, now),
        "ceiling": sentence("delivery.provider.ceiling", number=line.per_second) if line.per_second else None,
        "tone": tone,
        "symbol": symbol,
    }


def _provider(line: Line, now: Any) -> Sentence:
    """How the provider is, in words."""
    if not line.troubles or line.rests_until is None:
        return sentence("delivery.provider.well")
    word = line.trouble_code.partition(":")[0]
    why: Any = Detail(word) if word in set(Detail) else word
    if line.rests(now):
        return sentence("delivery.provider.rests", at=line.rests_until, why=why)
    return sentence("delivery.provider.wakes", why=why)


def _pause(row: DeliveryPause) -> dict[str, Any]:
    return {"row": row, "what": what_is_paused(row), "missed": Missed(row.missed) if row.missed else None}


def what_is_paused(row: DeliveryPause) -> Sentence:
    """What a pause holds back, in words."""
    match row.scope:
        case PauseScope.SITE:
            return sentence("delivery.paused.site", site=row.site.name if row.site else "")
        case PauseScope.CHANNEL:
            known = row.channel in set(Channel)
            return sentence("delivery.paused.channel", channel=Channel(row.channel) if known else row.channel)
        case PauseScope.TEMPLATE:
            return sentence("delivery.paused.template", template=sentence(f"template.key.{row.template}"))
    return sentence("delivery.paused.all")
