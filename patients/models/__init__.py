"""Who they are, how we may reach them, what was found."""

from patients.models.assessment import Assessment, AssessmentDraft, Intake, SafetyFlag
from patients.models.consent import ContactConsent
from patients.models.contact import ContactPoint, ContactPreference, Suppression
from patients.models.patient import Patient, PatientSite, PossibleDuplicate, SearchToken

__all__ = [
    "Assessment",
    "AssessmentDraft",
    "ContactConsent",
    "ContactPoint",
    "ContactPreference",
    "Intake",
    "Patient",
    "PatientSite",
    "PossibleDuplicate",
    "SafetyFlag",
    "SearchToken",
    "Suppression",
]
