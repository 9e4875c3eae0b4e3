"""The forms of measured values: one group of tests at a time, each test a line; what is left empty was not measured."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from clinic.errors import Refused
from clinic.rules.sentences import sentence
from clinic.web.forms import Form, words
from clinic.web.widgets import DatePartsField
from clinic.wording import label, say
from patients.actions.observations import LABORATORY_LIMIT, REASON_LIMIT, Collection
from patients.models import Observation
from patients.queries import observations as queries
from patients.rules.observations import (
    Entry,
    Mark,
    ObservationCategory,
    ObservationResult,
    ObservationTest,
    Specimen,
    ValueKind,
    panel_problems,
)
from patients.rules.observations.entries import METHOD_LIMIT, NOTE_LIMIT

CUT_OFF_UNIT = "ng/mL"
FROM_A_LABORATORY = (ObservationCategory.LAB, ObservationCategory.DRUG_SCREEN)
WITNESSED = {"": None, "yes": True, "no": False}
PARTS = {"reference_low": "low", "reference_high": "high", "cut_off_unit": "cut_off", "code": "", "value": ""}
"""Where a part of an entry is typed, behind the code of its test."""


class NumberField(forms.CharField):
    """A number as people type it: 7.5 or 7,5."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(max_length=16, widget=widget, **kwargs)

    def clean(self, value: Any) -> Decimal | None:  # type: ignore[override]
        typed = super().clean(value)
        if not typed:
            return None
        try:
            found = Decimal(typed.replace(",", ".") if typed.count(",") == 1 else typed)
        except InvalidOperation:
            raise ValidationError(words(sentence("observation.refused.number")), code="number") from None
        if not found.is_finite():
            raise ValidationError(words(sentence("observation.refused.number")), code="number")
        return found


@dataclass(frozen=True, slots=True)
class Line:
    """One test on the page with the inputs it has."""

    test: ObservationTest
    value: BoundField
    at: BoundField | None
    beside: tuple[BoundField, ...]


class ValuesForm(Form):
    """When, and the values of some tests."""

    on = DatePartsField(label=_("Day"))
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def __init__(self, *args: Any, tests: Iterable[ObservationTest], language: str, zone: ZoneInfo, **kwargs: Any):
        self.tests, self.language, self.zone = tuple(tests), language, zone
        super().__init__(*args, **kwargs)
        for test in self.tests:
            for name, field in _inputs(test, language).items():
                self.fields[name] = field

    @property
    def lines(self) -> list[Line]:
        """The tests with their inputs, for the page."""
        return [self._line(test) for test in self.tests]

    def effective_at(self) -> datetime:
        """The typed minute at the site."""
        return _moment(self.cleaned_data["on"], self.cleaned_data["at"], self.zone)

    def entries(self) -> list[Entry]:
        """What was filled in, in the order of the page."""
        found = [self._entry(test) for test in self.tests]
        return [each for each in found if each is not None]

    def refuse(self, refused: Refused) -> None:
        """`entries.2.reference_low` is the third filled-in test's lower limit."""
        filled = [each.code for each in self.entries()]
        refused.fields = {_place(name, filled): said for name, said in refused.fields.items()}
        super().refuse(refused)

    def _line(self, test: ObservationTest) -> Line:
        beside = [name for name in self.fields if name.startswith(f"{test.code}--") and name != f"{test.code}--at"]
        at = self[f"{test.code}--at"] if test.kind is ValueKind.MOMENT else None
        return Line(test, self[test.code], at, tuple(self[name] for name in beside))

    def _entry(self, test: ObservationTest) -> Entry | None:
        given = self.cleaned_data
        value = given.get(test.code)
        if value in (None, ""):
            return None
        if test.kind is ValueKind.MOMENT:
            value = _moment(value, given.get(f"{test.code}--at") or time(12), self.zone)
        return Entry(
            code=test.code,
            value=value,
            unit=given.get(f"{test.code}--unit", ""),
            cut_off=given.get(f"{test.code}--cut_off"),
            cut_off_unit=CUT_OFF_UNIT if given.get(f"{test.code}--cut_off") is not None else "",
            method=given.get(f"{test.code}--method") or given.get("method", ""),
            reference_low=given.get(f"{test.code}--low"),
            reference_high=given.get(f"{test.code}--high"),
            note=given.get("note", ""),
        )


class PanelForm(ValuesForm):
    """A group of tests recorded together."""

    def __init__(self, *args: Any, category: ObservationCategory, language: str, **kwargs: Any):
        self.category = category
        super().__init__(*args, tests=queries.definitions(category), language=language, **kwargs)
        if category in FROM_A_LABORATORY:
            self.fields["laboratory"] = forms.CharField(
                label=_("Laboratory"), max_length=LABORATORY_LIMIT, required=False
            )
            self.fields["resulted_on"] = DatePartsField(label=_("Day of the result"), required=False)
        if category is ObservationCategory.DRUG_SCREEN:
            self.fields |= _screen_fields(language)

    @property
    def around(self) -> list[BoundField]:
        """What is said once for all: laboratory, day of the result, and for a screen method, specimen and witness."""
        names = ("laboratory", "resulted_on", "method", "specimen", "witnessed", "note")
        return [self[name] for name in names if name in self.fields]

    def clean(self) -> dict[str, Any] | None:
        given = super().clean()
        empty = all(self.cleaned_data.get(test.code) in (None, "") for test in self.tests)
        if empty and not self.errors:
            raise ValidationError(words(sentence("observation.refused.nothing")), code="nothing")
        if self.errors and not {"on", "at"} & self.errors.keys():
            self._refuse_the_rest()
        return given

    def _refuse_the_rest(self) -> None:
        """Where something is wrong already, everything else that is wrong is said at the same time."""
        entries = self.entries()
        problems = panel_problems(queries.library(), entries, self.effective_at()) if entries else {}
        for name, said in problems.items():
            place = _place(name, [each.code for each in entries])
            if place in self.cleaned_data:
                self.add_error(place, words(said))

    def collection(self) -> Collection:
        """How the values came about."""
        given = self.cleaned_data
        specimen = given.get("specimen") or ""
        return Collection(
            laboratory=given.get("laboratory", ""),
            specimen=Specimen(specimen) if specimen else None,
            resulted_on=given.get("resulted_on"),
            witnessed=WITNESSED.get(given.get("witnessed", "")),
        )


class AmendmentForm(ValuesForm):
    """One value put right."""

    def __init__(self, *args: Any, row: Observation, **kwargs: Any):
        test = queries.definition_of(row.code)
        super().__init__(*args, tests=[test], **kwargs)
        self.fields[test.code].required = True
        if test.category in FROM_A_LABORATORY:
            self.fields["resulted_on"] = DatePartsField(label=_("Day of the result"), required=False)
            self.fields[f"{test.code}--method"] = _text(_("Method"), METHOD_LIMIT)
        self.fields["note"] = _text(_("Note"), NOTE_LIMIT)
        self.fields["reason"] = forms.CharField(label=_("Reason"), max_length=REASON_LIMIT)

    @property
    def around(self) -> list[BoundField]:
        return [self[name] for name in ("resulted_on", "note", "reason") if name in self.fields]

    @staticmethod
    def values_of(row: Observation, zone: ZoneInfo) -> dict[str, Any]:
        """What the form shows of a kept value."""
        at = row.effective_at.astimezone(zone)
        moment = row.moment.astimezone(zone) if row.moment else None
        return {
            "on": at.date(),
            "at": at.time().replace(second=0, microsecond=0),
            row.code: moment.date() if moment else _typed(row),
            f"{row.code}--at": moment.time() if moment else None,
            f"{row.code}--low": _plain(row.reference_low),
            f"{row.code}--high": _plain(row.reference_high),
            f"{row.code}--cut_off": _plain(row.cut_off),
            f"{row.code}--method": row.method,
            "resulted_on": row.resulted_on,
            "note": row.note,
        }


def _inputs(test: ObservationTest, language: str) -> dict[str, forms.Field]:
    title = say(test.title, language)
    found: dict[str, forms.Field] = {test.code: _value_field(test, title, language)}
    if test.kind is ValueKind.MOMENT:
        widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
        found[f"{test.code}--at"] = forms.TimeField(label=_("Time"), widget=widget, required=False)
    if test.other_units:
        found[f"{test.code}--unit"] = forms.ChoiceField(
            label=_("Unit"), choices=[(each, each) for each in test.units], required=False
        )
    if test.category is ObservationCategory.LAB and test.kind is ValueKind.NUMBER:
        found[f"{test.code}--low"] = NumberField(label=_("Range from"), required=False)
        found[f"{test.code}--high"] = NumberField(label=_("Range to"), required=False)
        if test.loinc is not None and test.loinc.mark is Mark.CHECK_METHOD:
            found[f"{test.code}--method"] = _text(_("Method"), METHOD_LIMIT)
    if test.has_cut_off:
        found[f"{test.code}--cut_off"] = NumberField(label=_("Cut-off, ng/mL"), required=False)
    return found


def _value_field(test: ObservationTest, title: str, language: str) -> forms.Field:
    if test.kind is ValueKind.NUMBER:
        said = test.unit and not test.other_units and not (test.self_reported and "/" not in test.unit)
        return NumberField(label=f"{title}, {test.unit}" if said else title, required=False)
    if test.kind is ValueKind.MOMENT:
        return DatePartsField(label=title, required=False)
    if test.kind is ValueKind.RESULT:
        offered = [(each.value, label(each, language)) for each in ObservationResult]
    else:
        offered = [(each, say(test.choice_title(each), language)) for each in test.choices]
    return forms.ChoiceField(label=title, choices=[("", "–"), *offered], required=False)


def _screen_fields(language: str) -> Mapping[str, forms.Field]:
    specimens = [(each.value, label(each, language)) for each in Specimen]
    return {
        "method": _text(_("Method"), METHOD_LIMIT),
        "specimen": forms.ChoiceField(label=_("Specimen"), choices=specimens, initial=Specimen.URINE, required=False),
        "witnessed": forms.ChoiceField(
            label=_("Collection watched"),
            choices=[("", _("not said")), ("yes", _("yes")), ("no", _("no"))],
            required=False,
        ),
        "note": _text(_("Note"), NOTE_LIMIT),
    }


def _text(title: Any, limit: int) -> forms.CharField:
    return forms.CharField(label=title, max_length=limit, required=False)


def _typed(row: Observation) -> str:
    return _plain(row.quantity) if row.quantity is not None else row.result or row.choice


def _plain(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(day: Any, at: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, at.replace(second=0, microsecond=0), tzinfo=zone)


def _place(name: str, filled: list[str]) -> str:
    """The field of the page at which a refused part of a panel is shown."""
    if name in ("effective_at", "entries"):
        return "on" if name == "effective_at" else ""
    whole = name.split(".")
    if whole[0] != "entries":
        alone = len(filled) == 1 and name in (*PARTS, "unit", "cut_off", "method")
        return _input(filled[0], name) if alone else name
    code = filled[int(whole[1])]
    return _input(code, whole[2]) if len(whole) > 2 else code


def _input(code: str, part: str) -> str:
    behind = PARTS.get(part, part)
    return f"{code}--{behind}" if behind else code
