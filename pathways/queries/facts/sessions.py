"""What somebody came to, and what is booked ahead."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db.models import CharField, F, Q, Value, Window
from django.db.models.functions import RowNumber

from pathways.models import Attendance, FollowUp
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates.attendance import LONGEST, PLANNED, Attended
from pathways.rules.gates.bookings import FARTHEST, BookedContact, ContactType
from pathways.rules.programs import AnchorKind
from pathways.rules.purposes import Purpose
from pathways.rules.sessions import OCCUPYING_SESSIONS, AttendanceStatus

YEAR = timedelta(days=LONGEST + 1)
AHEAD = timedelta(days=FARTHEST + 1)
STILL_TO_COME = (AttendanceStatus.BOOKED, AttendanceStatus.CHECKED_IN)


@fact_query(Attended)
def attendance(asked: Asked) -> Answers:
    """Every session of the days asked for, and the newest of each modality and outcome, however old."""
    places = Attendance.objects.filter(
        patient__in=asked.patients, status__in=PLANNED, starts_at__lte=asked.as_of, starts_at__gte=_longest_ago(asked)
    )
    days = asked.days(Attended)
    if days is not None:
        newest = Window(
            RowNumber(),
            partition_by=[F("patient_id"), F("session__modality"), F("status")],
            order_by=[F("starts_at").desc()],
        )
        since = asked.as_of - timedelta(days=days + 1)
        places = places.annotate(place=newest).filter(Q(place=1) | Q(starts_at__gte=since))
    rows = places.order_by("patient_id", "-starts_at")
    grouped: dict[int, list[Attended]] = defaultdict(list)
    for patient, session, modality, at, status, minutes, counts in rows.values_list(
        *("patient_id", "session__public_id", "session__modality", "starts_at"),
        *("status", "minutes", "session__counts_toward_hours"),
    ):
        grouped[patient].append(Attended(session, modality, at, AttendanceStatus(status), minutes, counts))
    return asked.of_patients(grouped)


def _longest_ago(asked: Asked) -> datetime:
    """A year, and the admission where that is longer ago: nobody entered a phase before it."""
    admitted = [each.admitted_at for each in asked.enrollments if each.admitted_at is not None]
    return min([asked.as_of - YEAR, *admitted])


@fact_query(BookedContact)
def booked(asked: Asked) -> Answers:
    """Contacts owed and sessions booked from the moment on, soonest first.

    What a change of phase ends by itself is not booked after the move: the contacts of the phase that is left.
    """
    contacts = FollowUp.objects.open().filter(
        ~Q(anchor_kind=AnchorKind.PHASE_ENTRY) | Q(survives_discharge=True),
        patient__in=asked.patients,
        due_at__range=(asked.as_of, asked.as_of + AHEAD),
    )
    places = Attendance.objects.filter(
        patient__in=asked.patients,
        status__in=STILL_TO_COME,
        session__status__in=OCCUPYING_SESSIONS,
        starts_at__range=(asked.as_of, asked.as_of + AHEAD),
    )
    nothing = Value("", output_field=CharField())
    owed = contacts.annotate(record=F("public_id"), at=F("due_at"), contact=F("purpose"), practised=nothing)
    kept = places.annotate(
        record=F("session__public_id"), at=F("starts_at"), contact=nothing, practised=F("session__modality")
    )
    grouped: dict[int, list[BookedContact]] = defaultdict(list)
    columns = ("patient_id", "record", "at", "contact", "practised")
    ahead = owed.order_by().values_list(*columns).union(kept.order_by().values_list(*columns), all=True)
    for patient, public_id, at, purpose, modality in ahead.order_by("at"):
        if purpose:
            contact = BookedContact(ContactType.FOLLOW_UP, public_id, at, purpose=Purpose(purpose))
        else:
            contact = BookedContact(ContactType.SESSION, public_id, at, modality=modality)
        grouped[patient].append(contact)
    return asked.of_patients(grouped)
