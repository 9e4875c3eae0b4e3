"""What is measured of somebody on a day: vital signs, blood and ECG, kratom screens. Invented, and plausible."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from random import Random

from pathways.demo.courses import Course
from patients.rules.observations import Entry

VITALS, LIVER, SCREEN = "vitals", "liver", "screen"
LABORATORIES = {"riverbend": "Millpond Laboratory", "hill-street": "Ridgeline Laboratory"}
WASHED_OUT_AFTER = 16
"""Days without kratom after which a screen finds none (washout of one to three weeks)."""
HEAVY = 0.82
"""Above this severity the liver shows it in the first weeks."""

# lowest and highest of what is usual, and the size of a step
_VITALS: Mapping[str, tuple[int, int]] = {
    "heart-rate": (62, 96),
    "blood-pressure-systolic": (104, 134),
    "blood-pressure-diastolic": (62, 86),
    "oxygen-saturation": (96, 100),
    "respiratory-rate": (12, 18),
}
_LIVER: Mapping[str, tuple[int, int]] = {"alt": (14, 52), "ast": (12, 38), "alp": (48, 120), "qtc": (392, 446)}
_RANGES: Mapping[str, tuple[str, str]] = {
    "alt": ("7", "56"),
    "ast": ("10", "40"),
    "alp": ("44", "147"),
    "bilirubin-total": ("0.1", "1.2"),
}


def entries(panel: str, course: Course, on: date, values: Mapping[str, int]) -> list[Entry]:
    """The values of a panel on a day, in the order they are written down. Same day, same values."""
    rng = Random(f"{course.key}/{panel}/{on}")
    made = {VITALS: _vitals, LIVER: _liver, SCREEN: _screen}[panel](course, on, rng)
    return [_wanted(each, values) for each in made]


def _wanted(entry: Entry, values: Mapping[str, int]) -> Entry:
    return Entry(entry.code, Decimal(values[entry.code])) if entry.code in values else entry


def _vitals(course: Course, on: date, rng: Random) -> list[Entry]:
    found = [Entry(code, Decimal(rng.randint(*usual))) for code, usual in _VITALS.items()]
    temperature = Entry("temperature", Decimal(rng.randint(362, 374)) / 10)
    return [*found, temperature]


def _liver(course: Course, on: date, rng: Random) -> list[Entry]:
    numbers = {code: Decimal(rng.randint(*usual)) for code, usual in _LIVER.items()}
    if course.severity > HEAVY and (on - course.began).days < 40:
        numbers |= {"alt": Decimal(rng.randint(172, 210)), "ast": Decimal(rng.randint(70, 110))}
    numbers["bilirubin-total"] = Decimal(rng.randint(3, 11)) / 10
    return [_ranged(code, numbers[code]) for code in ("alt", "ast", "alp", "bilirubin-total", "qtc")]


def _ranged(code: str, value: Decimal) -> Entry:
    """With the range of the laboratory, where it gives one."""
    if code not in _RANGES:
        return Entry(code, value)
    low, high = _RANGES[code]
    return Entry(code, value, reference_low=Decimal(low), reference_high=Decimal(high))


def _screen(course: Course, on: date, rng: Random) -> list[Entry]:
    used = [course.began, *(day for day in course.returns if day <= on)]
    found = "positive" if (on - max(used)).days < WASHED_OUT_AFTER else "negative"
    return [
        Entry("mitragynine-screen", found, cut_off=Decimal(5), cut_off_unit="ng/mL", method="immunoassay"),
        Entry("urine-creatinine", Decimal(rng.randint(40, 210))),
    ]
