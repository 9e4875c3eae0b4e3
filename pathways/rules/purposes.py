"""What a contact is for."""

from enum import StrEnum


class Purpose(StrEnum):
    """What a follow-up is for."""

    WELCOME = "welcome"
    CHECK_IN = "check_in"
    VISIT = "visit"
    QUESTIONNAIRE = "questionnaire"
    CHECKUP = "checkup"
    REVIEW = "review"
