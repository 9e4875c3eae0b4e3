"""Changing a program document piece by piece: each operation takes a document as data and gives a new one.

Nothing is changed in place and nothing is dropped silently: what other parts name, or what still holds requirements,
is refused with the places that stand in the way. A document may be half-finished, so nothing here asks for a program
that makes sense; only the place that is meant must be there. Places are written as problems name them (`places.py`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from pathways.rules.gates import KINDS
from pathways.rules.gates.groups import Group
from pathways.rules.programs.places import (
    Data,
    Document,
    NoSuchPlace,
    Part,
    Steps,
    at,
    find,
    listed,
    mappings,
    part_at,
    path_of,
    place_of,
    steps,
)

HELD = {"phase": ("entry", "exit", "assessments", "activities"), "ladder": ("rungs",), "gate": ("criteria",)}
"""What stands inside a part and is edited for itself: it stays where the part around it is written anew."""


class StillNamed(ValueError):
    """It cannot go: these places name it, or stand in it."""

    def __init__(self, path: str, by: Sequence[str]) -> None:
        self.path, self.by = path, tuple(by)
        super().__init__(f"{path} is still named by {', '.join(by)}")


# -- any part ---------------------------------------------------------------------------------------------------------


def put(document: Document, path: str, value: object) -> dict[str, object]:
    """The document with `value` at a place that is there already, or is a new key of what is there."""
    *outer, last = steps(path)
    if outer and find(document, path_of(outer)) is None:
        raise NoSuchPlace(path)
    return _changed(document, (*outer, last), lambda _: value, path)


def insert(document: Document, path: str, value: object, place: int | None = None) -> dict[str, object]:
    """The document with one more entry in the list at `path`, at `place` or at its end; the list may be new."""

    def longer(found: object) -> list[object]:
        entries = _entries(found, path)
        spot = len(entries) if place is None else max(0, min(place, len(entries)))
        return [*entries[:spot], value, *entries[spot:]]

    return _changed(document, steps(path), longer, path)


def move(document: Document, path: str, to: int) -> dict[str, object]:
    """The document with a list's entry at another place of its list; beyond the ends is the end."""
    *outer, place = steps(path)
    entry = at(document, path)
    if not isinstance(place, int):
        raise NoSuchPlace(path)
    around = path_of(outer)
    return insert(_without(document, path), around, entry, to)


def remove_at(document: Document, path: str) -> dict[str, object]:
    """The document without what stands there. Raises StillNamed where other parts name it."""
    at(document, path)
    named = named_by(document, path)
    if named:
        raise StillNamed(path, named)
    return _without(document, path)


def put_part(document: Document, path: str, data: Data) -> dict[str, object]:
    """The document with a part written anew. What stands inside it stays; a new key of it is followed everywhere."""
    part, before = part_at(path), at(document, path)
    if part is None or not isinstance(before, Mapping):
        raise NoSuchPlace(path)
    if part is Part.CRITERION:
        return put_criterion(document, path, data)
    held = {key: before[key] for key in HELD.get(part.value, ()) if key in before}
    changed = put(document, path, {**data, **held})
    old, new = before.get("key"), data.get("key")
    if part in (Part.PHASE, Part.LADDER) and isinstance(old, str) and isinstance(new, str) and old != new:
        for named in _naming(document, part, old):
            changed = put(changed, named, new)
    return changed


def named_by(document: Document, path: str) -> tuple[str, ...]:
    """The places that name the phase, gate or ladder at this path; none for other parts."""
    part, found = part_at(path), find(document, path)
    if not isinstance(found, Mapping):
        return ()
    if part is Part.GATE:
        return _asking(document, steps(path))
    key = found.get("key")
    if part not in (Part.PHASE, Part.LADDER) or not isinstance(key, str):
        return ()
    alike = sum(each.get("key") == key for _, each in mappings(document, str(steps(path)[0])))
    return tuple(_naming(document, part, key)) if alike == 1 else ()


def free_key(document: Document, wanted: str) -> str:
    """A key like `wanted` that nothing in the document has yet: itself, or with -2, -3 … behind it."""
    taken = set(_keys(document))
    key, number = wanted, 2
    while key in taken:
        key, number = f"{wanted}-{number}", number + 1
    return key


# -- phases -----------------------------------------------------------------------------------------------------------


def add_phase(document: Document, data: Data, place: int | None = None) -> dict[str, object]:
    """The document with one more phase."""
    return insert(document, "phases", dict(data), place)


def move_phase(document: Document, key: str, to: int) -> dict[str, object]:
    """The document with a phase at another place. The ways between phases stay as they are written."""
    return move(document, f"phases[{place_of(document, key)}]", to)


def remove_phase(document: Document, key: str) -> dict[str, object]:
    """The document without a phase. Raises StillNamed while ways or follow-ups name it."""
    return remove_at(document, f"phases[{place_of(document, key)}]")


# -- gates and criteria -----------------------------------------------------------------------------------------------


def is_group(data: object) -> bool:
    """Whether a criterion holds other criteria."""
    kind = data.get("kind") if isinstance(data, Mapping) else None
    return isinstance(kind, str) and kind in KINDS and issubclass(KINDS[kind], Group)


def add_criterion(document: Document, around: str, data: Data, place: int | None = None) -> dict[str, object]:
    """The document with one more criterion in a gate or a group. Raises NoSuchPlace where it is neither."""
    found = at(document, around)
    if part_at(around) is not Part.GATE and not is_group(found):
        raise NoSuchPlace(around)
    return insert(document, f"{around}.criteria", dict(data), place)


def put_criterion(document: Document, path: str, data: Data) -> dict[str, object]:
    """The document with a criterion written anew; a group keeps what stands in it.

    Raises StillNamed where a group that holds criteria would become something else.
    """
    members = mappings(document, f"{path}.criteria")
    if members and not is_group(data):
        raise StillNamed(path, [each for each, _ in members])
    before = at(document, path)
    held = before.get("criteria") if isinstance(before, Mapping) else None
    kept = {"criteria": held} if is_group(data) and held is not None else {}
    return put(document, path, {**data, **kept})


def move_criterion(document: Document, path: str, around: str, place: int | None = None) -> dict[str, object]:
    """The document with a criterion in another gate or group. Raises NoSuchPlace where that is inside itself."""
    criterion = at(document, path)
    target = at(document, around)
    if around == path or around.startswith(f"{path}.") or not isinstance(criterion, Mapping):
        raise NoSuchPlace(around)
    if part_at(around) is not Part.GATE and not is_group(target):
        raise NoSuchPlace(around)
    longer = add_criterion(document, around, criterion, place)
    return _without(longer, _shifted(path, f"{around}.criteria", place, len(mappings(document, f"{around}.criteria"))))


def wrap(document: Document, path: str, data: Data) -> dict[str, object]:
    """The document with a criterion inside a new group that stands in its place."""
    if part_at(path) is not Part.CRITERION or not is_group(data):
        raise NoSuchPlace(path)
    return put(document, path, {**data, "criteria": [at(document, path)]})


def unwrap(document: Document, path: str) -> dict[str, object]:
    """The document with the members of a group in the group's place."""
    if not is_group(at(document, path)):
        raise NoSuchPlace(path)
    *outer, place = steps(path)
    members = [each for _, each in mappings(document, f"{path}.criteria")]
    changed = _without(document, path)
    for each in reversed(members):
        changed = insert(changed, path_of(outer), each, int(place))
    return changed


# -- inside -----------------------------------------------------------------------------------------------------------


def _changed(document: Document, walked: Steps, change: Callable[[object], object], path: str) -> dict[str, object]:
    first, rest = walked[0], walked[1:]
    if not isinstance(first, str):
        raise NoSuchPlace(path)
    return {**document, first: _deeper(document.get(first), rest, change, path)}


def _deeper(found: object, walked: Steps, change: Callable[[object], object], path: str) -> object:
    if not walked:
        return change(found)
    step, rest = walked[0], walked[1:]
    if isinstance(step, str) and isinstance(found, Mapping):
        return {**found, step: _deeper(found.get(step), rest, change, path)}
    if isinstance(step, int) and isinstance(found, list | tuple) and step < len(found):
        return [*found[:step], _deeper(found[step], rest, change, path), *found[step + 1 :]]
    raise NoSuchPlace(path)


def _without(document: Document, path: str) -> dict[str, object]:
    *outer, last = steps(path)

    def shorter(found: object) -> object:
        if isinstance(last, int) and isinstance(found, list | tuple):
            return [*found[:last], *found[last + 1 :]]
        if isinstance(found, Mapping):
            return {key: value for key, value in found.items() if key != last}
        raise NoSuchPlace(path)

    if not outer:
        return {key: value for key, value in document.items() if key != last}
    return _changed(document, tuple(outer), shorter, path)


def _entries(found: object, path: str) -> list[object]:
    if found is None:
        return []
    if not isinstance(found, list | tuple):
        raise NoSuchPlace(path)
    return list(found)


def _naming(document: Document, part: Part, key: str) -> Iterator[str]:
    if part is Part.LADDER:
        yield from (f"{path}.ladder" for path, rule in mappings(document, "follow_ups") if rule.get("ladder") == key)
        return
    for path, rule in mappings(document, "transitions"):
        yield from (f"{path}.{end}" for end in ("from", "to") if rule.get(end) == key)
    for path, _ in mappings(document, "follow_ups"):
        yield from (inner for inner, phase in listed(document, f"{path}.phases") if phase == key)


def _asking(document: Document, gate: Steps) -> tuple[str, ...]:
    """The ways that ask this gate: the exit of the phase they leave, the entry of the one they lead to."""
    phase, side = find(document, path_of(gate[:2])), gate[2]
    key = phase.get("key") if isinstance(phase, Mapping) else None
    end = "from" if side == "exit" else "to"
    return tuple(
        f"{path}.gate"
        for path, rule in mappings(document, "transitions")
        if key is not None and rule.get(end) == key and side in _entries_or_none(rule.get("gate"))
    )


def _entries_or_none(found: object) -> Sequence[object]:
    return found if isinstance(found, list | tuple) else ()


def _keys(found: object) -> Iterator[str]:
    if isinstance(found, Mapping):
        yield from (str(found[name]) for name in ("key", "rule_key") if name in found)
        for inner in found.values():
            yield from _keys(inner)
    elif isinstance(found, list | tuple):
        for inner in found:
            yield from _keys(inner)


def _shifted(path: str, grown: str, place: int | None, length: int) -> str:
    """Where a path leads once the list `grown` has one more entry at `place`."""
    walked, around = list(steps(path)), steps(grown)
    here = walked[len(around)] if len(walked) > len(around) and tuple(walked[: len(around)]) == around else None
    spot = length if place is None else max(0, min(place, length))
    if isinstance(here, int) and here >= spot:
        walked[len(around)] = here + 1
    return path_of(walked)
