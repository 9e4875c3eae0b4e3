"""The practice clock: on practice data one goes an hour or a day on and sees what falls due."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from clinic import clock
from clinic.actions import practice as acts
from clinic.errors import Refused
from clinic.rules.sentences import sentence
from clinic.web.pages import back, go_on

STEPS = {"hour": {"hours": 1}, "day": {"days": 1}, "week": {"days": 7}}


def practice_clock(request: HttpRequest) -> HttpResponse:
    step, by = request.POST.get("step", ""), request.actor  # type: ignore[attr-defined]
    try:
        if step == "reset":
            acts.reset_clock(by=by, now=clock.now())
            return go_on(request, back(request), sentence("practice.reset"))
        acts.move_clock(by=by, now=clock.now(), **STEPS.get(step, {}))
    except Refused as refused:
        said = next(iter(refused.fields.values()), refused.sentence)
        return go_on(request, back(request), said, level=messages.ERROR)
    zone = request.site.zone if request.site else None  # type: ignore[attr-defined]
    return go_on(request, back(request), sentence("practice.moved", now=clock.now().astimezone(zone)))
