"""The enrollment under its lock, as the actor may see it and as it was when they looked."""

from uuid import UUID

from clinic.errors import not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.models import Enrollment
from pathways.queries.enrollments import TOGETHER


def locked(by: Actor, public_id: UUID, expected_version: int | None = None) -> Enrollment:
    """The row, locked before anything is decided. Refused: foreign (404), or changed meanwhile (412)."""
    rows = Enrollment.objects.visible_to(by).filter(public_id=public_id)
    found = rows.select_for_update(no_key=True, of=("self",)).select_related(*TOGETHER).first()
    if found is None:
        raise not_found()
    if expected_version is not None and found.version != expected_version:
        raise stale()
    return found


def roles_of(by: Actor) -> tuple[Role, ...]:
    """Roles as the program's rules ask for them. A program or a job has none: its scopes have already decided."""
    return tuple(Role(role) for role in by.roles) if by.is_person else tuple(Role)
