"""Choices of filters people keep: their own, and those shared with them."""

from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import SavedView
from pathways.rules.saved_views import ViewPage, Wanted, read

DEFAULT = "opens"
"""Beside the filters: the page opens with this view."""


def views(actor: Actor, page: ViewPage | None = None) -> QuerySet[SavedView]:
    """One's own, and shared ones of colleagues at one's sites; by name."""
    shared = Q(shared=True, owner__is_active=True, owner__sites__in=actor.sites.all())
    found = SavedView.objects.filter(Q(owner=actor) | shared).select_related("owner").distinct()
    if page is not None:
        found = found.filter(page=page)
    return found.order_by("name", "id")


def view(actor: Actor, public_id: UUID) -> SavedView:
    """One of them. Raises Refused not_found."""
    found = views(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def wanted_of(row: SavedView) -> Wanted:
    """The filters of a stored view; what the page does not know any more is left out."""
    kept = {name: value for name, value in row.filters.items() if name != DEFAULT}
    return read(ViewPage(row.page), kept)[0]


def is_default(row: SavedView) -> bool:
    """Whether the page of its owner opens with it."""
    return bool(row.filters.get(DEFAULT))
