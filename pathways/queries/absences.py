"""Who is away, and who has their work meanwhile."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor, ActorKind
from clinic.queries.prepared import prepared
from clinic.rules.roles import Permission
from pathways.models import Absence
from pathways.rules.absences import Away

TOGETHER = ("actor", "cover", "recorded_by")


def in_force(day: date) -> list[Away]:
    """Everybody who is away on a day, at whatever site. One query."""
    return [away_of(*each) for each in _on(day)]


@prepared
def _on(day: date) -> QuerySet[Any, Any]:
    rows = Absence.objects.filter(cancelled_at__isnull=True, ends_on__gte=day, starts_on__lte=day)
    return rows.order_by("pk").values_list("actor_id", "cover_id", "starts_on", "ends_on")


def days_away(actor: Actor, days: Collection[date]) -> list[date]:
    """On which of these days somebody is recorded as away, in order. One query."""
    if not days:
        return []
    rows = actor.absences.filter(cancelled_at__isnull=True, ends_on__gte=min(days), starts_on__lte=max(days))
    known = [away_of(*each) for each in rows.values_list("actor_id", "cover_id", "starts_on", "ends_on")]
    return sorted({day for day in days if any(each.on(day) for each in known)})


def away_of(actor: int, cover: int, starts_on: date, ends_on: date) -> Away:
    """A stored absence as the rules read it."""
    return Away(actor, cover, starts_on, ends_on)


def absences(actor: Actor) -> QuerySet[Absence]:
    """Those the actor may see: their own, those they cover, and those of colleagues for whoever gives work away."""
    own = Q(actor=actor) | Q(cover=actor)
    if actor.may(Permission.FOLLOW_UP_ASSIGN):
        own |= Q(actor__in=colleagues(actor))
    return Absence.objects.filter(own).select_related(*TOGETHER)


def to_come(actor: Actor, now: datetime) -> list[Absence]:
    """Those that are not over, the soonest first."""
    # A day that is over everywhere on earth: nobody's own day is cut short.
    rows = absences(actor).filter(cancelled_at__isnull=True, ends_on__gte=now.date())
    return list(rows.order_by("starts_on", "ends_on", "id"))


def absence(actor: Actor, public_id: UUID) -> Absence:
    """One of them. Raises Refused not_found."""
    found = absences(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def colleagues(actor: Actor) -> QuerySet[Actor]:
    """Staff who work at a site of the actor, themselves included, by name."""
    rows = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites__in=actor.sites.all())
    return rows.distinct().order_by("name", "id")
