"""The sites an actor works at, as a list to be cut into pages."""

from django.db.models import QuerySet

from clinic.models import Actor, Site


def workplaces_of(actor: Actor) -> QuerySet[Site]:
    """The open sites of the actor; the caller orders them."""
    return Site.objects.filter(actors=actor, closed_at__isnull=True).order_by()
