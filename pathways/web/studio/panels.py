"""What stands on the page: the drawn path, the chosen phase with its gates, the ladders."""

from clinic.rules.sentences import sentence
from pathways.rules.programs import GateSide, PhaseDef
from pathways.rules.programs.picture import Door, picture
from pathways.rules.programs.places import Part, part_at
from pathways.web.program_rows import Shown, gate_row, phase_row, way_back_row
from pathways.web.studio.view import PHASE, Bad, View, address_of, anchor, editable, list_of, phase_of, rows_of

SHOWN_IN_FULL = 6
"""Up to so many phases are drawn as steps that rise; more stand in one row that scrolls."""


def ladder_panel(view: View, bad: Bad, row: Shown) -> Shown:
    """A ladder with its steps, each of which can be edited."""
    rungs = rows_of(view, bad, row["rungs"])
    return {**editable(view, bad, row), "rungs": rungs, "list": list_of(view, bad, f"{row['path']}.rungs")}


def path_panel(view: View, bad: Bad) -> Shown:
    """The path as it is drawn: steps, doors, ways back, each with the number of its problems."""
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
        "href": address_of(view, phase_of(path, phase), PHASE, at=path),
        "id": anchor(path),
    }


def phase_panel(view: View, bad: Bad) -> Shown | None:
    """The chosen phase with its gates, assessments and activities; None while there is no phase."""
    phases = view.read.drawn.phases
    if not phases:
        return None
    phase = phases[view.chosen]
    row = phase_row(phase)
    lists = {name: list_of(view, bad, f"{phase.path}.{name}") for name in ("assessments", "activities")}
    return {
        **editable(view, bad, row),
        "focused": view.focus == phase.path and not view.moved,
        "moved": view.moved if view.focus == phase.path else "",
        "gates": [_gate(view, bad, phase, side) for side in (GateSide.ENTRY, GateSide.EXIT)],
        "assessments": rows_of(view, bad, row["assessments"]),
        "activities": rows_of(view, bad, row["activities"]),
        "lists": lists,
        "first": view.chosen == 0,
        "last": view.chosen == len(phases) - 1,
    }


def _gate(view: View, bad: Bad, phase: PhaseDef, side: GateSide) -> Shown:
    """One side of the phase: its gate, or the place where one could stand."""
    path, gate = f"{phase.path}.{side.value}", phase.gate(side)
    shown: Shown = {"side": side, "path": path, "gate": gate, "list": list_of(view, bad, f"{path}.criteria")}
    if gate is not None:
        rows = rows_of(view, bad, gate_row(gate, path, view.language)["criteria"])
        targets = _targets(phase)
        shown["criteria"] = [
            {
                **row,
                "lists": list_of(view, bad, f"{row['path']}.criteria"),
                "targets": _reachable(targets, row["path"]),
                **_ends(row["path"], rows),
            }
            for row in rows
        ]
    return editable(view, bad, shown)


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
