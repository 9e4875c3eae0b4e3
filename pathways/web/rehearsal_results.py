"""What a rehearsal showed, as its page draws it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import REASONS
from pathways.rules.programs import ProgramDocument, TransitionRule
from pathways.rules.rehearsals import Day, EntryKind, GateAsked, Rehearsal, by_day

Shown = dict[str, Any]
ICONS = {
    EntryKind.MOVE: "route",
    EntryKind.GATE: "list-check",
    EntryKind.CONTACT: "phone",
    EntryKind.MESSAGE: "message",
    EntryKind.FINDING: "forms",
    EntryKind.SESSION: "users",
    EntryKind.EVENT: "refresh",
    EntryKind.WORK: "user-check",
    EntryKind.TROUBLE: "alert-circle",
}
BY_A_MOVE = frozenset({Outcome.CANCELLED, Outcome.SUPERSEDED})


def shown(found: Rehearsal, document: ProgramDocument, kinds: Sequence[EntryKind]) -> Shown:
    """Everything the result shows; `kinds`: what of the timeline alone, all of it where none is named."""
    owed = [each for each in found.happened.contacts if each.outcome not in BY_A_MOVE]
    return {
        "found": found,
        "earlier": found.courses[:-1],
        "course": found.courses[-1] if found.courses else None,
        "owed": len(owed),
        "by_a_move": BY_A_MOVE,
        "by_outcome": list(found.by_outcome.items()),
        "gates": [_gate(title, asked) for title, asked in found.by_gate],
        "moves": len(found.happened.moves),
        "never": _never(found, document),
        "days": [_day(day, found) for day in by_day(found, kinds)],
        "in_full": EntryKind.MESSAGE in kinds,
        "filters": [_filter(kind, found, kinds) for kind in EntryKind],
        "longest_phase": max((each.days for each in found.phases), default=0) or 1,
    }


def _gate(title: str, asked: Sequence[GateAsked]) -> Shown:
    """One gate: how often it was asked, what stood in the way first, and when it opened."""
    first = next((each.hindrances[0] for each in asked if each.hindrances), None)
    opened = [each for each in asked if each.met]
    return {"title": title, "times": len(asked), "first": first, "opened": opened[0].at if opened else None}


def _never(found: Rehearsal, document: ProgramDocument) -> list[Shown]:
    """What never fired, by kind of part, each kind with its lines."""
    never = found.never
    titles = {rule.rule_key: rule.title for rule in document.follow_ups}
    criteria = [{"said": each.asks, "where": each.gate.title, "asked": each.asked} for each in never.criteria]
    rungs = [{"kind": each.rung.kind, "where": each.ladder.title, "step": each.place + 1} for each in never.rungs]
    return [
        {"what": "criteria", "items": criteria},
        {"what": "transitions", "items": [_way(each, document) for each in never.transitions]},
        {"what": "follow_ups", "items": [{"said": titles[key]} for key in never.follow_ups]},
        {"what": "rungs", "items": rungs},
        {"what": "templates", "items": [{"said": key} for key in never.templates]},
    ]


def _way(rule: TransitionRule, document: ProgramDocument) -> Shown:
    named = REASONS.get(rule.kind)
    there = document.find_phase(rule.to_phase) if rule.to_phase else None
    here = document.find_phase(rule.from_phase) if rule.from_phase else None
    return {
        "kind": rule.kind,
        "here": here.short_title if here else "",
        "there": there.short_title if there else "",
        "reasons": [named(each) for each in rule.reasons] if named else [],
    }


def _day(day: Day, found: Rehearsal) -> Shown:
    zone = ZoneInfo(found.zone)
    entries = [
        {"entry": each, "icon": ICONS[each.kind], "at": f"{each.at.astimezone(zone):%H:%M}"} for each in day.entries
    ]
    return {"on": day.on, "number": day.number, "entries": entries}


def _filter(kind: EntryKind, found: Rehearsal, kinds: Sequence[EntryKind]) -> Shown:
    count = sum(each.kind is kind for each in found.happened.entries)
    return {"kind": kind, "icon": ICONS[kind], "count": count, "on": kind in kinds}
