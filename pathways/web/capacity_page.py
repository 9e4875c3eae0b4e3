"""The page of a site's places: what is counted, who waits in which order, and the one form unfolded in its place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused
from clinic.models import Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.models import Capacity, PlaceOffer
from pathways.queries import capacity as queries
from pathways.queries import waits
from pathways.queries.capacity import Counted
from pathways.queries.programs import programs
from pathways.queries.waits import InLine
from pathways.rules.capacity import DeclineReason, OfferAnswer, PlaceKind, WaitPriority, WaitReason
from pathways.rules.levels import Level
from pathways.web.lines import Reader
from pathways.web.places import reader_of, site_of

Shown = dict[str, Any]
P = Permission


@dataclass(frozen=True, slots=True)
class Unfolded:
    """The one form that is open: in which place, what it is, where it is sent, what its button says."""

    place: str
    form: Form
    action: str
    label: str


@dataclass(frozen=True, slots=True)
class Opened:
    """The page that is open: at which site, for whom."""

    request: HttpRequest
    site: Site
    reader: Reader

    def may(self, permission: Permission) -> bool:
        return self.reader.may(permission)


def opened_at(request: HttpRequest) -> Opened:
    """The site the person works at now."""
    return Opened(request, site_of(request), reader_of(request))


def carried_out(
    opened: Opened, unfolded: Unfolded, verb: Callable[[Mapping[str, Any]], Sentence], anchor: str = ""
) -> HttpResponse:
    """What was filled in, done; or the page with the form in its place and what was wrong with it."""
    form, status = unfolded.form, 422
    if form.is_valid():
        try:
            return go_on(opened.request, reverse("places") + anchor, verb(form.cleaned_data))
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    return page(opened, unfolded, status)


def page(opened: Opened, unfolded: Unfolded | None, status: int = 200, blocked: Shown | None = None) -> HttpResponse:
    """What is counted, and who waits. Ten queries, however many people wait."""
    reader, site = opened.reader, opened.site
    found = queries.places_of(reader.actor, site, now=reader.now)
    free = {(each.row.program_id, each.row.level, each.row.kind): each.places.free for each in found}
    line = waits.in_line(reader.actor, site, now=reader.now)
    opened.request.seen.update(each.row.enrollment.patient.public_id for each in line)  # type: ignore[attr-defined]
    context = {
        "here": reverse("places"),
        "place": site,
        "counted": [_counted(each) for each in found],
        "lines": _lines(line, free, opened),
        "waiting": len(line),
        "unfolded": unfolded,
        "blocked": blocked,
        "may_set": opened.may(P.CAPACITY_WRITE),
        "may_work": opened.may(P.WAITLIST_WORK),
        "reads": reader.reads_words(None),
    }
    return render(opened.request, "pathways/capacity/places.html", context, status=status)


def program_choices() -> list[tuple[str, str]]:
    """Programs with a version in force."""
    return [(each.key, each.title) for each in programs().filter(versions__is_current=True).order_by("title", "id")]


def set_place(row: Capacity) -> str:
    """The place of the form that changes a number."""
    return f"set-{row.public_id}"


def _counted(found: Counted) -> Shown:
    row = found.row
    return {
        "row": row,
        "level": Level(row.level) if row.level else None,
        "kind": PlaceKind(row.kind),
        "places": found.places,
        "set": set_place(row),
    }


def _lines(line: list[InLine], free: Mapping[tuple[int, str, str], int], opened: Opened) -> list[Shown]:
    """Everybody in line, together with those who wait for the same."""
    groups: dict[tuple[int, str, str], Shown] = {}
    for each in line:
        row = each.row
        key = (row.program_id, row.level, row.kind)
        group = groups.setdefault(
            key,
            {
                "program": row.program,
                "level": Level(row.level) if row.level else None,
                "kind": PlaceKind(row.kind),
                "free": free.get(key),
                "rows": [],
            },
        )
        group["rows"].append(_waiting(each, opened))
    for group in groups.values():
        group["rows"].sort(key=lambda shown: shown["place"])
    return list(groups.values())


def _waiting(each: InLine, opened: Opened) -> Shown:
    row = each.row
    return {
        "row": row,
        "id": f"wait-{row.public_id}",
        "place": each.place,
        "patient": row.enrollment.patient,
        "chart": reverse("chart", args=[row.enrollment.patient.public_id]),
        "priority": WaitPriority(row.priority),
        "tone": "warning"
        if row.priority in (WaitPriority.PREGNANT, WaitPriority.INJECTING, WaitPriority.URGENT)
        else "none",
        "reason": WaitReason(row.reason),
        "days": sentence("wait.days", days=each.days),
        "offer": each.offer,
        "offered": _open(each.offer, opened) if each.offer else None,
        "earlier": [_ended(one, opened) for one in each.earlier],
    }


def _open(offer: PlaceOffer, opened: Opened) -> Sentence:
    zone = opened.site.zone
    on, until = offer.offered_at.astimezone(zone).date(), offer.expires_at.astimezone(zone)
    return sentence("wait.offer.open", on=on, until=until)


def _ended(offer: PlaceOffer, opened: Opened) -> Sentence:
    zone = opened.site.zone
    if not offer.answer or offer.answered_at is None:
        on, until = offer.offered_at.astimezone(zone).date(), offer.expires_at.astimezone(zone)
        return sentence("wait.offer.lapsed_open", on=on, until=until)
    on, answer = offer.answered_at.astimezone(zone).date(), OfferAnswer(offer.answer)
    if offer.decline_reason:
        return sentence("wait.offer.declined", answer=answer, on=on, reason=DeclineReason(offer.decline_reason))
    return sentence("wait.offer.earlier", answer=answer, on=on)
