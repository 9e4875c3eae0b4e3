"""What a message is about: a contact, a place in a session, or something somebody wrote. Told apart here alone.

Another sort of subject is one more case of `subject_now`; sending, merging and previews ask nothing else.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pathways.models import Attendance, FollowUp, Reminder, Reply, Session
from pathways.rules.reminders import STALE_ANSWER, staleness
from pathways.rules.replies import Turn
from pathways.rules.sessions import OPEN_SESSIONS, AttendanceStatus, SessionMode

# What `subject_now` reads, for `select_related` and `only` of a query over reminders.
TOGETHER = ("follow_up", "attendance__session", "reply")
COLUMNS = (
    "subject_version", "rung", "offset_minutes", "time_zone", "follow_up__rung", "follow_up__due_at",
    "follow_up__outcome", "follow_up__plan_version", "attendance__status", "attendance__starts_at",
    "attendance__session__status", "attendance__session__plan_version", "attendance__session__mode",
    "attendance__session__time_zone", "attendance__session__documented_at", "follow_up__instrument",
    "reply__received_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SubjectNow:
    """A subject as it stands now.

    `open`: still to be written about · `version`: to be the one the message was planned for · `meant_at`, `zone`: the
    moment the message speaks of, and in whose wall time · `after_contact`: of no use once somebody spoke with the
    person · `answers`: it acknowledges what they wrote · `by_person`: somebody asks them back.
    """

    open: bool
    version: int
    meant_at: datetime
    zone: str
    stale_after: timedelta
    on_its_step: bool = True
    appointment_at: datetime | None = None
    after_contact: bool = False
    answers: bool = False
    by_person: bool = False


def subject_now(reminder: Reminder) -> SubjectNow:
    """What a message is about, as it stands now; `TOGETHER` must be loaded."""
    subject = reminder.subject
    match subject:
        case FollowUp():
            return _contact(subject, reminder)
        case Attendance():
            return _place(subject, reminder)
        case Reply():
            return _reply(subject, reminder)


def _contact(row: FollowUp, reminder: Reminder) -> SubjectNow:
    return SubjectNow(
        open=row.outcome == "",
        version=row.plan_version,
        meant_at=row.due_at,
        zone=reminder.time_zone,
        stale_after=staleness(None),
        on_its_step=reminder.rung == row.rung,
        after_contact=True,
    )


def _reply(row: Reply, reminder: Reminder) -> SubjectNow:
    """An acknowledgement is of use at once; what a person asks, as long as a contact's message is."""
    answers = reminder.rung == Turn.ACKNOWLEDGED
    return SubjectNow(
        open=True,
        version=reminder.subject_version,
        meant_at=row.received_at,
        zone=reminder.time_zone,
        stale_after=STALE_ANSWER if answers else staleness(None),
        answers=answers,
        by_person=not answers,
    )


def _place(row: Attendance, reminder: Reminder) -> SubjectNow:
    session = row.session
    return SubjectNow(
        open=place_stands(row),
        version=session.plan_version,
        meant_at=row.starts_at,
        # Who comes looks at the clinic's clock; who is called or joins from home, at their own.
        zone=session.time_zone if session.mode == SessionMode.IN_PERSON else reminder.time_zone,
        stale_after=staleness(timedelta(minutes=reminder.offset_minutes)),
        appointment_at=row.starts_at,
    )


def place_stands(row: Attendance, session: Session | None = None) -> bool:
    """Whether somebody is still to come: booked, into a session that takes place and is not documented yet.

    `session`: the place's, where it is at hand and not loaded.
    """
    session = session or row.session
    takes_place = session.status in OPEN_SESSIONS and session.documented_at is None
    return row.status == AttendanceStatus.BOOKED and takes_place
