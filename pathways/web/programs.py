"""Programs: the list, and one version drawn as a path with its gates, transitions, contacts and ladders."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from clinic.web.answers import language_of
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries import programs as queries
from pathways.rules.programs.picture import Picture, picture
from pathways.web import program_returns
from pathways.web.program_rows import (
    follow_up_row,
    gate_row,
    ladder_row,
    local_defaults,
    phase_row,
    transition_row,
    way_back_row,
)

Shown = dict[str, Any]
SHOWN_IN_FULL = 6
"""Up to so many phases are drawn as steps that rise; more stand in one row that scrolls."""


def programs(request: HttpRequest) -> HttpResponse:
    """Every program with its current version and how many people are under way on it."""
    rows = [_row(each) for each in queries.programs().order_by("title", "id")]
    return render(request, "pathways/programs/list.html", {"rows": rows})


def program(request: HttpRequest, key: str) -> HttpResponse:
    """A program as it is in force; where nothing is published yet, its newest version."""
    found = queries.program(key)
    return _page(request, found, queries.version_of(found, _shown_first(found)))


def program_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version, whatever its state."""
    found = queries.program(key)
    return _page(request, found, queries.version_of(found, number))


def _row(found: Program) -> Shown:
    versions = list(found.versions.all())
    current = next((each for each in versions if each.is_current), None)
    shown = current or (versions[0] if versions else None)
    document = queries.draft_of(shown).drawn if shown else None
    draft = next((each for each in versions if each.status == VersionStatus.DRAFT), None)
    return {"program": found, "current": current, "draft": draft, "document": document}


def _shown_first(found: Program) -> int:
    versions = list(found.versions.all())
    current = [each for each in versions if each.is_current]
    return int((current or versions)[0].number)


def _page(request: HttpRequest, found: Program, version: ProgramVersion) -> HttpResponse:
    read, language = queries.draft_of(version), language_of(request)
    document = read.drawn
    under_way = queries.under_way_by_version(found)
    context = {
        "program": found,
        "version": version,
        "versions": [{"version": each, "under_way": under_way.get(each.pk, 0)} for each in found.versions.all()],
        "document": document,
        "read": read,
        **_drawn(picture(document), language),
        "transitions": [transition_row(document, rule) for rule in document.transitions],
        "follow_ups": [follow_up_row(document, rule) for rule in document.follow_ups],
        "ladders": [ladder_row(each) for each in document.ladders],
        "returns": program_returns.section(request, found),
        "problems": read.problems if version.status == VersionStatus.DRAFT else (),
        "locals": local_defaults(document),
    }
    return render(request, "pathways/programs/program.html", context)


def _drawn(drawn: Picture, language: str) -> Shown:
    """The path: steps with the gates before them, the last gate, the ways back."""
    gates = {door.number: gate_row(door.gate, "", language) for door in drawn.doors if door.gate}
    steps = [{**phase_row(step.phase), "gate": gates.get(step.door.number), "door": step.door} for step in drawn.steps]
    return {
        "picture": drawn,
        "rises": len(steps) <= SHOWN_IN_FULL,
        "ways": [way_back_row(way) for way in drawn.ways_back],
        "phases": steps,
        "last_gate": gates.get(drawn.exit.number),
    }
