"""The context of the studio's page: panels, tabs, and the problems with the places they lead to."""

from collections import defaultdict
from typing import Any

from clinic.rules.sentences import sentence
from pathways.rules.gates import KINDS
from pathways.rules.programs import GateSide, PhaseDef, Problem, ProgramDocument
from pathways.rules.programs.places import part_around, steps
from pathways.web.program_rows import (
    Shown,
    follow_up_row,
    ladder_row,
    local_defaults,
    transition_row,
    way_words,
)
from pathways.web.studio.opened import Opened
from pathways.web.studio.panels import ladder_panel, path_panel, phase_panel
from pathways.web.studio.parts import GROUPS
from pathways.web.studio.view import (
    PHASE,
    SECTIONS,
    Bad,
    View,
    address,
    address_of,
    editable,
    list_of,
    phase_of,
    rows_of,
    says,
    section_of,
)


def region(view: View) -> dict[str, Any]:
    """The context of `pathways/studio/_region.html`."""
    drawn, bad = view.read.drawn, _bad(view)
    return {
        "program": view.draft.program,
        "draft": view.draft,
        "document": drawn,
        "mine": view.draft.created_by_id == view.actor.pk,
        "chosen": view.chosen,
        "section": view.shown,
        "tabs": _tabs(view, bad),
        "problems": problems_shown(view),
        "checked_all": view.read.well_formed,
        "loose": bad,
        "path": path_panel(view, bad),
        "phase": phase_panel(view, bad),
        "about": editable(view, bad, {"path": "program"}),
        "transitions": rows_of(view, bad, (_asked(transition_row(drawn, each)) for each in drawn.transitions)),
        "follow_ups": rows_of(view, bad, (follow_up_row(drawn, each) for each in drawn.follow_ups)),
        "ladders": [ladder_panel(view, bad, ladder_row(each)) for each in drawn.ladders],
        "lists": {name: list_of(view, bad, name) for name in ("phases", "transitions", "follow_ups", "ladders")},
        "groups": [(kind, KINDS[kind].label()) for kind in GROUPS],
        "opened": view.opened,
        "focus": view.focus,
        "stale": view.stale,
        "refused": view.refused,
        "blocked_by": [place(view, path) for path in view.blocked_by],
        "locals": local_defaults(drawn),
        **_of_opened(view),
        "put_back": address(view, at=view.opened.path) if view.opened else address(view),
    }


def _of_opened(view: View) -> Shown:
    """What the part in its form asks, and what stands against it. What cannot be read says nothing yet."""
    if view.opened is None or view.opened.adds:
        return {"wrong_here": [], "says": ""}
    wrong = wrong_in(view, view.opened, view.opened.path)
    unread = wrong and not view.read.well_formed
    return {"wrong_here": wrong, "says": "" if unread else says(view, view.opened.path)}


def _tabs(view: View, bad: Bad) -> list[Shown]:
    """The sections with how many entries and problems each has."""
    drawn = view.read.drawn
    counts = {"transitions": drawn.transitions, "follow-ups": drawn.follow_ups, "ladders": drawn.ladders}
    phase = drawn.phases[view.chosen] if drawn.phases else None
    return [
        {
            "name": name,
            "href": address_of(view, view.chosen, name),
            "label": phase.short_title or phase.title
            if name == PHASE and phase
            else sentence(f"studio.section.{name}"),
            "count": len(counts.get(name, ())),
            "problems": sum(len(found) for path, found in bad.items() if _belongs(path, name, view.chosen)),
            "current": name == view.shown,
        }
        for name in SECTIONS
    ]


def _belongs(path: str, section: str, chosen: int) -> bool:
    if section == PHASE:
        return path == f"phases[{chosen}]" or path.startswith(f"phases[{chosen}].")
    return section_of(path) == section


def problems_shown(view: View) -> list[Shown]:
    """Every problem with the place it stands at, and a link that opens it."""
    return [{"sentence": each.sentence, **place(view, each.path)} for each in view.read.problems]


def wrong_in(view: View, opened: Opened, path: str) -> list[Shown]:
    """What stands against publishing in one part, to be told inside its form: which field, and what."""
    asked = {entry.name.lstrip("_"): entry.field_name for entry in opened.form.entries}
    found = [each for each in view.read.problems if (part_around(each.path) or each.path) == path]
    names = [asked.get(each.path[len(path) + 1 :].partition("[")[0], "") for each in found]
    labels = [opened.form.fields[name].label if name else "" for name in names]
    return [{"label": name, "sentence": each.sentence} for name, each in zip(labels, found, strict=True)]


def place(view: View, path: str) -> Shown:
    """A place of the draft in words, and where it is edited."""
    part = part_around(path)
    phase = phase_of(path, view.chosen)
    opens = {"edit": part} if part else {}
    href = address_of(view, phase, section_of(path) or view.shown, **opens)
    return {"path": path, "part": part, "where": names(view.read.drawn, path), "href": href}


def names(document: ProgramDocument, path: str) -> list[object]:
    """What a place is called, from the outside in: the phase, its gate; the way; the contact."""
    walked = steps(path) if part_around(path) else ()
    if not walked or (len(walked) < 2 and walked[0] != "program"):
        return []
    if walked[0] == "phases":
        phase = _at(document.phases, walked[1])
        return _in_phase(phase, walked) if phase else []
    if walked[0] == "transitions":
        rule = _at(document.transitions, walked[1])
        return [way_words(document, rule)] if rule else []
    if walked[0] == "follow_ups":
        contact = _at(document.follow_ups, walked[1])
        return [contact.title or contact.rule_key] if contact else []
    ladder = _at(document.ladders, walked[1]) if walked[0] == "ladders" else None
    return [ladder.title or ladder.key] if ladder else []


def _in_phase(phase: PhaseDef, walked: tuple[str | int, ...]) -> list[object]:
    called: object = phase.short_title or phase.title or sentence("studio.phase.numbered", n=phase.ordinal)
    if len(walked) > 2 and walked[2] in ("entry", "exit"):
        gate = phase.gate(GateSide(str(walked[2])))
        return [called, gate.title if gate and gate.title else sentence(f"studio.gate.{walked[2]}")]
    return [called]


def _at(rows: tuple[Any, ...], step: str | int) -> Any:
    return rows[step] if isinstance(step, int) and step < len(rows) else None


def _bad(view: View) -> Bad:
    """The problems of each part, by its path."""
    found: dict[str, list[Problem]] = defaultdict(list)
    for each in view.read.problems:
        found[part_around(each.path) or each.path].append(each)
    return dict(found)


def _asked(row: Shown) -> Shown:
    return {**row, "asked": [each for each in row["gate"] if each["gate"] is not None]}
