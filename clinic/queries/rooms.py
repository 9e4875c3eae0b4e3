"""The rooms of a site."""

from uuid import UUID

from django.db.models import QuerySet

from clinic.models import Actor, Room, Site
from clinic.rules.roles import Permission


def rooms_of(site: Site) -> list[Room]:
    """The rooms in use, by name."""
    return list(Room.objects.filter(site=site, closed_at__isnull=True).order_by("name", "id"))


def rooms(actor: Actor, site_id: UUID) -> QuerySet[Room]:
    """The rooms in use at a site the actor works at or looks after; the caller orders them."""
    return _seen(actor).filter(site__public_id=site_id, closed_at__isnull=True)


def room(actor: Actor, public_id: UUID) -> Room | None:
    """One room, closed or not, of a site the actor works at or looks after."""
    return _seen(actor).filter(public_id=public_id).first()


def _seen(actor: Actor) -> QuerySet[Room]:
    rows = Room.objects.select_related("site").order_by()
    return rows if actor.may(Permission.SITE_WRITE) else rows.filter(site__actors=actor)
