"""The part of a draft that is open in a form: from the draft, as it was typed, or as somebody else has left it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from pathways.rules.programs.editing import HELD
from pathways.rules.programs.places import (
    Data,
    Document,
    NoSuchPlace,
    Part,
    find,
    mappings,
    part_at,
    path_of,
    steps,
)
from pathways.web.studio import forms
from pathways.web.studio.edits import FRESH, KEYED, adds_to
from pathways.web.studio.entries import Entry, Way
from pathways.web.studio.forms import PartForm
from pathways.web.studio.parts import Around, entries_of

EDIT, ADD = "save", "add"
LONGEST_SEEN = 20_000


@dataclass(frozen=True, slots=True)
class Difference:
    """What one wrote and what stands there now, where somebody else changed it meanwhile."""

    label: str
    mine: str
    now: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A part in a form. `verb`: save it at `path`, or add it to the list at `path`."""

    verb: str
    path: str
    part: Part
    form: PartForm
    seen: str = ""
    meanwhile: tuple[Difference, ...] = ()
    gone: bool = False

    @property
    def adds(self) -> bool:
        """Whether it is not in the draft yet."""
        return self.verb == ADD


def to_edit(document: Document, path: str, language: str) -> Opened:
    """The form of a part. Raises NoSuchPlace."""
    part, stands = _standing(document, path)
    form = forms.stored(part, Around(document, path, language), stands)
    return Opened(EDIT, path, part, form, _seen(own(part, stands)))


def to_add(document: Document, path: str, language: str) -> Opened:
    """The form of a new entry of a list. Raises NoSuchPlace."""
    part = _added_part(path)
    form = forms.stored(part, Around(document, f"{path}[0]", language), FRESH.get(part, {}))
    return Opened(ADD, path, part, form)


def judged(document: Document, verb: str, path: str, language: str, data: QueryDict) -> Opened:
    """The form with what was typed, judged. Raises NoSuchPlace."""
    part, stands, around = _typed_into(document, verb, path, language)
    return Opened(verb, path, part, forms.typed(part, around, stands, data), data.get("seen", "")[:LONGEST_SEEN])


def asked_anew(document: Document, verb: str, path: str, language: str, data: QueryDict) -> Opened:
    """The form with what was typed, where something else is asked now. Raises NoSuchPlace."""
    part, stands, around = _typed_into(document, verb, path, language)
    form = forms.typed_anew(part, around, stands, data)
    return Opened(verb, path, part, form, data.get("seen", "")[:LONGEST_SEEN])


def in_words(verb: str, path: str, language: str, data: QueryDict) -> tuple[tuple[str, str], ...]:
    """What was typed about a part of a draft that is gone, each with what it is called."""
    part = adds_to(path) if verb == ADD else part_at(path)
    if part is None:
        return ()
    form = forms.typed_anew(part, Around({}, path if verb != ADD else f"{path}[0]", language), {}, data)
    typed = ((entry, form.initial.get(entry.field_name)) for entry in form.entries)
    return tuple((_label(form, entry), _words(entry, value)) for entry, value in typed if value)


def after_somebody_else(document: Document, verb: str, path: str, language: str, data: QueryDict) -> Opened | None:
    """What was typed, over what somebody else has left: nothing is lost, and what differs is said.

    None where nothing was typed (a part was moved or removed).
    """
    part = part_at(path) if verb == EDIT else adds_to(path)
    if verb not in (EDIT, ADD) or part is None:
        return None
    if verb == ADD:
        return asked_anew(document, ADD, path, language, data) if _is_there(document, path, part) else None
    seen = _read_seen(data.get("seen", ""))
    found = _found_again(document, path, part, seen)
    if found is None:
        around = path_of(steps(path)[:-1])
        if adds_to(around) is not part or not _is_there(document, around, part):
            return None
        fresh = asked_anew(document, ADD, around, language, data)
        return Opened(ADD, around, part, fresh.form, gone=True)
    again = asked_anew(document, EDIT, found, language, data)
    _, stands = _standing(document, found)
    entries = entries_of(part, stands, Around(document, found, language))
    meanwhile = _differences(entries, seen, own(part, stands), again.form)
    return Opened(EDIT, found, part, again.form, _seen(own(part, stands)), meanwhile)


def own(part: Part, data: Data) -> dict[str, object]:
    """What a part says itself, without what stands inside it."""
    held = (*HELD.get(part.value, ()), "criteria")
    return {key: value for key, value in data.items() if key not in held}


def _standing(document: Document, path: str) -> tuple[Part, Data]:
    part, stands = part_at(path), find(document, path)
    if part is None or not isinstance(stands, Mapping):
        raise NoSuchPlace(path)
    return part, stands


def _added_part(path: str) -> Part:
    part = adds_to(path)
    if part is None:
        raise NoSuchPlace(path)
    return part


def _typed_into(document: Document, verb: str, path: str, language: str) -> tuple[Part, Data, Around]:
    if verb == EDIT:
        part, stands = _standing(document, path)
        return part, stands, Around(document, path, language)
    part = _added_part(path)
    return part, FRESH.get(part, {}), Around(document, f"{path}[0]", language)


def _is_there(document: Document, path: str, part: Part) -> bool:
    """Whether the list is still there to be added to."""
    outer = steps(path)[:-1]
    return not outer or find(document, path_of(outer)) is not None


def _seen(data: Data) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _read_seen(text: str) -> Data:
    """What the page showed when it was opened; it comes back from the browser, and is only compared with."""
    try:
        found = json.loads(text) if len(text) <= LONGEST_SEEN else {}
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _found_again(document: Document, path: str, part: Part, seen: Data) -> str | None:
    """Where the part is now: it may have been moved by somebody else, or changed, or be gone."""
    here = find(document, path)
    if isinstance(here, Mapping) and own(part, here) == seen:
        return path
    *outer, last = steps(path)
    if not isinstance(last, int):
        return path if isinstance(here, Mapping) else None
    name = KEYED.get(part)
    alike = [
        place
        for place, data in mappings(document, path_of(outer))
        if own(part, data) == seen or (name and name in seen and data.get(name) == seen[name])
    ]
    if alike:
        return path if path in alike else alike[0]
    return None if name or not isinstance(here, Mapping) else path


def _differences(entries: tuple[Entry, ...], seen: Data, now: Data, form: PartForm) -> tuple[Difference, ...]:
    found = []
    for entry in entries:
        before, after = entry.shown(seen), entry.shown(now)
        if before == after:
            continue
        mine = form.initial.get(entry.field_name) if entry.field_name in form.fields else None
        found.append(Difference(_label(form, entry), _words(entry, mine), _words(entry, after)))
    return tuple(found)


def _label(form: PartForm, entry: Entry) -> str:
    field = form.fields.get(entry.field_name) or entry.field("")
    return str(field.label)


def _words(entry: Entry, value: Any) -> str:
    offered = dict(entry.choices)
    if entry.way is Way.SOME:
        return ", ".join(offered.get(each, each) for each in value or [])
    if entry.way is Way.FLAG:
        return "✓" if value else "–"
    return offered.get(str(value), str(value)) if value not in (None, "") else "–"
