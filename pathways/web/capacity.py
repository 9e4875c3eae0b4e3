"""Places and beds of a site, and its census by day."""

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic.errors import not_found
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label
from pathways.actions import capacity as verbs
from pathways.models import Program
from pathways.queries import capacity as queries
from pathways.queries.board import boards, busiest
from pathways.queries.census import Day, census
from pathways.queries.waits import offer as find_offer
from pathways.queries.waits import wait as find_wait
from pathways.rules.capacity import NO_LEVEL, PlaceKind
from pathways.rules.capacity_line import census_line
from pathways.rules.levels import Level
from pathways.web import waits
from pathways.web.capacity_forms import CapacityForm, CensusForm
from pathways.web.capacity_page import Opened, Unfolded, carried_out, opened_at, page, program_choices, set_place

Shown = dict[str, Any]
P = Permission
SET = "set"


def places(request: HttpRequest) -> HttpResponse:
    """What is counted and who waits; `set`, `offer`, `change`, `decline` or `withdraw` unfold a form in its place."""
    opened = opened_at(request)
    return page(opened, _asked(opened))


def set_capacity(request: HttpRequest) -> HttpResponse:
    """A number from a day on."""
    opened = opened_at(request)
    form = CapacityForm(request.POST, programs=program_choices(), language=opened.reader.language)
    place = request.GET.get(SET, "new")

    def verb(given: Mapping[str, Any]) -> Sentence:
        row = verbs.set_capacity(
            by=opened.reader.actor, now=opened.reader.now, site_id=opened.site.public_id, **form.given
        )
        return sentence("capacity.said.set", number=row.number, on=row.starts_on)

    return carried_out(opened, Unfolded(f"set-{place}", form, request.get_full_path(), _("Save")), verb)


def _asked(opened: Opened) -> Unfolded | None:
    given = opened.request.GET
    if SET in given and opened.may(P.CAPACITY_WRITE):
        return _set_form(opened, given[SET])
    if not opened.may(P.WAITLIST_WORK):
        return None
    for name, unfold in waits.UNFOLDED.items():
        public_id = _id(given.get(name, ""))
        if public_id is not None:
            find = find_offer if name == "decline" else find_wait
            return unfold(opened, find(opened.reader.actor, public_id))
    return None


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:
        return None


def _set_form(opened: Opened, which: str) -> Unfolded:
    initial: dict[str, Any] = {"kind": PlaceKind.PLACE.value}
    place, public_id = "set-new", _id(which)
    if public_id is not None:
        row = queries.capacity(opened.reader.actor, public_id)
        place = set_place(row)
        initial = {"program": row.program.key, "level": row.level, "kind": row.kind, "number": row.number}
    initial["starts_on"] = opened.reader.now.astimezone(opened.site.zone).date()
    form = CapacityForm(initial=initial, programs=program_choices(), language=opened.reader.language)
    action = f"{reverse('capacity_set')}?{urlencode({SET: which})}"
    return Unfolded(place, form, action, _("Save"))


# -- the census -------------------------------------------------------------------------------------------------------


def census_page(request: HttpRequest) -> HttpResponse:
    """One month of one program: people by level, who came and went, places and occupancy."""
    opened = opened_at(request)
    programs = boards(opened.reader.actor, opened.site)
    today = opened.reader.now.astimezone(opened.site.zone).date()
    first_key = busiest(opened.reader.actor, opened.site, programs)
    asked = {"program": request.GET.get("program", first_key), "month": request.GET.get("month", f"{today:%Y-%m}")}
    form = CensusForm(asked, programs=[(each.key, each.title) for each in programs])
    found = _month(form, programs, opened, today) if programs and form.is_valid() else {"days": []}
    context = {"form": form, "place": opened.site, "programs": programs, **found}
    return render(request, "pathways/capacity/census.html", context, status=422 if programs and form.errors else 200)


def _month(form: CensusForm, programs: list[Program], opened: Opened, today: date) -> Shown:
    program = next((each for each in programs if each.key == form.cleaned_data["program"]), None)
    if program is None:
        raise not_found()
    first: date = form.cleaned_data["month"]
    last = min(first.replace(day=monthrange(first.year, first.month)[1]), today)
    if first > last:
        return {"program": program, "days": [], **_neighbours(program, first, today)}
    days = census(opened.site, program, first, last)
    levels = [each.value for each in Level if any(each.value in day.people for day in days)]
    levels += [NO_LEVEL] if any(NO_LEVEL in day.people for day in days) else []
    totals = [each.total for each in days]
    return {
        "program": program,
        "month": first,
        "levels": [_level(each, opened) for each in levels],
        "days": [_day(each, levels) for each in reversed(days)],
        "days_from": days[0].on,
        "days_to": days[-1].on,
        "line": census_line(totals, [each.places for each in days]) if len(days) > 1 else None,
        "summary": sentence(
            "census.summary", site=opened.site.name, program=program.title, first=totals[0], last=totals[-1],
            most=max(totals),
        ),
        **_neighbours(program, first, today),
    }  # fmt: skip


def _level(code: str, opened: Opened) -> str:
    return label(Level(code), opened.reader.language) if code else str(_("No level decided"))


def _day(day: Day, levels: list[str]) -> Shown:
    return {"day": day, "by_level": [day.people.get(each, 0) for each in levels]}


def _neighbours(program: Program, first: date, today: date) -> Shown:
    """The months before and after, none of them to come."""
    before, after = first - timedelta(days=1), first.replace(day=28) + timedelta(days=4)
    link = f"{reverse('census')}?program={program.key}&month="
    return {
        "before": f"{link}{before:%Y-%m}",
        "after": f"{link}{after:%Y-%m}" if after.replace(day=1) <= today else None,
    }
