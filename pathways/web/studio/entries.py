"""One thing a person fills in about a part of a draft: how it is asked, shown, and written into the document.

A draft may be half-finished, so nothing is required here; what is missing stands among the problems. Only what cannot
be written down at all (words where a number belongs) is refused, beside the field, with what was typed kept.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.rules.sentences import Sentence, sentence
from clinic.web.forms import words

Choices = tuple[tuple[str, str], ...]
LONGEST_LINE, LONGEST_TEXT = 500, 4000
WHOLE = re.compile(r"-?\d{1,9}\Z", re.ASCII)
NUMBER = re.compile(r"-?\d{1,9}(?:[.,]\d{1,6})?\Z", re.ASCII)


class Way(StrEnum):
    """How an entry is filled in."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    KEY = "key"
    WHOLE = "whole"
    WHOLES = "wholes"
    NUMBER = "number"
    LIMIT = "limit"
    TIME = "time"
    FLAG = "flag"
    ONE = "one"
    SOME = "some"


class Absent:
    """Nothing is written."""


ABSENT = Absent()


@dataclass(frozen=True, slots=True)
class Entry:
    """`name`: its key in the document, with dots where it stands deeper. `default` stands for what is left out, and is
    not written. `asks_anew`: what else is asked follows from it. `of`: the entries it is shown among."""

    name: str
    way: Way
    label: Sentence
    hint: Sentence | None = None
    choices: Choices = ()
    default: object = None
    asks_anew: bool = False
    optional: bool = False
    of: str = ""
    wide: bool = False

    @property
    def field_name(self) -> str:
        """What a form calls it."""
        return self.name.replace(".", "__")

    def field(self, shown: object) -> forms.Field:
        """Its field. A choice that is written and not offered is offered as well, so that nothing is lost."""
        kind, widget = _WIDGETS[self.way]
        given: dict[str, Any] = {"label": words(self.label), "required": False, "widget": widget()}
        if self.hint is not None:
            given["help_text"] = words(self.hint)
        if self.way in (Way.ONE, Way.SOME):
            given["choices"] = self._offered(shown)
        elif self.way is not Way.FLAG:
            given["max_length"] = LONGEST_TEXT if self.way in (Way.TEXT, Way.LINES) else LONGEST_LINE
        field: forms.Field = kind(**given)
        field.widget.attrs.update(_attributes(self))
        return field

    def shown(self, part: Mapping[str, object]) -> object:
        """What stands in the document, as the field shows it."""
        found: object = part
        for step in self.name.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        if found is None:
            found = self.default
        return _SHOWN.get(self.way, _as_text)(found)

    def written(self, typed: object) -> object:
        """What is written for what was typed; ABSENT for nothing. Raises ValidationError for what cannot be."""
        value = _READ.get(self.way, _read_text)(typed)
        return ABSENT if value is ABSENT or value == self.default else value

    def _offered(self, shown: object) -> list[tuple[str, str]]:
        offered = list(self.choices)
        known = {value for value, _ in offered}
        written = shown if isinstance(shown, list) else [shown]
        return offered + [(each, each) for each in written if isinstance(each, str) and each and each not in known]


def write(entries: Iterable[Entry], typed: Mapping[str, object]) -> dict[str, object]:
    """The part as the document holds it, from what was typed. Raises ValidationError by field for what cannot be."""
    part: dict[str, object] = {}
    wrong: dict[str, Any] = {}
    for entry in entries:
        try:
            value = entry.written(typed.get(entry.field_name))
        except ValidationError as error:
            wrong[entry.field_name] = error
            continue
        if value is not ABSENT and not entry.name.startswith("_"):
            _put(part, entry.name.split("."), value)
    if wrong:
        raise ValidationError(wrong)
    return part


def _put(part: dict[str, object], steps: list[str], value: object) -> None:
    for step in steps[:-1]:
        inner = part.setdefault(step, {})
        if not isinstance(inner, dict):
            raise TypeError(f"{step} is written twice")
        part = inner
    part[steps[-1]] = value


def _as_text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _as_list(value: object) -> list[str]:
    entries = value if isinstance(value, list | tuple) else [] if value is None else [value]
    return [_as_text(each) for each in entries]


_SHOWN: dict[Way, Callable[[object], object]] = {
    Way.LINES: lambda value: "\n".join(_as_list(value)),
    Way.WHOLES: lambda value: ", ".join(_as_list(value)),
    Way.LIMIT: lambda value: ", ".join(_as_list(value)),
    Way.FLAG: lambda value: value is True,
    Way.SOME: _as_list,
}


def _read_text(typed: object) -> object:
    text = str(typed or "").strip()
    return text or ABSENT


def _read_lines(typed: object) -> object:
    lines = [line.strip() for line in str(typed or "").splitlines() if line.strip()]
    return lines or ABSENT


def _read_whole(typed: object) -> object:
    text = str(typed or "").strip()
    if text and not WHOLE.match(text):
        raise ValidationError(words(sentence("program.problem.not_whole")), code="whole")
    return int(text) if text else ABSENT


def _read_number(typed: object) -> object:
    text = str(typed or "").strip()
    if text and not NUMBER.match(text):
        raise ValidationError(words(sentence("studio.field.not_a_number")), code="number")
    if not text:
        return ABSENT
    return int(text) if WHOLE.match(text) else float(text.replace(",", "."))


def _read_wholes(typed: object) -> object:
    found = [_read_whole(each) for each in re.split(r"[,;\s]+", str(typed or "").strip()) if each]
    return found or ABSENT


def _read_limit(typed: object) -> object:
    """A number or a name; several with commas between them are a list."""
    found = [int(each) if WHOLE.match(each) else each for each in _parts(typed)]
    return found if len(found) > 1 else found[0] if found else ABSENT


def _parts(typed: object) -> list[str]:
    return [each.strip() for each in str(typed or "").split(",") if each.strip()]


def _read_some(typed: object) -> object:
    return list(typed) if isinstance(typed, list | tuple) and typed else ABSENT


_READ: dict[Way, Callable[[object], object]] = {
    Way.LINES: _read_lines,
    Way.WHOLE: _read_whole,
    Way.WHOLES: _read_wholes,
    Way.NUMBER: _read_number,
    Way.LIMIT: _read_limit,
    Way.FLAG: bool,
    Way.SOME: _read_some,
}

_WIDGETS: dict[Way, tuple[type[forms.Field], type[forms.Widget]]] = {
    Way.LINE: (forms.CharField, forms.TextInput),
    Way.TEXT: (forms.CharField, forms.Textarea),
    Way.LINES: (forms.CharField, forms.Textarea),
    Way.KEY: (forms.CharField, forms.TextInput),
    Way.WHOLE: (forms.CharField, forms.TextInput),
    Way.WHOLES: (forms.CharField, forms.TextInput),
    Way.NUMBER: (forms.CharField, forms.TextInput),
    Way.LIMIT: (forms.CharField, forms.TextInput),
    Way.TIME: (forms.CharField, forms.TimeInput),
    Way.FLAG: (forms.BooleanField, forms.CheckboxInput),
    Way.ONE: (forms.ChoiceField, forms.Select),
    Way.SOME: (forms.MultipleChoiceField, forms.CheckboxSelectMultiple),
}


def _attributes(entry: Entry) -> dict[str, Any]:
    """Classes of the controls; a number is typed as text, so that what is no number is not lost."""
    match entry.way:
        case Way.ONE:
            return {"class": "form-select"} | ({"data-asks-anew": True} if entry.asks_anew else {})
        case Way.SOME | Way.FLAG:
            return {}
        case Way.WHOLE | Way.NUMBER:
            return {"class": "form-control short", "inputmode": "numeric" if entry.way is Way.WHOLE else "decimal"}
        case Way.TEXT | Way.LINES:
            return {"class": "form-control", "rows": 3}
        case Way.TIME:
            return {"class": "form-control short", "type": "time"}
        case Way.KEY:
            return {"class": "form-control", "spellcheck": "false", "autocapitalize": "off"}
    return {"class": "form-control"}
