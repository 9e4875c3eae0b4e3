"""Programs: the list, and one version drawn as a path with its gates, contacts and ladders."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic import clock
from clinic.errors import bad_input
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import go_on
from pathways.actions import programs as verbs
from pathways.models import Program, ProgramVersion
from pathways.models.program import VersionStatus
from pathways.queries import programs as queries
from pathways.queries.instruments import document_problems
from pathways.rules.gates import Criterion, Gate, instrument_name
from pathways.rules.levels import Level
from pathways.rules.moves import REASONS
from pathways.rules.programs import FollowUpRule, Ladder, PhaseDef, ProgramDocument
from pathways.rules.programs.picture import WayBack, picture
from pathways.rules.programs.wording import anchored, if_unmet, is_local, length, rung, schedule, wait
from pathways.web import program_returns

Shown = dict[str, Any]
TURN = 2.5  # percent of a way's width in which its corner is rounded
LABEL_BELOW = 15


class VersionForm(Form):
    """Which version of the row was seen."""

    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)


def programs(request: HttpRequest) -> HttpResponse:
    """Every program with its current version and how many people are under way on it."""
    rows = [_row(each) for each in queries.programs().order_by("title", "id")]
    return render(request, "pathways/programs/list.html", {"rows": rows})


def program(request: HttpRequest, key: str) -> HttpResponse:
    """A program as it is in force; where nothing is published yet, its newest version."""
    found = queries.program(key)
    return _page(request, found, _shown_first(found))


def program_version(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One version, whatever its state."""
    found = queries.program(key)
    return _page(request, found, queries.version_of(found, number))


def publish(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Make a draft the current version."""
    version = queries.version_of(queries.program(key), number)
    verbs.publish(by=request.actor, now=clock.now(), version_id=version.public_id, expected_version=_seen(request))  # type: ignore[attr-defined]
    return go_on(request, reverse("program", args=[key]), sentence("program.published", number=number))


def retire(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Let nobody begin on a version any more."""
    version = queries.version_of(queries.program(key), number)
    verbs.retire(by=request.actor, now=clock.now(), version_id=version.public_id, expected_version=_seen(request))  # type: ignore[attr-defined]
    return go_on(request, reverse("program_version", args=[key, number]), sentence("program.retired", number=number))


def _seen(request: HttpRequest) -> int:
    form = VersionForm(request.POST)
    if not form.is_valid():
        raise bad_input(version=sentence("refused.required"))
    return int(form.cleaned_data["version"])


def _row(found: Program) -> Shown:
    versions = list(found.versions.all())
    current = next((each for each in versions if each.is_current), None)
    shown = current or (versions[0] if versions else None)
    document = queries.document_of(shown) if shown else None
    draft = next((each for each in versions if each.status == VersionStatus.DRAFT), None)
    return {"program": found, "current": current, "draft": draft, "document": document}


def _shown_first(found: Program) -> ProgramVersion:
    versions = list(found.versions.all())
    current = [each for each in versions if each.is_current]
    return (current or versions)[0]


def _page(request: HttpRequest, found: Program, version: ProgramVersion) -> HttpResponse:
    document = queries.document_of(version)
    drawn = picture(document)
    gates = {door.number: _gate(door.gate) for door in drawn.doors if door.gate}
    context = {
        "program": found,
        "version": version,
        "versions": found.versions.all(),
        "document": document,
        "picture": drawn,
        "ways": [_way(way) for way in drawn.ways_back],
        "phases": [
            {**_phase(step.phase), "gate": gates.get(step.door.number), "door": step.door} for step in drawn.steps
        ],
        "last_gate": gates.get(drawn.exit.number),
        "follow_ups": [_follow_up(document, rule) for rule in document.follow_ups],
        "ladders": [_ladder(each) for each in document.ladders],
        "returns": program_returns.section(request, found),
        "problems": document_problems(document) if version.status == VersionStatus.DRAFT else (),
    }
    return render(request, "pathways/programs/program.html", context)


def _way(way: WayBack) -> Shown:
    reasons = [REASONS[way.rule.kind](each) for each in way.rule.reasons]
    said = sentence(
        "program.ways.back", leaving=way.from_phase.short_title, arriving=way.to_phase.short_title, reasons=reasons
    )
    return {
        "way": way,
        "reasons": len(reasons),
        "said": said,
        "mid": f"{(way.arrives + way.leaves) / 2:.1f}",
        "turn_left": f"{way.arrives + TURN:.1f}",
        "turn_right": f"{way.leaves - TURN:.1f}",
        "label_at": way.depth + LABEL_BELOW,
    }


def _gate(gate: Gate) -> Shown:
    return {"gate": gate, "criteria": [row for each in gate.criteria for row in _criterion(each, 0)]}


def _criterion(criterion: Criterion, depth: int) -> Iterator[Shown]:
    """The requirement, then what stands in it."""
    yield {
        "depth": depth,
        "key": criterion.key,
        "asks": criterion.kind.asks(),
        "unmet": if_unmet(criterion) if depth == 0 else None,
        "source": criterion.source,
        "local": is_local(criterion.source),
    }
    for child in criterion.children:
        yield from _criterion(child, depth + 1)


def _phase(phase: PhaseDef) -> Shown:
    return {
        "phase": phase,
        "length": length(phase.typical_days),
        "level": _level(phase.level),
        "local": is_local(phase.source),
        "minutes": sum(each.weekly_minutes for each in phase.activities),
        "activities": [
            {"activity": each, "minutes": each.per_week * each.minutes, "local": is_local(each.source)}
            for each in phase.activities
        ],
        "assessments": [
            {"rule": each, "name": instrument_name(each.instrument), "local": is_local(each.source)}
            for each in phase.assessments
        ],
    }


def _level(code: str) -> Level | str:
    try:
        return Level(f"L{code}")
    except ValueError:
        return code


def _follow_up(document: ProgramDocument, rule: FollowUpRule) -> Shown:
    return {
        "rule": rule,
        "when": schedule(rule),
        "after": anchored(document, rule),
        "ladder": document.ladder(rule.ladder),
        "instrument": instrument_name(rule.instrument) if rule.instrument else None,
        "local": is_local(rule.source),
    }


def _ladder(ladder: Ladder) -> Shown:
    last = len(ladder.rungs) - 1
    rungs = [
        {"kind": step.kind, "what": rung(step), "wait": wait(step) if place < last else None}
        for place, step in enumerate(ladder.rungs)
    ]
    return {"ladder": ladder, "rungs": rungs, "local": is_local(ladder.source)}
