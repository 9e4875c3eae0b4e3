"""The sites an actor works at or looks after."""

from uuid import UUID

from django.db.models import QuerySet

from clinic.models import Actor, Site
from clinic.rules.roles import Permission


def workplaces_of(actor: Actor) -> QuerySet[Site]:
    """The open sites of the actor; the caller orders them."""
    return Site.objects.filter(actors=actor, closed_at__isnull=True).order_by()


def site_for(actor: Actor, public_id: UUID) -> Site | None:
    """One site: an administrator's any, everybody else's own; None for all others."""
    sites = Site.objects.all() if actor.may(Permission.SITE_WRITE) else Site.objects.filter(actors=actor)
    return sites.filter(public_id=public_id).first()
