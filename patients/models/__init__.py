"""Who they are, how we may reach them, what was found."""

from patients.models.assessment import Assessment, AssessmentDraft, Intake, SafetyFlag
from patients.models.consent import Consent, ContactConsent
from patients.models.contact import ContactPoint, ContactPreference, Suppression
from patients.models.observation import Observation
from patients.models.patient import Patient, PatientSite, PossibleDuplicate, SearchToken

__all__ = [
    "Assessment",
    "AssessmentDraft",
    "Consent",
    "ContactConsent",
    "ContactPoint",
    "ContactPreference",
    "Intake",
    "Observation",
    "Patient",
    "PatientSite",
    "PossibleDuplicate",
    "SafetyFlag",
    "SearchToken",
    "Suppression",
]
