"""The words of a session: what sort it is, how it takes place, and what became of it for each who was booked."""

from enum import StrEnum


class SessionKind(StrEnum):
    """Who takes part (domain/modalities.md)."""

    INDIVIDUAL = "individual"
    GROUP = "group"
    FAMILY = "family"
    EXTERNAL = "external"


class SessionMode(StrEnum):
    """How it takes place."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


class SessionStatus(StrEnum):
    """A session as a whole [Appointment/Encounter]: booked → checked in → held, or cancelled, or nobody came."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    HELD = "held"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class AttendanceStatus(StrEnum):
    """One person's place in a session."""

    BOOKED = "booked"
    CHECKED_IN = "checked_in"
    ATTENDED = "attended"
    NO_SHOW = "no_show"
    CANCELLED_BY_PATIENT = "cancelled_by_patient"
    CANCELLED_BY_CLINIC = "cancelled_by_clinic"


class CancelledBy(StrEnum):
    """Whose wish it was that a session did not take place."""

    PATIENT = "patient"
    CLINIC = "clinic"


class ConfirmedBy(StrEnum):
    """How somebody said that they will come."""

    REPLY = "reply"
    LINK = "link"
    STAFF = "staff"
    PROGRAM = "program"


class HelpKind(StrEnum):
    """Mutual help somebody went to by themselves."""

    TWELVE_STEP = "twelve_step"
    SMART_RECOVERY = "smart_recovery"
    PEER_CONTACT = "peer_contact"
    ALUMNI = "alumni"
    OTHER = "other"


class HelpSource(StrEnum):
    """How we know of it."""

    SELF_REPORT = "self_report"
    SHOWN = "shown"


# These take up the time of whoever is in them.
OCCUPYING_SESSIONS = (SessionStatus.BOOKED, SessionStatus.CHECKED_IN, SessionStatus.HELD)
OPEN_SESSIONS = (SessionStatus.BOOKED, SessionStatus.CHECKED_IN)
OCCUPYING_PLACES = (AttendanceStatus.BOOKED, AttendanceStatus.CHECKED_IN, AttendanceStatus.ATTENDED)
