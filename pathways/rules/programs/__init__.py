"""Programs: one validated document per version, read strictly, checked for sense, spelled canonically."""

from pathways.rules.canonical import canonical, digest
from pathways.rules.documents import Problem
from pathways.rules.programs.document import (
    MESSAGE_RUNGS,
    Activity,
    AdaptiveMonths,
    AnchorKind,
    AssessmentRule,
    ContactMode,
    Every,
    FollowUpRule,
    GateSide,
    Ladder,
    Offsets,
    PhaseDef,
    Program,
    ProgramDocument,
    Purpose,
    Rung,
    RungKind,
    Schedule,
    TransitionRule,
)
from pathways.rules.programs.known import Known, KnownInstrument
from pathways.rules.programs.parse import DocumentError, parse, read_as_far
from pathways.rules.programs.problems import problems

__all__ = [
    "MESSAGE_RUNGS",
    "Activity",
    "AdaptiveMonths",
    "AnchorKind",
    "AssessmentRule",
    "ContactMode",
    "DocumentError",
    "Every",
    "FollowUpRule",
    "GateSide",
    "Known",
    "KnownInstrument",
    "Ladder",
    "Offsets",
    "PhaseDef",
    "Problem",
    "Program",
    "ProgramDocument",
    "Purpose",
    "Rung",
    "RungKind",
    "Schedule",
    "TransitionRule",
    "canonical",
    "digest",
    "parse",
    "problems",
    "read_as_far",
]
