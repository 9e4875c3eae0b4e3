"""Who works here, where, and in which role."""

from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.models import Actor, Site, StaffMember, User
from clinic.rules.roles import Role


def user_with_staff(user_id: int) -> User | None:
    """The account with the person and actor behind it, in one query."""
    return User.objects.select_related("staff_member__actor").filter(pk=user_id).first()


def staff_of(user: User) -> StaffMember | None:
    """The person behind a sign-in, with their actor; None where nobody active stands behind it."""
    member: StaffMember | None = getattr(user, "staff_member", None)
    if member is None or member.deactivated_at is not None or not member.actor.is_active:
        return None
    return member


def open_sites_of(actor: Actor) -> list[Site]:
    """The sites an actor works at that are not closed, by name."""
    return list(actor.sites.filter(closed_at__isnull=True))


def people(words: str = "", *, with_former: bool = True) -> QuerySet[StaffMember]:
    """Staff by name, found by a part of their name or e-mail address."""
    found = (
        StaffMember.objects.select_related("user", "actor").prefetch_related("actor__sites").order_by("full_name", "id")
    )
    for word in words.split():
        found = found.filter(Q(full_name__icontains=word) | Q(user__email__icontains=word))
    return found if with_former else found.filter(deactivated_at__isnull=True)


def staff_member(public_id: UUID) -> StaffMember | None:
    """One person by public id."""
    return people().filter(public_id=public_id).first()


def active_administrators() -> QuerySet[StaffMember]:
    """Those who can still open the door for others."""
    return StaffMember.objects.filter(
        deactivated_at__isnull=True, actor__is_active=True, actor__roles__contains=[Role.SYSTEM_ADMINISTRATOR]
    )


def staff_by_email(email: str) -> StaffMember | None:
    """The person with this address, in whatever case it is written."""
    return people().filter(user__email__iexact=email.strip()).first()
