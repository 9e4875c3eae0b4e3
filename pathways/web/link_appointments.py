"""The page of an appointment's link: comes, cannot come, another time, a call."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse

from clinic.errors import BAD_INPUT, Refused
from clinic.rules.sentences import Sentence, sentence
from pathways.actions import links as verbs
from pathways.models import Attendance, PatientLink
from pathways.queries.offers import offers_for
from pathways.rules.sessions import SessionMode
from pathways.web.link_pages import Visit

PAGE = "pathways/links/appointment.html"


def visit(this: Visit) -> HttpResponse:
    """What is pressed is done; anything else shows the appointment."""
    match this.act:
        case "confirm":
            return _confirm(this)
        case "times":
            return _times(this)
        case "ask":
            return _ask(this)
        case "call":
            return _call(this)
        case "cannot":
            return this.page("pathways/links/sure.html", **_when(this.link))
        case "call_off":
            return _call_off(this)
    return this.page(PAGE, **_when(this.link))


def _confirm(this: Visit) -> HttpResponse:
    verbs.confirm(by=verbs.bearer(this.link, this.now), now=this.now, link_id=this.link.public_id)
    return _done(this, sentence("link.page.see_you", **_moment(this.link)))


def _call_off(this: Visit) -> HttpResponse:
    verbs.call_off(by=verbs.bearer(this.link, this.now), now=this.now, link_id=this.link.public_id)
    return _done(this, sentence("link.page.called_off", **_moment(this.link)))


def _call(this: Visit) -> HttpResponse:
    verbs.ask_for_a_call(by=verbs.bearer(this.link, this.now), now=this.now, link_id=this.link.public_id)
    return _done(this, sentence("link.page.will_call"))


def _ask(this: Visit) -> HttpResponse:
    wanted = _typed(this.request.POST.get("at", ""))
    if wanted is None:
        return _times(this, sentence("link.page.choose_one"))
    by = verbs.bearer(this.link, this.now)
    try:
        verbs.ask_for_another_time(by=by, now=this.now, link_id=this.link.public_id, starts_at=wanted)
    except Refused as refused:
        if refused.status != BAD_INPUT:
            raise
        return _times(this, next(iter(refused.fields.values())))
    local = wanted.astimezone(_zone(this.link))
    return _done(this, sentence("link.page.asked", on=local.date(), at=local.time()))


def _times(this: Visit, wrong: Sentence | None = None) -> HttpResponse:
    """The free times; asked for by pressing, so that nobody who only follows links sees them."""
    zone = _zone(this.link)
    free = offers_for(_place(this.link), this.now)
    shown = [(each.starts_at.isoformat(), each.starts_at.astimezone(zone)) for each in free]
    times = [{"value": value, "on": local.date(), "at": local.time()} for value, local in shown]
    status = BAD_INPUT if wrong else 200
    return this.page("pathways/links/times.html", status, times=times, wrong=wrong, **_when(this.link))


def _done(this: Visit, said: Sentence) -> HttpResponse:
    return this.page("pathways/links/done.html", said=said)


def _when(link: PatientLink) -> dict[str, Any]:
    place, zone = _place(link), _zone(link)
    starts, ends = place.starts_at.astimezone(zone), place.ends_at.astimezone(zone)
    mode = SessionMode(place.session.mode)
    where = {SessionMode.PHONE: "link.page.by_phone", SessionMode.VIDEO: "link.page.by_video"}.get(mode)
    return {
        "on": starts.date(),
        "at": starts.time(),
        "ends_at": ends.time(),
        "where": sentence(where) if where else link.site.discreet_name,
    }


def _moment(link: PatientLink) -> dict[str, Any]:
    starts = _place(link).starts_at.astimezone(_zone(link))
    return {"on": starts.date(), "at": starts.time()}


def _zone(link: PatientLink) -> ZoneInfo:
    """Who comes looks at the clinic's clock; who is called or joins from home, at their own."""
    session = _place(link).session
    return ZoneInfo(session.time_zone if session.mode == SessionMode.IN_PERSON else link.patient.time_zone)


def _place(link: PatientLink) -> Attendance:
    if link.attendance is None:
        raise ValueError("a link to an appointment has one")
    return link.attendance


def _typed(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
