"""What ends with a death, told before; what speaks against its day; and whether an enrollment ended with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Max, QuerySet

from clinic.models import Actor
from pathways.models import Attendance, Enrollment, FollowUp, Transition
from pathways.models.enrollment import EnrollmentQuerySet
from pathways.models.follow_up import FollowUpQuerySet
from pathways.queries.warnings import CAME, HEARD
from pathways.rules.moves import ENDS_CONTACT
from pathways.rules.sessions import AttendanceStatus
from patients.models import Patient
from patients.queries.records import visible_records


@dataclass(frozen=True, slots=True)
class Ends:
    """What is open still: enrollments, contacts that are owed, booked places in sessions."""

    enrollments: int
    contacts: int
    places: int


def what_ends(actor: Actor, patient: Patient, now: datetime) -> Ends:
    """Counted in every record of the person that the actor sees, places from now on."""
    records = visible_records(actor, patient.pk)
    return Ends(
        enrollments=under_way(records).count(), contacts=owed(records).count(), places=booked(records, now).count()
    )


def under_way(records: Iterable[Patient]) -> EnrollmentQuerySet:
    """The enrollments a death ends."""
    return Enrollment.objects.open().filter(patient__in=records)


def owed(records: Iterable[Patient]) -> FollowUpQuerySet:
    """The contacts a death ends."""
    return FollowUp.objects.open().filter(patient__in=records)


def booked(records: Iterable[Patient], since: datetime) -> QuerySet[Attendance]:
    """The places a death at that moment cancels."""
    return Attendance.objects.filter(patient__in=records, status=AttendanceStatus.BOOKED, starts_at__gt=since)


def newest_contact(records: Iterable[Patient]) -> datetime | None:
    """When they were last there or heard: an admission, a session they came to, a contact they answered. Three
    queries."""
    found = (
        Enrollment.objects.filter(patient__in=records).aggregate(at=Max("admitted_at")),
        Attendance.objects.filter(patient__in=records, status__in=CAME).aggregate(at=Max("starts_at")),
        FollowUp.objects.filter(patient__in=records, outcome__in=HEARD).aggregate(at=Max("closed_at")),
    )
    return max((each["at"] for each in found if each["at"] is not None), default=None)


def ends_with_death(records: Iterable[Patient]) -> QuerySet[Transition]:
    """The ends of enrollments that the death on record had made and that stand. The end by a death that was taken back
    since is none of them, whether it was undone or not."""
    return Transition.objects.filter(
        enrollment__patient__in=records,
        reason__in=ENDS_CONTACT,
        reversed_by__isnull=True,
        recorded_at__gte=F("enrollment__patient__death_recorded_at"),
    )


def ends_made_with(actor: Actor, undone: Transition) -> list[Transition]:
    """The other ends the same death had made, in the records of the person that the actor sees: with this one undone
    the person lives, so they go with it. None where the move is no end by the death on record. Three queries."""
    patient = undone.enrollment.patient
    if undone.reason not in ENDS_CONTACT or not ends_with_death([patient]).contains(undone):
        return []
    ends = ends_with_death(visible_records(actor, patient.pk)).exclude(pk=undone.pk).order_by("enrollment_id", "pk")
    return list(ends.select_related("enrollment__program", "enrollment__patient", "enrollment__site"))


def ended_with_move(records: Iterable[Patient]) -> bool:
    """Whether an enrollment of theirs ended with the death: then undoing that end takes it back."""
    return ends_with_death(records).exists()
