"""What is measured: vitals, labs, drug screens and exposure. The catalogue's parts and what is decided over them."""

from patients.rules.observations.catalogue import (
    AlertRule,
    Limits,
    Loinc,
    ObservationTest,
    OtherUnit,
    TypicalRange,
    alert_sentence,
)
from patients.rules.observations.reading import parse_tests
from patients.rules.observations.words import (
    Mark,
    ObservationCategory,
    ObservationResult,
    ObservationStatus,
    Specimen,
    SpecimenValidity,
    ValueKind,
)

__all__ = [
    "AlertRule",
    "Limits",
    "Loinc",
    "Mark",
    "ObservationCategory",
    "ObservationResult",
    "ObservationStatus",
    "ObservationTest",
    "OtherUnit",
    "Specimen",
    "SpecimenValidity",
    "TypicalRange",
    "ValueKind",
    "alert_sentence",
    "parse_tests",
]
