"""Today: one list of what is owed, safety first, each line with its next action in place."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.wording import label, say
from pathways.queries.worklist import Scope, owed
from pathways.queries.workload import by_site
from pathways.rules.worklist import LineGroup
from pathways.web.groups import Wanted, by_person, choose, digest_of, grouped
from pathways.web.lines import Shown
from pathways.web.places import reader_of, site_of

P = Permission
UNCHANGED = "seen"
# Where those begin whose work is not with patients.
ELSEWHERE = ((P.STAFF_WRITE, "staff"), (P.AUDIT_READ, "audit"), (P.STAFF_READ, "staff"))


def today(request: HttpRequest) -> HttpResponse:
    """The home page. A list that refreshes itself and has not changed answers with the time alone."""
    reader = reader_of(request)
    if not reader.may(P.FOLLOW_UP_READ):
        return redirect(next((name for held, name in ELSEWHERE if reader.may(held)), "account"))
    wanted, signs = _wanted(request), reader.may(P.COSIGN) or reader.may(P.LEVEL_COSIGN)
    found = owed(reader.actor, site_of(request), Scope.SITE, now=reader.now)
    chosen = choose(found, wanted, reader.actor, signs)
    groups, to_sign = grouped(chosen, found, wanted, reader)
    digest = digest_of([wanted, *_marks(groups, to_sign)])
    partial = bool(getattr(request, "htmx", None)) and request.headers.get("HX-Target") == "today"
    if partial and request.GET.get(UNCHANGED) == digest:
        response = render(request, "pathways/today/refreshed.html", {"now": reader.now})
        response["HX-Reswap"] = "none"
        return response
    request.seen.update(line.item.patient for line in [*chosen.lines, *chosen.to_sign])  # type: ignore[attr-defined]
    context = {
        "wanted": wanted,
        "groups": groups,
        "tally": _tally(groups, reader.language),
        "to_sign": to_sign,
        "signs": signs,
        "number": chosen.number,
        "numbers": {scope.value: choose(found, Wanted(scope), reader.actor, signs).number for scope in Scope},
        "people": by_person(found, reader.actor),
        "places": by_site(request.sites, now=reader.now),  # type: ignore[attr-defined]
        "cut": found.cut,
        "now": reader.now,
        "day": reader.now.astimezone(reader.zone).date(),
        "digest": digest,
    }
    return render(request, "pathways/today/list.html" if partial else "pathways/today/today.html", context)


def _wanted(request: HttpRequest) -> Wanted:
    scope = Scope.SITE if request.GET.get("scope") == Scope.SITE else Scope.MINE
    whole = request.GET.get("all", "")
    return Wanted(scope, request.GET.get("owner", "")[:36], whole if whole in set(LineGroup) else "")


def _marks(groups: list[dict[str, Any]], to_sign: list[Shown]) -> list[object]:
    lines = [line for group in groups for line in group["lines"]] + to_sign
    counts = [group["count"] for group in groups]
    shown_parts = [[line[name] for name in ("id", "title", "why", "path", "due", "owner", "action")] for line in lines]
    return [counts, shown_parts]


def _tally(groups: list[dict[str, Any]], language: str) -> list[Shown]:
    tone = {LineGroup.SAFETY: "emergency"}
    return [
        {
            "href": f"#g-{each['key']}",
            "count": each["count"],
            "label": label(each["label"], language),
            "note": say(sentence(f"today.order.{each['key']}"), language),
            "tone": tone.get(each["label"], ""),
        }
        for each in groups
    ]
