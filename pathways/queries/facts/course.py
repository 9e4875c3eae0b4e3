"""Where somebody stands: the phase, the level of care, and what people confirmed by name. One query for all three."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import JSONObject

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.roles import Role
from pathways.models import Enrollment, LevelOfCareAssessment
from pathways.queries.facts.registry import Answers, Asked, fact_query
from pathways.rules.gates import Attested, PhaseEntered
from pathways.rules.gates.levels import LevelStanding
from pathways.rules.levels import Level


@fact_query(PhaseEntered, LevelStanding, Attested)
def courses(asked: Asked) -> Answers:
    """When the present phase was entered, the level lived at and the one indicated, and attestations, newest first."""
    rows = (_with_ratings if asked.wants(LevelStanding) else _without_ratings)(asked.ids, asked.as_of)
    found: dict[int, list[object]] = {}
    for pk, entered_at, level, level_since, rated, said_id, key, role, name, at in rows:
        if pk not in found:
            found[pk] = [_standing(level, level_since, rated)] if asked.wants(LevelStanding) else []
            found[pk] += [PhaseEntered(entered_at)] if entered_at else []
        if said_id is not None:
            found[pk].append(Attested(said_id, key, Role(role), name, at))
    return found


@prepared
def _with_ratings(enrollments: list[int], at: datetime) -> QuerySet[Any, Any]:
    """With the newest rating of the needs that suggests a level, where any gate looks at levels."""
    ratings = LevelOfCareAssessment.objects.filter(
        ~Q(suggested_level=""), patient=OuterRef("patient"), effective_at__lte=at
    )
    kept = JSONObject(level="suggested_level", at="effective_at", public_id="public_id")
    return _rows(enrollments, at, Subquery(ratings.order_by("-effective_at", "-pk").values(kept=kept)[:1]))


@prepared
def _without_ratings(enrollments: list[int], at: datetime) -> QuerySet[Any, Any]:
    return _rows(enrollments, at, Value(None, output_field=JSONField()))


def _rows(enrollments: list[int], at: datetime, rated: Combinable) -> QuerySet[Any, Any]:
    stay = Q(phase_stays__ended_at__isnull=True, phase_stays__started_at__lte=at)
    still = Q(level_stays__ended_at__isnull=True) | Q(level_stays__ended_at__gt=at)
    stands = Q(attestations__withdrawn_at__isnull=True, attestations__attested_at__lte=at)
    rows = Enrollment.objects.filter(pk__in=among(enrollments)).annotate(
        stay=FilteredRelation("phase_stays", condition=stay),
        lived=FilteredRelation("level_stays", condition=still & Q(level_stays__started_at__lte=at)),
        said=FilteredRelation("attestations", condition=stands),
    )
    newest_said = F("said__attested_at").desc(nulls_last=True)
    return (
        rows.annotate(rated=rated)
        .order_by("pk", newest_said, "-said__pk")
        .values_list(
            *("pk", "stay__started_at", "lived__level", "lived__started_at", "rated"),
            *("said__public_id", "said__key", "said__role", "said__attested_by__name", "said__attested_at"),
        )
    )


def _standing(level: str | None, since: datetime | None, rated: dict[str, Any] | None) -> LevelStanding:
    actual = Level(level) if level else None
    if rated is None:
        return LevelStanding(actual, since)
    at, assessment = datetime.fromisoformat(rated["at"]), UUID(rated["public_id"])
    return LevelStanding(actual, since, Level(rated["level"]), at, assessment)
