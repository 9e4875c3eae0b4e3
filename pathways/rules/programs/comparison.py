"""Two versions of a program compared: what changed, in words, and both side by side.

Parts are paired by their keys, so a renamed phase is the same phase. Two versions that say the same compare as equal
whatever their files look like; any difference in what they say is named.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.programs.document import ProgramDocument, TransitionRule
from pathways.rules.programs.parts import Part, Property, Section, parts, said, way_keys

Key = tuple[Section, str, int]


class ChangeKind(StrEnum):
    """What became of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: where, which part, what became of it, in a sentence; before and after in words, if they were."""

    section: Section
    key: str
    kind: ChangeKind
    sentence: Sentence
    before: Sentence | None
    after: Sentence | None


@dataclass(frozen=True, slots=True)
class Pair:
    """One property of a part in both versions."""

    label: Sentence
    before: Sentence | None
    after: Sentence | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A part in both versions, side by side; `kind` is None where nothing about it changed."""

    section: Section
    key: str
    depth: int
    kind: ChangeKind | None
    before: Part | None
    after: Part | None

    @property
    def pairs(self) -> tuple[Pair, ...]:
        """Everything the part says, in both versions."""
        return tuple(_pair(*each) for each in _side_by_side(self.before, self.after))


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one version to another, and every part of both."""

    changes: tuple[Change, ...]
    rows: tuple[Row, ...]

    @property
    def same(self) -> bool:
        """Whether both versions say the same."""
        return not self.changes


def compare(old: ProgramDocument, new: ProgramDocument) -> Comparison:
    """What changed from `old` to `new`. Parts of a phase that came or went are not named one by one."""
    before = _by_key(parts(old))
    after = _by_key(parts(new, _paired_ways(old.transitions, new.transitions)))
    moved = _moved(before, after)
    changes: list[Change] = []
    rows = []
    for key in _merged(tuple(before), tuple(after)):
        found = tuple(_changes(before.get(key), after.get(key), moved.get(key)))
        rows.append(_row(before.get(key), after.get(key), found))
        if not _told_with_its_phase(key, before, after):
            changes.extend(found)
    return Comparison(tuple(changes), tuple(rows))


def _by_key(found: Iterable[Part]) -> dict[Key, Part]:
    """The parts by key; a key that stands twice is numbered."""
    keyed: dict[Key, Part] = {}
    for part in found:
        number = 1
        while (part.section, part.key, number) in keyed:
            number += 1
        keyed[part.section, part.key, number] = part
    return keyed


def _told_with_its_phase(key: Key, before: Mapping[Key, Part], after: Mapping[Key, Part]) -> bool:
    """Whether the part came or went with its whole phase, which is told once."""
    part = before.get(key) or after[key]
    if part.section is Section.PHASE or part.phase is None or (key in before and key in after):
        return False
    around = (Section.PHASE, part.phase, 1)
    return (around in before) is not (around in after)


# -- pairing ----------------------------------------------------------------------------------------------------------


def _paired_ways(old: Sequence[TransitionRule], new: Sequence[TransitionRule]) -> tuple[str, ...]:
    """Keys for the new transitions: of the old one each continues, else their own."""
    left = dict(zip(way_keys(old), old, strict=True))
    keys: list[str | None] = [None] * len(new)
    for least in (3, 2, 1):
        for place, rule in enumerate(new):
            if keys[place] is None:
                keys[place] = _continued(left, rule, least)
                left.pop(keys[place] or "", None)
    own = way_keys(new)
    return tuple(key or f"{own[place]}/new" for place, key in enumerate(keys))


def _continued(left: Mapping[str, TransitionRule], rule: TransitionRule, least: int) -> str | None:
    """The old way this one continues: the same but for its place (3), some of its reasons (2), or its ends (1)."""
    for key, other in left.items():
        if (other.kind, other.from_phase, other.to_phase) != (rule.kind, rule.from_phase, rule.to_phase):
            continue
        same = (other.roles, other.reasons, other.gate, other.needs_note) == (
            rule.roles, rule.reasons, rule.gate, rule.needs_note,
        )  # fmt: skip
        alike = 3 if same else 2 if set(other.reasons) & set(rule.reasons) else 1
        if alike >= least:
            return key
    return None


def _merged(old: Sequence[Key], new: Sequence[Key]) -> tuple[Key, ...]:
    """The order of the new version, with what went away behind what it stood behind."""
    there = set(new)
    behind: dict[Key | None, list[Key]] = {}
    last: Key | None = None
    for key in old:
        if key in there:
            last = key
        else:
            behind.setdefault(last, []).append(key)
    merged = list(behind.get(None, ()))
    for key in new:
        merged += [key, *behind.get(key, ())]
    return tuple(merged)


def _moved(before: Mapping[Key, Part], after: Mapping[Key, Part]) -> dict[Key, tuple[int, int]]:
    """The parts that stand elsewhere, with their places: as few as tell the whole difference in order."""
    old_places, new_places = _places(before), _places(after)
    moved = {}
    orders: dict[str, list[Key]] = {}
    for key, part in after.items():
        if key in before and before[key].among == part.among:
            orders.setdefault(part.among, []).append(key)
        elif key in before:
            moved[key] = (old_places[key], new_places[key])
    for order in orders.values():
        kept = _longest_rising([old_places[key] for key in order])
        moved |= {key: (old_places[key], new_places[key]) for place, key in enumerate(order) if place not in kept}
    return moved


def _places(found: Mapping[Key, Part]) -> dict[Key, int]:
    counted: dict[str, int] = {}
    places = {}
    for key, part in found.items():
        counted[part.among] = counted.get(part.among, 0) + 1
        places[key] = counted[part.among]
    return places


def _longest_rising(values: Sequence[int]) -> frozenset[int]:
    """The indexes of a longest rising row of the values."""
    ends: list[int] = []
    at: list[int] = []
    came_from: list[int] = []
    for index, value in enumerate(values):
        length = bisect_left(ends, value)
        came_from.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [value]
        at[length : length + 1] = [index]
    kept, index = set(), at[-1] if at else -1
    while index >= 0:
        kept.add(index)
        index = came_from[index]
    return frozenset(kept)


# -- telling ----------------------------------------------------------------------------------------------------------


def _changes(old: Part | None, new: Part | None, moved: tuple[int, int] | None) -> Iterator[Change]:
    if old is None or new is None:
        yield _came_or_went(old, new)
        return
    if moved is not None:
        yield _moved_change(old, new, *moved)
    for before, after in _differing(old, new):
        yield _changed(old, new, before, after)


def _came_or_went(old: Part | None, new: Part | None) -> Change:
    part = new or old
    if part is None:
        raise ValueError("a part of neither version")
    kind = ChangeKind.REMOVED if new is None else ChangeKind.ADDED
    told = _told(part, kind.value, what=part.name)
    return Change(part.section, part.key, kind, told, old.name if old else None, new.name if new else None)


def _moved_change(old: Part, new: Part, was: int, now: int) -> Change:
    if old.where != new.where and old.where is not None and new.where is not None:
        told = sentence("comparison.moved_to", what=new.what, was=old.where, now=new.where)
        return Change(new.section, new.key, ChangeKind.MOVED, told, old.where, new.where)
    places = (sentence("comparison.place", n=was), sentence("comparison.place", n=now))
    return Change(new.section, new.key, ChangeKind.MOVED, _told(new, "moved", what=new.what), *places)


def _changed(old: Part, new: Part, before: Property | None, after: Property | None) -> Change:
    shown = after or before
    if shown is None:
        raise ValueError("a property of neither version")
    was, now = before.words if before else None, after.words if after else None
    told = _told(new, _code(shown, was, now), what=old.what, part=shown.label, was=was, now=now)
    return Change(new.section, new.key, ChangeKind.CHANGED, told, was, now)


def _code(shown: Property, was: Sentence | None, now: Sentence | None) -> str:
    """How a property that differs is told; one that differs in what its words do not say, as changed."""
    if was is None or now is None:
        return "with" if was is None else "without"
    if was == now:
        return "otherwise"
    return {"limit": "limit", "kind": "asks"}.get(shown.name, "changed")


def _told(part: Part, code: str, /, **params: object) -> Sentence:
    """The sentence, headed by where the part stands; outside of gates it says what sort of part it is."""
    in_gate = part.section is Section.GATE and part.depth > 1
    said_so = sentence(f"comparison.{code}" if in_gate else f"comparison.{code}.part", section=part.section, **params)
    return said_so if part.where is None else sentence("comparison.within", where=part.where, told=said_so)


def _differing(old: Part, new: Part) -> Iterator[tuple[Property | None, Property | None]]:
    """The properties that differ; parameters are compared only between requirements of the same kind."""
    if old.says == new.says:
        return
    pairs = _side_by_side(old, new)
    other_kind = any(_name(*each) == "kind" and _differ(*each) for each in pairs)
    for before, after in pairs:
        of_kind = any(each is not None and each.of_kind for each in (before, after))
        if _differ(before, after) and not (of_kind and other_kind):
            yield before, after


def _differ(before: Property | None, after: Property | None) -> bool:
    return before is None or after is None or before.value != after.value


def _name(before: Property | None, after: Property | None) -> str:
    found = after or before
    return found.name if found else ""


def _side_by_side(old: Part | None, new: Part | None) -> list[tuple[Property | None, Property | None]]:
    """Each property in both versions, in the order of the new one."""
    before = {each.name: each for each in old.properties} if old else {}
    after = {each.name: each for each in new.properties} if new else {}
    return [(before.get(name), after.get(name)) for name in dict.fromkeys([*after, *before])]


def _row(old: Part | None, new: Part | None, changes: Sequence[Change]) -> Row:
    part = new or old
    if part is None:
        raise ValueError("a part of neither version")
    kinds = [each.kind for each in changes]
    kind = ChangeKind.CHANGED if ChangeKind.CHANGED in kinds else kinds[0] if kinds else None
    return Row(part.section, part.key, part.depth, kind, old, new)


def _pair(before: Property | None, after: Property | None) -> Pair:
    found = after or before
    label = found.label if found else said(None)
    was, now = (each.words if each else None for each in (before, after))
    return Pair(label, was, now, _differ(before, after))
