"""The places of this clinic."""

from uuid import UUID

from django.db.models import Count, Q, QuerySet

from clinic.models import Site

_AT_WORK = Q(actors__kind="staff", actors__is_active=True)


def all_sites() -> QuerySet[Site]:
    """Open ones first, by name, each with `people`: how many work there."""
    return Site.objects.annotate(people=Count("actors", filter=_AT_WORK, distinct=True)).order_by(
        "closed_at", "name", "id"
    )


def open_sites() -> list[Site]:
    """Sites somebody can be given, by name."""
    return list(Site.objects.filter(closed_at__isnull=True).order_by("name", "id"))


def site_by_public_id(public_id: UUID) -> Site | None:
    """One site, closed or not."""
    return Site.objects.filter(public_id=public_id).first()
