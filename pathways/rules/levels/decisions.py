"""Indicated and decided level are two facts; where they differ, why, and when a second person must agree.

Source: level-of-care.md, "Override": fifteen reasons modelled on the published discrepancy categories, in own words.
"""

from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.levels.needs import Level, Suggestion

SECOND_SIGNATURE_RULES = frozenset({"I1", "I2", "I3"})
"""Rules about danger, 24-hour need and severe acute need: going lower than they say takes two people (local choice)."""


class PlacementReason(StrEnum):
    """Why the decided level is not the indicated one."""

    NONE = "none"
    PATIENT_PREFERENCE = "patient_preference"
    NOT_AVAILABLE_IN_REGION = "not_available_in_region"
    NO_PHYSICAL_ACCESS = "no_physical_access"
    WORK_OR_FAMILY_CONFLICT = "work_or_family_conflict"
    NO_INSURANCE = "no_insurance"
    INSURER_DENIED = "insurer_denied"
    WAIT_LIST = "wait_list"
    PROGRAM_DECLINED = "program_declined"
    COURT_MANDATE_CONFLICTS = "court_mandate_conflicts"
    PATIENT_DECLINES = "patient_declines"
    LEFT_BEFORE_PLACEMENT = "left_before_placement"
    CLINICIAN_JUDGEMENT = "clinician_judgement"
    DISPOSITION_UNKNOWN = "disposition_unknown"
    OTHER = "other"


NOTE_NEEDED = frozenset({PlacementReason.CLINICIAN_JUDGEMENT, PlacementReason.OTHER})


def needs_reason(indicated: Level | None, decided: Level) -> bool:
    """A reason is owed where the decision is not what was indicated, also where nothing could be indicated."""
    return indicated != decided


def needs_note(reason: PlacementReason) -> bool:
    """Whether the reason says nothing without words of its own."""
    return reason in NOTE_NEEDED


def is_lower(decided: Level, indicated: Level) -> bool:
    """Whether the decided level is less intensive than the indicated one."""
    return decided.rank < indicated.rank


def needs_second_signature(suggestion: Suggestion, decided: Level) -> bool:
    """A lower level than rules I1 to I3 indicate takes a second signature."""
    if suggestion.level is None or suggestion.rule_id not in SECOND_SIGNATURE_RULES:
        return False
    return is_lower(decided, suggestion.level)


def decision_problem(
    indicated: Level | None, decided: Level, reason: PlacementReason, note: str = ""
) -> Sentence | None:
    """Why a decision cannot be recorded as given; None when it can. A difference needs a reason, some a note."""
    if not needs_reason(indicated, decided):
        return None if reason is PlacementReason.NONE else sentence("level.decision.no_reason_owed")
    if reason is PlacementReason.NONE:
        return sentence("level.decision.reason_owed")
    if needs_note(reason) and not note.strip():
        return sentence("level.decision.note_owed", reason=reason)
    return None
