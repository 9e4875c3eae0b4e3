"""Who can give a second signature, and one request that waits for it."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor, ActorKind, Site
from clinic.rules.roles import Permission, Role
from pathways.models import Enrollment, OverrideRequest

TOGETHER = (
    "enrollment__patient", "enrollment__program", "enrollment__program_version", "enrollment__site",
    "enrollment__current_phase", "enrollment__counselor", "from_phase", "requested_by", "cosigned_by", "declined_by",
    "used_in",
)  # fmt: skip


def signers_at(site: Site, roles: Iterable[Role], *, but: Actor) -> list[Actor]:
    """Staff of the site who hold one of the roles and may co-sign, by name; never the one who asks."""
    wanted = [role.value for role in roles]
    staff = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=site, roles__overlap=wanted)
    return [each for each in staff.exclude(pk=but.pk).order_by("name", "id") if each.may(Permission.COSIGN)]


def override_requests(actor: Actor, enrollment: Enrollment | None = None) -> QuerySet[OverrideRequest]:
    """Requests to set requirements aside about the people the actor may see, newest first."""
    rows = OverrideRequest.objects.filter(enrollment__in=Enrollment.objects.visible_to(actor))
    if enrollment is not None:
        rows = rows.filter(enrollment=enrollment)
    return rows.select_related(*TOGETHER).order_by("-requested_at", "-id")


def override_request(actor: Actor, public_id: UUID) -> OverrideRequest:
    """One of them. Raises Refused not_found."""
    found = override_requests(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found
