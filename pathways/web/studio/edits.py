"""What a person asks of the draft: one button, one operation on the document, and where they are afterwards."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.text import slugify

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import KINDS
from pathways.rules.programs import editing
from pathways.rules.programs.places import (
    Data,
    Document,
    NoSuchPlace,
    Part,
    at,
    find,
    listed,
    part_at,
    path_of,
    steps,
)

LONGEST_KEY = 40
# The part an entry of a list is.
ENTRY_OF = {
    "phases": Part.PHASE,
    "assessments": Part.ASSESSMENT,
    "activities": Part.ACTIVITY,
    "criteria": Part.CRITERION,
    "transitions": Part.TRANSITION,
    "follow_ups": Part.FOLLOW_UP,
    "ladders": Part.LADDER,
    "rungs": Part.RUNG,
}
KEYED = {
    Part.PHASE: "key",
    Part.CRITERION: "key",
    Part.FOLLOW_UP: "rule_key",
    Part.LADDER: "key",
}
FRESH: Mapping[Part, Data] = {
    Part.CRITERION: {"source": "local default"},
    Part.PHASE: {"source": "local default"},
    Part.ASSESSMENT: {"source": "local default"},
    Part.ACTIVITY: {"source": "local default"},
    Part.FOLLOW_UP: {"source": "local default", "mode": "phone"},
    Part.LADDER: {"source": "local default"},
}
"""What a new part begins with: until somebody names a source, its numbers are the clinic's own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A button: what to do, with what, and where to. `down@phases[1]`, `into@<path>@<gate or group>`."""

    verb: str
    path: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """The document afterwards, the path where one is now, and what was done."""

    document: Document
    path: str
    said: Sentence


def wanted(data: QueryDict) -> Wanted:
    """What was asked for. Raises NoSuchPlace for what no page offers."""
    verb, _, rest = data.get("do", "").partition("@")
    path, _, to = rest.partition("@")
    return Wanted(verb, path or data.get("path", ""), to or data.get("to", ""))


def perform(document: Document, want: Wanted) -> Edited:
    """The operation of a button. Raises NoSuchPlace, StillNamed, or NoSuchPlace for an unknown verb."""
    if want.verb not in _VERBS:
        raise NoSuchPlace(want.path)
    return _VERBS[want.verb](document, want)


def adds_to(path: str) -> Part | None:
    """What a new entry of the list at this path is; None where nothing can be added."""
    try:
        last = steps(path)[-1]
    except NoSuchPlace:
        return None
    part = ENTRY_OF.get(str(last))
    return part if part is not None and part_at(f"{path}[0]") is part else None


def saved(document: Document, path: str, data: Data) -> Edited:
    """The document with the part at `path` written anew."""
    part = part_at(path)
    before = at(document, path)
    if part is None or not isinstance(before, Mapping):
        raise NoSuchPlace(path)
    kept = {name: before[name] for name in ("key",) if part is Part.PROGRAM and name in before}
    keyed = with_key(document, part, {**data, **kept}, str(before.get(KEYED.get(part, ""), "")))
    return Edited(editing.put_part(document, path, keyed), path, sentence("studio.said.saved"))


def added(document: Document, path: str, data: Data) -> Edited:
    """The document with a new entry at the end of the list at `path`."""
    part = adds_to(path)
    if part is None:
        raise NoSuchPlace(path)
    keyed = with_key(document, part, data, "")
    if part is Part.CRITERION:
        around = path.removesuffix(".criteria")
        changed = editing.add_criterion(document, around, keyed)
    else:
        changed = editing.insert(document, path, keyed)
    return Edited(changed, f"{path}[{len(listed(changed, path)) - 1}]", sentence("studio.said.added"))


def with_key(document: Document, part: Part, data: Data, before: str) -> dict[str, object]:
    """The part with a key: the one typed, else the one it had, else one made from what it is called."""
    name = KEYED.get(part)
    if name is None or data.get(name):
        return dict(data)
    called = data.get("title") or data.get("instrument") or data.get("attestation") or data.get("kind") or part.value
    made = slugify(str(called).replace("_", "-"))[:LONGEST_KEY].strip("-") or part.value
    return {name: before or editing.free_key(document, made if made[0].isalpha() else f"{part.value}-{made}"), **data}


def _shift(by: int) -> Callable[[Document, Wanted], Edited]:
    def shift(document: Document, want: Wanted) -> Edited:
        return _placed(document, want.path, _place(want.path) + by)

    return shift


def _place_at(document: Document, want: Wanted) -> Edited:
    if not want.to.isascii() or not want.to.isdigit() or len(want.to) > 4:
        raise NoSuchPlace(want.path)
    return _placed(document, want.path, int(want.to))


def _placed(document: Document, path: str, to: int) -> Edited:
    around = path_of(steps(path)[:-1])
    spot = max(0, min(to, len(listed(document, around)) - 1))
    said = sentence("studio.said.moved", place=spot + 1)
    return Edited(editing.move(document, path, spot), f"{around}[{spot}]", said)


def _place(path: str) -> int:
    last = steps(path)[-1]
    if not isinstance(last, int):
        raise NoSuchPlace(path)
    return last


def _remove(document: Document, want: Wanted) -> Edited:
    part = part_at(want.path)
    if part is None or part is Part.PROGRAM:
        raise NoSuchPlace(want.path)
    around = path_of(steps(want.path)[:-1])
    return Edited(editing.remove_at(document, want.path), around, sentence("studio.said.removed"))


def _group(kind: str) -> Callable[[Document, Wanted], Edited]:
    def group(document: Document, want: Wanted) -> Edited:
        data: dict[str, object] = {"key": editing.free_key(document, kind.replace("_", "-")), "kind": kind}
        if kind == "at_least":
            data["n"] = 1
        return Edited(editing.wrap(document, want.path, data), want.path, sentence("studio.said.grouped"))

    return group


def _ungroup(document: Document, want: Wanted) -> Edited:
    around = path_of(steps(want.path)[:-1])
    return Edited(editing.unwrap(document, want.path), around, sentence("studio.said.ungrouped"))


def _into(document: Document, want: Wanted) -> Edited:
    changed = editing.move_criterion(document, want.path, want.to)
    return Edited(changed, want.to, sentence("studio.said.moved_into"))


def _open_gate(document: Document, want: Wanted) -> Edited:
    """A gate where there was none; it asks for nothing yet, which stands among the problems."""
    if part_at(want.path) is not Part.GATE or find(document, want.path) is not None:
        raise NoSuchPlace(want.path)
    gate: dict[str, object] = {"title": "", "criteria": []}
    return Edited(editing.put(document, want.path, gate), want.path, sentence("studio.said.gate"))


_VERBS: Mapping[str, Callable[[Document, Wanted], Edited]] = {
    "up": _shift(-1),
    "down": _shift(1),
    "place": _place_at,
    "remove": _remove,
    "ungroup": _ungroup,
    "into": _into,
    "gate": _open_gate,
    **{f"group-{kind}": _group(kind) for kind in KINDS if editing.is_group({"kind": kind})},
}
