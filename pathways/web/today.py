"""Today: one list of what is owed, safety first, each line with its next action in place."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.errors import not_found
from clinic.rules.roles import Permission
from pathways.queries.owners import owners_at
from pathways.queries.worklist import Owed, by_person, choices, choose, numbers, owed
from pathways.queries.workload import by_site
from pathways.rules.holders import Scope
from pathways.rules.reconciliation import Tone, standing
from pathways.rules.saved_views import Wanted
from pathways.rules.worklist import LineGroup, LineType
from pathways.web.banners import newest_check
from pathways.web.groups import Groups, Part, digest_of, grouped, part_of, tallied
from pathways.web.lines import Reader, Shown
from pathways.web.places import line_of, line_response, reader_of, site_of
from pathways.web.wishes import Wishes, told, wishes_of

P = Permission
UNCHANGED, BUSY = "seen", "busy"
# No filter and no view of one's own takes these off the page.
ALWAYS = frozenset({LineGroup.SAFETY})
# Where those begin whose work is not with patients.
ELSEWHERE = ((P.STAFF_WRITE, "staff"), (P.AUDIT_READ, "audit"), (P.STAFF_READ, "staff"))


def today(request: HttpRequest) -> HttpResponse:
    """The home page. A list that refreshes itself and has not changed answers with the time alone; while somebody is
    at work in a line, with the time and the counts."""
    reader = reader_of(request)
    if not reader.may(P.FOLLOW_UP_READ):
        return redirect(next((name for held, name in ELSEWHERE if reader.may(held)), "account"))
    wishes = wishes_of(request, reader)
    found = owed(reader.actor, site_of(request), now=reader.now)
    chosen, counts = choose(found, wishes.wanted, always=ALWAYS), numbers(found)
    groups = grouped(chosen, found, part_of(request), reader)
    digest = digest_of(groups, wishes.wanted, counts)
    partial = bool(getattr(request, "htmx", None)) and request.headers.get("HX-Target") == "today"
    if partial and (BUSY in request.GET or request.GET.get(UNCHANGED) == digest):
        return _refreshed(request, groups, reader, changed=request.GET.get(UNCHANGED) != digest)
    request.seen.update(line["patient"] for line in groups.lines if line["patient"])  # type: ignore[attr-defined]
    context = {
        **_list(request, found, groups, wishes, reader),
        "numbers": {each.value: number for each, number in counts.items()},
        "number": chosen.number,
        "digest": digest,
    }
    return render(request, "pathways/today/list.html" if partial else "pathways/today/today.html", context)


def line(request: HttpRequest, kind: str, public_id: UUID) -> HttpResponse:
    """One line as it stands now: what was unfolded in it is closed."""
    reader = reader_of(request)
    found = line_of(LineType(kind), public_id, site_of(request), reader) if kind in set(LineType) else None
    if found is None:
        raise not_found()
    if found["patient"]:
        request.seen.add(found["patient"])  # type: ignore[attr-defined]
    if not getattr(request, "htmx", None):
        return redirect("today")
    return line_response(request, found)


def _refreshed(request: HttpRequest, groups: Groups, reader: Reader, *, changed: bool) -> HttpResponse:
    context = {"now": reader.now, "tally": tallied(groups, reader.language), "changed": changed}
    response = render(request, "pathways/today/refreshed.html", context)
    response["HX-Reswap"] = "none"
    return response


def _list(request: HttpRequest, found: Owed, groups: Groups, wishes: Wishes, reader: Reader) -> dict[str, Any]:
    scope = Scope(wishes.wanted.scope or Scope.MINE)
    offered = choices(found)
    names = dict([*offered.owners, *offered.programs, *offered.phases])
    picks = reader.may(P.FOLLOW_UP_ASSIGN) and "pick" in request.GET
    return {
        "wanted": wishes.wanted,
        "wishes": wishes,
        "told": told(wishes, names, reader.language),
        "choices": offered,
        "groups": groups.groups,
        "to_sign": groups.to_sign,
        "signs": reader.may(P.COSIGN) or reader.may(P.LEVEL_COSIGN),
        "tally": tallied(groups, reader.language),
        "people": by_person(found, scope),
        "me": reader.actor.pk,
        "places": by_site(request.sites, now=reader.now),  # type: ignore[attr-defined]
        "balance": _balance(request, reader),
        "picks": picks,
        "owners": owners_at(found.asked.site) if picks else (),
        "cut": found.cut,
        "now": reader.now,
        "day": found.asked.today,
        "address": _address(wishes.wanted, part_of(request), picks),
    }


def _balance(request: HttpRequest, reader: Reader) -> Shown | None:
    """The sums of the newest check, where it balances; where it does not, a banner says so on every page."""
    run = newest_check(request)
    found = standing(run, reader.now)
    if run is None or found is None or found.tone is not Tone.QUIET:
        return None
    return {"at": run.started_at, "said": found.said}


def _address(wanted: Wanted, part: Part, picks: bool) -> str:
    """What the list is asked for by when it refreshes itself."""
    return urlencode({**wanted.given, **part.given, **({"pick": 1} if picks else {})})
