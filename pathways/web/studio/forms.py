"""The form of one part of a draft: made from its entries, read back into what the document holds."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict

from clinic.web.forms import Form
from pathways.rules.programs.places import Data, Part
from pathways.web.studio.entries import Entry, Way, write
from pathways.web.studio.parts import Around, entries_of

PREFIX = "part"


class PartForm(Form):
    """Everything about one part. Nothing is required; what cannot be written down is refused beside its field."""

    def __init__(self, *args: Any, entries: Sequence[Entry], **kwargs: Any) -> None:
        super().__init__(*args, prefix=PREFIX, **kwargs)
        self.entries = tuple(entries)
        self.written: dict[str, object] = {}
        self.carried: tuple[tuple[str, str], ...] = ()

    def clean(self) -> dict[str, Any]:
        """What was typed; the part it makes stands on `written`."""
        given = super().clean() or {}
        try:
            self.written = write(self.entries, given)
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                self.add_error(name, errors)
        return given

    @property
    def asked(self) -> str:
        """The names of its fields, for telling what was left empty from what was not asked."""
        return " ".join(entry.field_name for entry in self.entries)

    @property
    def first(self) -> list[BoundField]:
        """What is asked about the part itself."""
        return self._among("")

    @property
    def override(self) -> list[BoundField]:
        """Who may set a requirement aside, and how."""
        return self._among("override")

    @property
    def aside(self) -> list[BoundField]:
        """What one seldom needs to see."""
        return self._among("aside")

    def _among(self, of: str) -> list[BoundField]:
        return [self._bound(entry) for entry in self.entries if entry.of == of]

    def _bound(self, entry: Entry) -> BoundField:
        bound = self[entry.field_name]
        bound.entry = entry  # type: ignore[attr-defined]
        return bound


def stored(part: Part, around: Around, stands: Data) -> PartForm:
    """The form with what stands in the draft."""
    entries = entries_of(part, stands, around)
    return _form(entries, initial={entry.field_name: entry.shown(stands) for entry in entries})


def typed_anew(part: Part, around: Around, stands: Data, typed: QueryDict) -> PartForm:
    """The form with what was typed, not judged: something else is asked now, or somebody else was faster."""
    entries = entries_of(part, _given(stands, typed), around)
    asked = typed.get("asked", "").split()
    initial = {
        entry.field_name: _raw(entry, typed) if _was_typed(entry, asked, typed) else entry.shown(stands)
        for entry in entries
    }
    form = _form(entries, initial=initial)
    form.carried = _carried(form, typed)
    return form


def typed(part: Part, around: Around, stands: Data, data: QueryDict) -> PartForm:
    """The form that judges what was typed."""
    entries = entries_of(part, _given(stands, data), around)
    return _form(entries, data=data, initial={entry.field_name: entry.shown(stands) for entry in entries})


def _form(entries: Sequence[Entry], **kwargs: Any) -> PartForm:
    initial = kwargs["initial"]
    shape = {entry.field_name: entry.field(initial.get(entry.field_name)) for entry in entries}
    made: PartForm = type("PartForm", (PartForm,), shape)(entries=entries, **kwargs)
    return made


def _given(stands: Data, data: QueryDict) -> dict[str, object]:
    """What stands, and over it what was chosen."""
    names = {name.removeprefix(f"{PREFIX}-") for name in data if name.startswith(f"{PREFIX}-")}
    return {**stands, **{name: data[f"{PREFIX}-{name}"] for name in names}}


def _was_typed(entry: Entry, asked: Sequence[str], data: QueryDict) -> bool:
    return entry.field_name in asked or f"{PREFIX}-{entry.field_name}" in data


def _carried(form: PartForm, data: QueryDict) -> tuple[tuple[str, str], ...]:
    """What was typed into fields that are not asked just now: should they be asked again, it is still there."""
    names = [
        name for name in data if name.startswith(f"{PREFIX}-") and name.removeprefix(f"{PREFIX}-") not in form.fields
    ]
    return tuple((name, value) for name in names for value in data.getlist(name))


def _raw(entry: Entry, data: QueryDict) -> object:
    name = f"{PREFIX}-{entry.field_name}"
    if entry.way is Way.SOME:
        return data.getlist(name)
    return name in data if entry.way is Way.FLAG else data.get(name, "")
