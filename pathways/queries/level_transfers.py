"""Changes of the level of care, and where somebody stands before the next."""

from dataclasses import dataclass

from django.db.models import QuerySet

from pathways.models import Enrollment, LevelOfCareAssessment, LevelStay, LevelTransfer
from pathways.queries.levels import in_force


def transfers_of(row: Enrollment) -> QuerySet[LevelTransfer]:
    """Every change of one enrollment, with what it is shown by."""
    return LevelTransfer.objects.filter(enrollment=row).select_related("enrollment", "assessment", "recorded_by")


@dataclass(frozen=True, slots=True)
class LevelNow:
    """The stay somebody is in at a level, None where none is decided, and the ratings in force."""

    stay: LevelStay | None
    rated: LevelOfCareAssessment | None


def level_now(row: Enrollment) -> LevelNow:
    """Two queries."""
    stay = LevelStay.objects.filter(enrollment=row, ended_at__isnull=True).first()
    return LevelNow(stay, in_force(row.patient))
