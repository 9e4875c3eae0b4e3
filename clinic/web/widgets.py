"""Typed dates: day, month and year in three boxes, so that nobody has to scroll back to 1992 in a calendar."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from clinic.wording.render import MONTHS

PARTS = ("day", "month", "year")


class DateParts(forms.Widget):
    """Three inputs `<name>_day`, `<name>_month`, `<name>_year`; a month may be a number or its name."""

    template_name = "clinic/components/date_parts.html"

    def __init__(self, attrs: Mapping[str, Any] | None = None, autocomplete: str = "") -> None:
        super().__init__(dict(attrs or {}))
        self.autocomplete = autocomplete  # "bday" lets a browser fill the person's own birth date

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_day" if id_ else id_

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        own = context["widget"]["attrs"]
        day, month, year = self._parts(value)
        context["parts"] = [
            self._part(name, own, "day", _("Day"), day, 2),
            self._part(name, own, "month", _("Month"), month, 9),
            self._part(name, own, "year", _("Year"), year, 4),
        ]
        context["bad"] = own.get("aria-invalid")
        return context

    def _part(self, name: str, own: dict[str, Any], part: str, label: Any, value: str, length: int) -> dict[str, Any]:
        fill = f"{self.autocomplete}-{part}" if self.autocomplete else "off"
        identity = f"{own.get('id', f'id_{name}')}_{part}"
        return {"id": identity, "name": f"{name}_{part}", "label": label, "value": value, "length": length,
                "part": part, "autocomplete": fill}  # fmt: skip

    @staticmethod
    def _parts(value: Any) -> tuple[str, str, str]:
        if isinstance(value, date):
            return str(value.day), str(value.month), str(value.year)
        written = str(value or "").split("/")
        return (written[0], written[1], written[2]) if len(written) == 3 else ("", "", "")

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> str | None:
        """ "day/month/year" as typed, or None where nothing was typed. One field with an ISO date is taken too."""
        typed = [str(data.get(f"{name}_{part}", "")).strip() for part in PARTS]
        if any(typed):
            return "/".join(part.replace("/", " ") for part in typed)
        whole = str(data.get(name, "")).strip()
        return "/".join(reversed(whole.split("-"))) if whole else None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> bool:
        return name not in data and all(f"{name}_{part}" not in data for part in PARTS)


class DatePartsField(forms.DateField):
    """A date typed as day, month and year. Says which part is missing or cannot be."""

    widget = DateParts

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        day, month, year = ([*str(value).split("/"), "", "", ""])[:3]
        missing = [str(word) for word, part in ((_("day"), day), (_("month"), month), (_("year"), year)) if not part]
        if missing:
            raise ValidationError(_("Type the %(parts)s too."), params={"parts": ", ".join(missing)}, code="missing")
        return _date(day, month, year)


def _date(day: str, month: str, year: str) -> date:
    number = _month(month)
    if len(year) != 4 or not year.isascii() or not year.isdigit():
        raise ValidationError(_("Type the year with four digits."), code="year")
    try:
        return date(int(year), number, int(day))
    except ValueError:
        raise ValidationError(_("This day does not exist."), code="invalid") from None


def _month(typed: str) -> int:
    if typed.isascii() and typed.isdigit() and 1 <= int(typed) <= 12:
        return int(typed)
    start = typed.casefold()[:3]
    for names in MONTHS.values():
        for number, name in enumerate(names, start=1):
            if start == name.casefold():
                return number
    raise ValidationError(_("Type the month as a number from 1 to 12, or its name."), code="month")
