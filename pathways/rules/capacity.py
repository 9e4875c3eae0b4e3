"""The words of capacity: what a site can offer, how urgent a wait is, and what became of an offered place."""

from enum import StrEnum


class PlaceKind(StrEnum):
    """What is counted: a place in a program, or a bed."""

    PLACE = "place"
    BED = "bed"


class WaitPriority(StrEnum):
    """The order of a waitlist: priority first, then the longest wait.

    Priority groups: pregnancy, injecting use, recent overdose (45 CFR 96.126, 96.131: preference in admission).
    """

    PREGNANT = "pregnant"
    INJECTING = "injecting"
    URGENT = "urgent"
    SOON = "soon"
    ROUTINE = "routine"


class WaitReason(StrEnum):
    """Why somebody waits."""

    NO_PLACE = "no_place"
    NO_BED = "no_bed"
    COVERAGE = "coverage"
    PATIENT_ASKED = "patient_asked"
    MEDICAL_CLEARANCE = "medical_clearance"
    TRANSPORT = "transport"


class WaitStatus(StrEnum):
    """Where a wait stands."""

    WAITING = "waiting"
    OFFERED = "offered"
    ADMITTED = "admitted"
    WITHDRAWN = "withdrawn"


class OfferAnswer(StrEnum):
    """What became of an offered place."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    TAKEN_BACK = "taken_back"


class DeclineReason(StrEnum):
    """Why a place was not taken: a reason of the patient's life, never a fault."""

    NOT_YET = "not_yet"
    WORK_OR_FAMILY = "work_or_family"
    TRANSPORT = "transport"
    COST = "cost"
    OTHER_CARE = "other_care"
    NOT_REACHED = "not_reached"
    OTHER = "other"


class LevelReason(StrEnum):
    """Why the level of care changes."""

    RATED_ANEW = "rated_anew"
    STEP_DOWN = "step_down"
    STEP_UP = "step_up"
    RETURN_TO_USE = "return_to_use"
    MEDICAL = "medical"
    PATIENT_ASKED = "patient_asked"
    PLACE_CAME_FREE = "place_came_free"
