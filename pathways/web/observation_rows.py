"""What was measured, as rows of a table: the value in words, its range, how and when it was found."""

from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence
from clinic.wording import label, say
from patients.models import Observation, Patient, SafetyFlag
from patients.queries import observations as queries
from patients.rules.observations import (
    Measured,
    ObservationCategory,
    ObservationResult,
    ObservationStatus,
    ObservationTest,
    RangePlace,
    RangeReading,
    SpecimenValidity,
    latest_use,
    liver_value,
    range_reading,
)
from patients.rules.observations.panels import ALT

Shown = dict[str, Any]


def row_shown(row: Observation, sex: str, zone: ZoneInfo, language: str) -> Shown:
    """One value for `pathways/observations/_values.html`."""
    test = queries.definition_of(row.code)
    value = queries.measured_of(row)
    reading = range_reading(test, value, sex)
    return {
        "row": row,
        "test": test,
        "value": value_words(test, value, zone, language),
        "place": _place(reading),
        "positive": row.result == ObservationResult.POSITIVE,
        "details": [*_range(reading), *_found_in(row, zone)],
        "status": ObservationStatus(row.status),
    }


def groups(
    patient: Patient, zone: ZoneInfo, language: str, flags: Mapping[str, SafetyFlag] | None = None
) -> list[Shown]:
    """The newest value of each test, by category in the catalogue's order; categories without one are left out."""
    newest = queries.newest_of(patient)
    found = []
    for category in ObservationCategory:
        known = [newest[test.code] for test in queries.definitions(category) if test.code in newest]
        rows = [
            {
                **row_shown(each.row, patient.sex_for_clinical_use, zone, language),
                "earlier": each.earlier,
                "flag": (flags or {}).get(each.row.code),
            }
            for each in known
        ]
        if rows:
            found.append({"category": category, "rows": rows})
    return found


def flags_by_test(open_flags: Iterable[SafetyFlag]) -> dict[str, SafetyFlag]:
    """The worst open flag of each test; those of forms stand elsewhere."""
    found: dict[str, SafetyFlag] = {}
    for flag in open_flags:
        found.setdefault(flag.instrument, flag)
    return found


def conclusions(patient: Patient, zone: ZoneInfo) -> list[Sentence]:
    """What several values together say: new use or washout, the pattern of the liver values. Never a diagnosis."""
    return [*_use(patient, zone), *_liver(patient)]


def value_words(test: ObservationTest, value: Measured, zone: ZoneInfo, language: str) -> str:
    """A value as people say it."""
    if value.quantity is not None:
        return f"{say(sentence('observation.number', number=value.quantity), language)} {value.unit}".strip()
    if value.result is not None:
        return label(value.result, language)
    if value.moment is not None:
        return say(sentence("observation.moment", at=value.moment.astimezone(zone)), language)
    return say(test.choice_title(value.choice), language)


def _place(reading: RangeReading | None) -> Sentence | None:
    """Low or high; nothing for what lies in its range, or has none."""
    if reading is None or reading.place is RangePlace.WITHIN:
        return None
    return sentence(f"observation.state.{reading.place}")


def _range(reading: RangeReading | None) -> list[Sentence]:
    return [reading.sentence] if reading is not None else []


def _found_in(row: Observation, zone: ZoneInfo) -> list[Sentence | str]:
    """Cut-off, method, specimen, laboratory and the day of the result."""
    found: list[Sentence | str] = []
    if row.cut_off is not None:
        found.append(sentence("observation.cut_off", cut_off=row.cut_off, unit=row.cut_off_unit))
    found += [each for each in (row.method, row.laboratory) if each]
    validity = SpecimenValidity(row.specimen_validity)
    if validity is not SpecimenValidity.NOT_CHECKED:
        found.append(sentence("observation.specimen", validity=validity))
    if row.witnessed is not None:
        found.append(sentence("observation.witnessed" if row.witnessed else "observation.not_witnessed"))
    if row.resulted_on is not None:
        found.append(sentence("observation.resulted", on=row.resulted_on))
    return found


def _use(patient: Patient, zone: ZoneInfo) -> list[Sentence]:
    compared = latest_use(queries.kratom_levels(patient))
    if compared is None:
        return []
    newest, earlier, said = compared
    if earlier is None:
        return [sentence(f"observation.new_use.{said}", now=round(newest.ratio, 1))]
    on = earlier.collected_at.astimezone(zone).date()
    return [sentence(f"observation.new_use.{said}", before=round(earlier.ratio, 1), now=round(newest.ratio, 1), on=on)]


def _liver(patient: Patient) -> list[Sentence]:
    panel = queries.newest_panel_with(patient, ALT)
    found = liver_value(panel, queries.library(), patient.sex_for_clinical_use)
    return [sentence("observation.liver", r=found.r, pattern=found.pattern)] if found is not None else []
