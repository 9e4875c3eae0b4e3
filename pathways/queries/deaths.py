"""What ends with a death, told before; what speaks against its day; and whether an enrollment ended with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, QuerySet

from pathways.models import Attendance, Enrollment, FollowUp, Transition
from pathways.rules.follow_ups import Outcome
from pathways.rules.moves import ENDS_CONTACT
from pathways.rules.sessions import AttendanceStatus
from patients.models import Patient
from patients.queries.records import same_people


@dataclass(frozen=True, slots=True)
class Ends:
    """What is open still: enrollments, contacts that are owed, booked places in sessions."""

    enrollments: int
    contacts: int
    places: int


def what_ends(patient: Patient) -> Ends:
    """Counted now, in every record of the person."""
    records = same_people([patient.pk]).records
    return Ends(
        enrollments=Enrollment.objects.open().filter(patient__in=records).count(),
        contacts=FollowUp.objects.open().filter(patient__in=records).count(),
        places=Attendance.objects.filter(patient__in=records, status=AttendanceStatus.BOOKED).count(),
    )


def newest_contact(records: Collection[Patient]) -> datetime | None:
    """When they were last there or spoken to: an admission, a session they came to, a contact that reached them. Three
    queries."""
    came = (AttendanceStatus.CHECKED_IN, AttendanceStatus.ATTENDED)
    found = (
        Enrollment.objects.filter(patient__in=records).aggregate(at=Max("admitted_at")),
        Attendance.objects.filter(patient__in=records, status__in=came).aggregate(at=Max("starts_at")),
        FollowUp.objects.filter(patient__in=records, outcome=Outcome.REACHED).aggregate(at=Max("closed_at")),
    )
    return max((each["at"] for each in found if each["at"] is not None), default=None)


def ends_with_death(records: Collection[Patient]) -> QuerySet[Transition]:
    """The ends of enrollments that the death on record had made and that stand. The end by a death that was taken back
    since is none of them, whether it was undone or not."""
    return Transition.objects.filter(
        enrollment__patient__in=records,
        reason__in=ENDS_CONTACT,
        reversed_by__isnull=True,
        recorded_at__gte=F("enrollment__patient__death_recorded_at"),
    )


def ended_with_move(records: Collection[Patient]) -> bool:
    """Whether an enrollment of theirs ended with the death: then undoing that end takes it back."""
    return ends_with_death(records).exists()
