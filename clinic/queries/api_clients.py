"""Programs that use the API."""

from uuid import UUID

from django.db.models import Max, QuerySet

from clinic.models import ApiClient


def api_clients() -> QuerySet[ApiClient]:
    """Those in use first, by name, each with `last_token_at`."""
    rows = ApiClient.objects.select_related("actor", "application", "made_by").prefetch_related("actor__sites")
    return rows.annotate(last_token_at=Max("application__accesstoken__created")).order_by(
        "-actor__is_active", "actor__name", "id"
    )


def api_client(public_id: UUID) -> ApiClient | None:
    """One client by public id."""
    return api_clients().filter(public_id=public_id).first()
