"""The course of care."""

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
from pathways.models.program import Phase, Program, ProgramVersion
from pathways.models.reminder import Attempt, Reminder
from pathways.models.review import EvidenceReview

__all__ = [
    "Attempt",
    "Attestation",
    "CallResult",
    "Enrollment",
    "EvidenceReview",
    "FollowUp",
    "LevelOfCareAssessment",
    "LevelStay",
    "OverrideRequest",
    "Phase",
    "PhaseStay",
    "Program",
    "ProgramVersion",
    "Reminder",
    "ReturnToUse",
    "Transition",
]
