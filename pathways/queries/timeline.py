"""What happened to one person, newest first: moves, forms, flags, contacts, returns to use, levels of care."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.models import FollowUp, LevelOfCareAssessment, LevelTransfer, ReturnToUse, Transition
from patients.models import Assessment, Patient, SafetyFlag

PAGE = 60
ENDED_BY_ITSELF = ("cancelled", "superseded")
P = Permission


@dataclass(frozen=True, slots=True)
class Happening:
    """One row of the history and the moment it stands at."""

    at: datetime
    row: Transition | Assessment | SafetyFlag | FollowUp | ReturnToUse | LevelOfCareAssessment | LevelTransfer


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of the history; `before` is the moment from which an older one goes on, None at its beginning."""

    happenings: tuple[Happening, ...]
    before: datetime | None


def timeline(actor: Actor, patient: Patient, *, before: datetime | None = None, most: int = PAGE) -> Timeline:
    """The newest of what the actor may read. One query for each sort, however long the history.

    What happened at the very same moment stays on one page.
    """
    found: list[Happening] = []
    full: list[datetime] = []
    for permission, rows, field in _sources(patient):
        if permission in actor.permissions:
            stretch = _newest(rows, field, before, most)
            found += stretch
            full += [stretch[-1].at] if len(stretch) > most else []
    found.sort(key=lambda each: (each.at, type(each.row).__name__, each.row.pk), reverse=True)
    if len(found) <= most and not full:
        return Timeline(tuple(found), None)
    last = max([found[most - 1].at if len(found) >= most else found[-1].at, *full])
    return Timeline(tuple(each for each in found if each.at >= last), last)


Source = tuple[Permission, QuerySet[Any], str]


def _sources(patient: Patient) -> list[Source]:
    moves = Transition.objects.filter(enrollment__patient=patient).select_related(
        "to_phase", "recorded_by", "cosigned_by", "reversed_by"
    )
    forms = Assessment.objects.filter(patient=patient, status="final").defer("answers", "points", "context")
    flags = SafetyFlag.objects.filter(patient=patient)
    ended = FollowUp.objects.filter(patient=patient, closed_at__isnull=False).exclude(outcome__in=ENDED_BY_ITSELF)
    returns = ReturnToUse.objects.filter(enrollment__patient=patient)
    decided = LevelOfCareAssessment.objects.filter(patient=patient, decided_at__isnull=False)
    changed = LevelTransfer.objects.filter(enrollment__patient=patient)
    return [
        (
            P.ENROLLMENT_READ,
            moves,
            "effective_at",
        ),
        (P.ASSESSMENT_READ, forms.select_related("recorded_by"), "effective_at"),
        (P.ASSESSMENT_READ, flags.select_related("closed_by"), "raised_at"),
        (P.FOLLOW_UP_READ, ended.select_related("closed_by"), "closed_at"),
        (P.ENROLLMENT_READ, returns.select_related("recorded_by"), "effective_at"),
        (P.ENROLLMENT_READ, changed.select_related("recorded_by"), "effective_at"),
        (P.ASSESSMENT_READ, decided.select_related("decided_by", "cosigned_by"), "decided_at"),
    ]


def _newest(rows: QuerySet[Any], field: str, before: datetime | None, most: int) -> list[Happening]:
    if before is not None:
        rows = rows.filter(**{f"{field}__lt": before})
    return [Happening(getattr(row, field), row) for row in rows.order_by(f"-{field}", "-pk")[: most + 1]]
