"""The words of an observation: what was measured, what a screen said, how sure the specimen is."""

from enum import StrEnum


class ObservationCategory(StrEnum):
    """[Observation.category]"""

    VITAL = "vital"
    LAB = "lab"
    DRUG_SCREEN = "drug_screen"
    EXPOSURE = "exposure"


class ObservationResult(StrEnum):
    """What a screen said. Only *negative* is negative: what could not be read is not."""

    NEGATIVE = "negative"
    POSITIVE = "positive"
    INDETERMINATE = "indeterminate"
    INVALID = "invalid"


class SpecimenValidity(StrEnum):
    """Whether the specimen is what it should be (domain/kratom.md, Urine testing).

    *Doubtful*: outside what a valid specimen measures, and none of the known causes explains it.
    """

    VALID = "valid"
    DILUTE = "dilute"
    DOUBTFUL = "doubtful"
    SUBSTITUTED = "substituted"
    ADULTERATED = "adulterated"
    NOT_CHECKED = "not_checked"


class ObservationStatus(StrEnum):
    """[Observation.status]"""

    FINAL = "final"
    AMENDED = "amended"
    ENTERED_IN_ERROR = "entered_in_error"


class ValueKind(StrEnum):
    """How a test is answered."""

    NUMBER = "number"
    RESULT = "result"
    CHOICE = "choice"
    MOMENT = "moment"


class Specimen(StrEnum):
    """What was collected; nothing for what is measured on the person."""

    URINE = "urine"
    BLOOD = "blood"
    SERUM = "serum"
    PLASMA = "plasma"
    ORAL_FLUID = "oral_fluid"
    HAIR = "hair"


class Mark(StrEnum):
    """How sure a stated fact is (domain/kratom.md): seen in a source, its method to be checked, general knowledge,
    weakly sourced, or a local default that a clinician confirms."""

    VERIFIED = "verified"
    CHECK_METHOD = "check_method"
    GENERAL = "general"
    WEAK = "weak"
    LOCAL = "local"
