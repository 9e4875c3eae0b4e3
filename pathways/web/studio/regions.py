"""What the studio shows: the path, the chosen phase with its gates, ways, contacts and ladders, and the problems."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from clinic.models import Actor
from clinic.rules.sentences import Sentence, sentence
from pathways.models import ProgramVersion
from pathways.queries.programs import DraftRead
from pathways.rules.gates import KINDS
from pathways.rules.programs import GateSide, PhaseDef, Problem, ProgramDocument
from pathways.rules.programs.picture import Door, picture
from pathways.rules.programs.places import Document, Part, part_around, part_at, steps
from pathways.web.program_rows import (
    Shown,
    follow_up_row,
    gate_row,
    ladder_row,
    local_defaults,
    phase_row,
    transition_row,
    way_back_row,
    way_words,
)
from pathways.web.studio.opened import Opened
from pathways.web.studio.parts import GROUPS

Bad = Mapping[str, Sequence[Problem]]
PHASE = "phase"
SECTIONS = {PHASE: "phases", "transitions": "transitions", "follow-ups": "follow_ups", "ladders": "ladders",
            "about": "program"}  # fmt: skip
"""What stands beneath the path, one at a time, and the part of the document it shows."""
SHOWN_IN_FULL = 6
"""Up to so many phases are drawn as steps that rise; more stand in one row that scrolls."""


@dataclass(frozen=True, slots=True)
class View:
    """One look at a draft: whose, which phase, what is open, where the keyboard is."""

    draft: ProgramVersion
    read: DraftRead
    actor: Actor
    language: str
    phase: int = 0
    section: str = ""
    opened: Opened | None = None
    focus: str = ""
    stale: bool = False
    refused: Sentence | None = None
    blocked_by: tuple[str, ...] = ()

    @property
    def document(self) -> Document:
        """The draft as data."""
        return self.draft.document  # type: ignore[no-any-return]

    @property
    def chosen(self) -> int:
        """The phase that is shown, whatever was asked for."""
        return max(0, min(self.phase, len(self.read.drawn.phases) - 1))

    @property
    def shown(self) -> str:
        """The section beneath the path."""
        return self.section if self.section in SECTIONS else PHASE


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
        "path": _path(view, bad),
        "phase": _phase(view, bad),
        "about": _editable(view, bad, {"path": "program"}),
        "transitions": _rows(view, bad, (_asked(transition_row(drawn, each)) for each in drawn.transitions)),
        "follow_ups": _rows(view, bad, (follow_up_row(drawn, each) for each in drawn.follow_ups)),
        "ladders": [_ladder(view, bad, ladder_row(each)) for each in drawn.ladders],
        "lists": {name: _list(view, bad, name) for name in ("phases", "transitions", "follow_ups", "ladders")},
        "groups": [(kind, KINDS[kind].label()) for kind in GROUPS],
        "opened": view.opened,
        "focus": view.focus,
        "stale": view.stale,
        "refused": view.refused,
        "blocked_by": [place(view, path) for path in view.blocked_by],
        "locals": local_defaults(drawn),
        "here": address(view),
    }


def address(view: View, **more: str) -> str:
    """The studio at this phase; `edit` or `add` opens a form."""
    section = section_of(more.get("edit") or more.get("add") or "") or view.shown
    return _address(view, view.chosen, section, **more)


def section_of(path: str) -> str:
    """The section a place of the document is shown in; "" for what is no place."""
    first = path.partition(".")[0].partition("[")[0]
    return next((section for section, part in SECTIONS.items() if part == first), "")


def _address(view: View, phase: int, section: str, **more: str) -> str:
    query = {"phase": str(phase + 1)} | ({"show": section} if section != PHASE else {}) | more
    return f"{reverse('studio', args=[view.draft.program.key])}?{urlencode(query)}"


def _tabs(view: View, bad: Bad) -> list[Shown]:
    """The sections with how many entries and problems each has."""
    drawn = view.read.drawn
    counts = {"transitions": drawn.transitions, "follow-ups": drawn.follow_ups, "ladders": drawn.ladders}
    phase = drawn.phases[view.chosen] if drawn.phases else None
    return [
        {
            "name": name,
            "href": _address(view, view.chosen, name),
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


def anchor(path: str) -> str:
    """The id of a place on the page: `at-phases-1-exit`."""
    return "-".join(["at", *(str(each) for each in steps(path))]).replace("_", "-")


def _editable(view: View, bad: Bad, row: Shown) -> Shown:
    """A row with its place on the page, its problems, and the form that is open in it."""
    path = row["path"]
    opened = view.opened if view.opened and not view.opened.adds and view.opened.path == path else None
    return {
        **row,
        "id": anchor(path),
        "edit": address(view, edit=path),
        "problems": bad.get(path, ()),
        "focused": view.focus == path,
        "opened": opened,
    }


def _rows(view: View, bad: Bad, rows: Iterable[Shown]) -> list[Shown]:
    return [_editable(view, bad, row) for row in rows]


def _list(view: View, bad: Bad, path: str) -> Shown:
    """A list that may be added to: the address that opens the form, and the form where it is open."""
    opened = view.opened if view.opened and view.opened.adds and view.opened.path == path else None
    return {
        "path": path,
        "id": anchor(path),
        "add": address(view, add=path),
        "opened": opened,
        "problems": bad.get(path, ()),
        "focused": view.focus == path,
    }


def _ladder(view: View, bad: Bad, row: Shown) -> Shown:
    rungs = _rows(view, bad, row["rungs"])
    return {**_editable(view, bad, row), "rungs": rungs, "list": _list(view, bad, f"{row['path']}.rungs")}


def problems_shown(view: View) -> list[Shown]:
    """Every problem with the place it stands at, and a link that opens it."""
    return [{"sentence": each.sentence, **place(view, each.path)} for each in view.read.problems]


def place(view: View, path: str) -> Shown:
    """A place of the draft in words, and where it is edited."""
    part = part_around(path)
    phase = _phase_of(path, view.chosen)
    opens = {"edit": part} if part else {}
    href = _address(view, phase, section_of(path) or view.shown, **opens)
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


def _phase_of(path: str, otherwise: int) -> int:
    walked = steps(path) if part_around(path) else ()
    if len(walked) > 1 and walked[0] == "phases" and isinstance(walked[1], int):
        return walked[1]
    return otherwise


def _bad(view: View) -> Bad:
    """The problems of each part, by its path."""
    found: dict[str, list[Problem]] = defaultdict(list)
    for each in view.read.problems:
        found[part_around(each.path) or each.path].append(each)
    return dict(found)


def _path(view: View, bad: Bad) -> Shown:
    drawn = picture(view.read.drawn)
    steps_shown = []
    for place_, step in enumerate(drawn.steps):
        path = f"phases[{place_}]"
        inside = sum(len(found) for part, found in bad.items() if part == path or _of_phase(part, path))
        steps_shown.append(
            {**phase_row(step.phase), "door": _door(view, step.door, place_, bad), "rise": step.rise, "place": place_,
             "problems": inside, "chosen": place_ == view.chosen}
        )  # fmt: skip
    rises = len(drawn.steps) <= SHOWN_IN_FULL
    return {
        "steps": steps_shown,
        "exit": _door(view, drawn.exit, len(drawn.steps), bad),
        "rises": rises,
        "height": drawn.height,
        "ways": [way_back_row(each) for each in drawn.ways_back],
    }


def _of_phase(part: str, path: str) -> bool:
    return part.startswith((f"{path}.assessments", f"{path}.activities"))


def _door(view: View, door: Door, place_: int, bad: Bad) -> Shown:
    """The gate before a phase on the path, with its problems; it leads to the side whose requirements it shows."""
    if door.gate is None:
        return {"door": door, "problems": 0}
    around = {each.path.partition(".criteria")[0] for each in door.gate.criteria}
    count = sum(len(found) for part, found in bad.items() if part.partition(".criteria")[0] in around)
    phase, side = (place_ - 1, "exit") if place_ else (0, "entry")
    path = f"phases[{phase}].{side}"
    path = path if path in around or not around else min(around)
    return {
        "door": door,
        "problems": count,
        "href": _address(view, _phase_of(path, phase), PHASE, at=path),
        "id": anchor(path),
    }


def _phase(view: View, bad: Bad) -> Shown | None:
    phases = view.read.drawn.phases
    if not phases:
        return None
    phase = phases[view.chosen]
    row = phase_row(phase)
    lists = {name: _list(view, bad, f"{phase.path}.{name}") for name in ("assessments", "activities")}
    return {
        **_editable(view, bad, row),
        "gates": [_gate(view, bad, phase, side) for side in (GateSide.ENTRY, GateSide.EXIT)],
        "assessments": _rows(view, bad, row["assessments"]),
        "activities": _rows(view, bad, row["activities"]),
        "lists": lists,
        "first": view.chosen == 0,
        "last": view.chosen == len(phases) - 1,
    }


def _gate(view: View, bad: Bad, phase: PhaseDef, side: GateSide) -> Shown:
    """One side of the phase: its gate, or the place where one could stand."""
    path, gate = f"{phase.path}.{side.value}", phase.gate(side)
    shown = {"side": side, "path": path, "gate": gate, "list": _list(view, bad, f"{path}.criteria")}
    if gate is not None:
        rows = _rows(view, bad, gate_row(gate, path, view.language)["criteria"])
        targets = _targets(phase)
        shown["criteria"] = [
            {
                **row,
                "lists": _list(view, bad, f"{row['path']}.criteria"),
                "targets": _reachable(targets, row["path"]),
                **_ends(row["path"], rows),
            }
            for row in rows
        ]
    return _editable(view, bad, shown)


def _ends(path: str, rows: list[Shown]) -> Shown:
    """Whether a requirement is the first or the last of its gate or group."""
    around, _, place_ = path.rpartition("[")
    return {
        "first": place_ == "0]",
        "last": not any(each["path"] == f"{around}[{int(place_[:-1]) + 1}]" for each in rows),
    }


def _reachable(targets: list[Shown], path: str) -> list[Shown]:
    """The gates and groups a requirement may go to: neither itself, nor where it stands."""
    return [
        each
        for each in targets
        if each["path"] != path
        and not each["path"].startswith(f"{path}.")
        and path.rpartition(".criteria[")[0] != each["path"]
    ]


def _targets(phase: PhaseDef) -> list[Shown]:
    """Where a requirement of this phase may be moved: its gates, and the groups in them."""
    found: list[Shown] = []
    for side in GateSide:
        gate = phase.gate(side)
        if gate is None:
            continue
        found.append({"path": f"{phase.path}.{side.value}", "words": gate.title or sentence(f"studio.gate.{side}")})
        found += [
            {"path": each.path, "words": each.kind.asks()} for each in gate.walk() if each.kind.KEY in
            ("all_of", "any_of", "at_least") and part_at(each.path) is Part.CRITERION
        ]  # fmt: skip
    return found


def _asked(row: Shown) -> Shown:
    return {**row, "asked": [each for each in row["gate"] if each["gate"] is not None]}
