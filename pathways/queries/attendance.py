"""What became of somebody's places, week by week against the level of care, and the meetings they went to."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.rules.sentences import Sentence
from pathways.models import Attendance, Enrollment, LevelStay, MutualHelpAttendance, Session, Transition
from pathways.rules.attendance import LevelSpan, Pause, Place, Week, review_due, weeks
from pathways.rules.levels import Level
from pathways.rules.moves import MoveKind
from pathways.rules.sessions import AttendanceStatus
from patients.models import Patient

WEEKS_SHOWN = 8
MOST_PLACES = 100
TOGETHER = ("session__site", "session__leader", "session__room", "patient", "enrollment", "confirmed_by")


def of_patient(actor: Actor, patient: Patient) -> QuerySet[Attendance]:
    """A person's places at the sites the actor works at, newest first."""
    rows = Attendance.objects.filter(patient=patient, session__in=Session.objects.visible_to(actor))
    return rows.select_related(*TOGETHER).defer("session__amendments").order_by("-starts_at", "-id")


def mutual_help_of(patient: Patient) -> QuerySet[MutualHelpAttendance]:
    """Meetings somebody went to by themselves, newest first; those taken back too."""
    rows = MutualHelpAttendance.objects.filter(patient=patient)
    return rows.select_related("patient", "enrollment", "recorded_by").order_by("-attended_on", "-id")


def mutual_help(actor: Actor, public_id: UUID) -> MutualHelpAttendance:
    """One of them, of somebody the actor may see. Raises Refused not_found."""
    rows = MutualHelpAttendance.objects.filter(patient__in=Patient.objects.visible_to(actor))
    found = rows.select_related("patient", "enrollment", "recorded_by").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def zone_of(patient: Patient) -> ZoneInfo:
    """The zone weeks are counted in: that of the site of the newest open enrollment, else of the person."""
    rows = Enrollment.objects.open().filter(patient=patient).select_related("site")
    newest = rows.order_by("-opened_at", "-pk").first()
    return newest.site.zone if newest else patient.zone


@dataclass(frozen=True, slots=True)
class Weeks:
    """The last weeks, oldest first, and whether they call for a review of the level."""

    weeks: tuple[Week, ...]
    review: Sentence | None


def weeks_of(patient: Patient, *, zone: ZoneInfo, now: datetime, number: int = WEEKS_SHOWN) -> Weeks:
    """Minutes attended per ISO week of the zone, against the level lived at. Three queries, however long the history.

    All of a person's sessions count, wherever they took place; the weeks begin with the first place or level.
    """
    today = now.astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=number - 1)
    since = datetime.combine(first, datetime.min.time(), tzinfo=zone)
    places, levels = _places(patient, since), _levels(patient)
    began = _began(places, levels, zone)
    if began is None:
        return Weeks((), None)
    found = weeks(
        places,
        levels,
        zone=zone,
        first=max(first, began - timedelta(days=began.weekday())) if began <= today else monday,
        last=today,
        now=now,
        pauses=_pauses(patient),
    )
    return Weeks(found, review_due(found))


def _began(places: list[Place], levels: list[LevelSpan], zone: ZoneInfo) -> date | None:
    starts = [each.starts_at for each in places] + [each.starts_at for each in levels]
    return min(starts).astimezone(zone).date() if starts else None


def _places(patient: Patient, since: datetime) -> list[Place]:
    rows = Attendance.objects.filter(patient=patient, starts_at__gte=since)
    found = rows.values_list("starts_at", "ends_at", "minutes", "status", "session__counts_toward_hours")
    return [
        Place(starts, int((ends - starts) / timedelta(minutes=1)), minutes, AttendanceStatus(status), counts)
        for starts, ends, minutes, status, counts in found
    ]


def _levels(patient: Patient) -> list[LevelSpan]:
    rows = LevelStay.objects.filter(enrollment__patient=patient).order_by("started_at", "pk")
    return [LevelSpan(Level(each.level), each.started_at, each.ended_at) for each in rows]


def _pauses(patient: Patient) -> list[Pause]:
    """Holds that stand, each with the move that ended it."""
    rows = Transition.objects.filter(enrollment__in=Enrollment.objects.filter(patient=patient))
    standing = rows.filter(reversed_by__isnull=True).exclude(kind=MoveKind.REVERSE)
    found: list[Pause] = []
    held: dict[int, datetime] = {}
    for enrollment, kind, at in standing.order_by("effective_at", "pk").values_list(
        "enrollment_id", "kind", "effective_at"
    ):
        if kind == MoveKind.HOLD:
            held[enrollment] = at
        elif kind != MoveKind.ADOPT_VERSION and enrollment in held:
            found.append(Pause(held.pop(enrollment), at))
    return found + [Pause(at) for at in held.values()]
