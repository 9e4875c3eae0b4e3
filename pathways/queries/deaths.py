"""What ends with a death, told before it is recorded, and whether an enrollment ended with it."""

from collections.abc import Collection
from dataclasses import dataclass

from pathways.models import Attendance, Enrollment, FollowUp, Transition
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


def ended_with_move(records: Collection[Patient]) -> bool:
    """Whether an enrollment of theirs ended with the death: then undoing that end takes it back."""
    moves = Transition.objects.filter(enrollment__patient__in=records, reason__in=ENDS_CONTACT)
    return moves.filter(reversed_by__isnull=True).exists()
