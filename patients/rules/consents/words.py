"""The words of a Part 2 consent (42 CFR 2.31; domain/confidentiality.md). Validity is computed, never stored."""

from enum import StrEnum


class ConsentKind(StrEnum):
    """What sort of consent it is. Counseling notes and legal proceedings stand alone, combined with nothing."""

    TPO = "tpo"
    SPECIFIC = "specific"
    COUNSELING_NOTES = "counseling_notes"
    LEGAL_PROCEEDING = "legal_proceeding"
    INTERMEDIARY = "intermediary"


class ConsentPurpose(StrEnum):
    """What the disclosure is for."""

    TREATMENT = "treatment"
    PAYMENT = "payment"
    OPERATIONS = "operations"
    PATIENT_REQUEST = "patient_request"
    FAMILY_SUPPORT = "family_support"
    LEGAL = "legal"
    OTHER = "other"


class RecipientClass(StrEnum):
    """Who may receive."""

    TREATING_PROVIDERS = "treating_providers"
    HEALTH_PLAN = "health_plan"
    OPERATIONS_HELPERS = "operations_helpers"
    SUPPORT_PERSON = "support_person"
    INTERMEDIARY = "intermediary"
    COURT = "court"
    EMPLOYER = "employer"
    NAMED = "named"


class DisclosureCategory(StrEnum):
    """What may be told."""

    ATTENDANCE = "attendance"
    ASSESSMENTS = "assessments"
    SCREENS_AND_LABS = "screens_and_labs"
    DIAGNOSES = "diagnoses"
    MEDICATIONS = "medications"
    PLANS = "plans"
    PROGRESS = "progress"
    DISCHARGE_SUMMARY = "discharge_summary"
    COUNSELING_NOTES = "counseling_notes"
    EVERYTHING_BUT_NOTES = "everything_but_notes"


class ConsentExpiry(StrEnum):
    """When it ends. *None* and *end of treatment* are for a TPO consent alone."""

    ON_DATE = "on_date"
    END_OF_TREATMENT = "end_of_treatment"
    EVENT = "event"
    NONE = "none"


class ConsentSigner(StrEnum):
    """Who signed."""

    PATIENT = "patient"
    PARENT = "parent"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


class SignatureMethod(StrEnum):
    """How it was signed."""

    ON_PAPER = "on_paper"
    ON_SCREEN = "on_screen"


class RevocationMethod(StrEnum):
    """How it was taken back."""

    WRITTEN = "written"
    SAID = "said"
    AS_THE_FORM_SAYS = "as_the_form_says"
