"""Who a follow-up can be given to."""

from django.db.models import QuerySet

from clinic.models import Actor, ActorKind, Site


def owners_at(site: Site) -> QuerySet[Actor]:
    """Staff who work at the site, by name."""
    return Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=site).order_by("name", "id")
