"""The course of care."""

from pathways.models.adoption import Adoption, AdoptionItem, RuleAdaptation
from pathways.models.capacity import Capacity, LevelTransfer, PlaceOffer, WaitlistEntry
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
from pathways.models.plan import Plan, PlanElement, PlanReview, PlanSignature
from pathways.models.program import Phase, Program, ProgramVersion
from pathways.models.reminder import Attempt, Reminder
from pathways.models.review import EvidenceReview
from pathways.models.session import Attendance, MutualHelpAttendance, Session, SessionSeries

__all__ = [
    "Adoption",
    "AdoptionItem",
    "Attempt",
    "Attendance",
    "Attestation",
    "CallResult",
    "Capacity",
    "Enrollment",
    "EvidenceReview",
    "FollowUp",
    "LevelOfCareAssessment",
    "LevelStay",
    "LevelTransfer",
    "MutualHelpAttendance",
    "OverrideRequest",
    "Phase",
    "PhaseStay",
    "PlaceOffer",
    "Plan",
    "PlanElement",
    "PlanReview",
    "PlanSignature",
    "Program",
    "ProgramVersion",
    "Reminder",
    "ReturnToUse",
    "RuleAdaptation",
    "Session",
    "SessionSeries",
    "Transition",
    "WaitlistEntry",
]
