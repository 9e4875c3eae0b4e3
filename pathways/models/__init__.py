"""The course of care."""

from pathways.models.absence import Absence
from pathways.models.adoption import Adoption, AdoptionItem, RuleAdaptation
from pathways.models.capacity import Capacity, LevelTransfer, PlaceOffer, WaitlistEntry
from pathways.models.delivery import DeliveryPause, ProviderStanding
from pathways.models.enrollment import (
    Attestation,
    Enrollment,
    LevelStay,
    OverrideRequest,
    PhaseStay,
    ReturnToUse,
    Transition,
)
from pathways.models.follow_up import CallResult, FollowUp
from pathways.models.level import LevelOfCareAssessment
from pathways.models.link import PatientLink
from pathways.models.plan import Plan, PlanElement, PlanReview, PlanSignature
from pathways.models.program import Phase, Program, ProgramVersion
from pathways.models.reconciliation import OwedContact, Reconciliation, ReconciliationCount, ReconciliationFinding
from pathways.models.reminder import Attempt, Reminder
from pathways.models.reply import Reply
from pathways.models.review import EvidenceReview
from pathways.models.saved_view import SavedView
from pathways.models.schedule import ReminderSchedule
from pathways.models.session import Attendance, MutualHelpAttendance, Session, SessionSeries
from pathways.models.template import MessageTemplate, TemplateTrial
from pathways.models.warning import WarningNote

__all__ = [
    "Absence",
    "Adoption",
    "AdoptionItem",
    "Attempt",
    "Attendance",
    "Attestation",
    "CallResult",
    "Capacity",
    "DeliveryPause",
    "Enrollment",
    "EvidenceReview",
    "FollowUp",
    "LevelOfCareAssessment",
    "LevelStay",
    "LevelTransfer",
    "MessageTemplate",
    "MutualHelpAttendance",
    "OverrideRequest",
    "OwedContact",
    "PatientLink",
    "Phase",
    "PhaseStay",
    "PlaceOffer",
    "Plan",
    "PlanElement",
    "PlanReview",
    "PlanSignature",
    "Program",
    "ProgramVersion",
    "ProviderStanding",
    "Reconciliation",
    "ReconciliationCount",
    "ReconciliationFinding",
    "Reminder",
    "ReminderSchedule",
    "Reply",
    "ReturnToUse",
    "RuleAdaptation",
    "SavedView",
    "Session",
    "SessionSeries",
    "TemplateTrial",
    "Transition",
    "WaitlistEntry",
    "WarningNote",
]
