"""Who has a second factor, and who must have one."""

from allauth.mfa.models import Authenticator
from django.conf import settings

from clinic.models import StaffMember
from clinic.queries.installation import is_practice
from clinic.rules.roles import Role


def has_second_factor(member: StaffMember) -> bool:
    """Whether signing in asks this person for more than the password."""
    return Authenticator.objects.filter(user_id=member.user_id, type=Authenticator.Type.TOTP).exists()


def must_add_second_factor(member: StaffMember | None) -> bool:
    """Administrators of a deployment need one; nobody does on practice data or on one's own machine."""
    if member is None or not settings.SECOND_FACTOR_FOR_ADMINISTRATORS:
        return False
    if Role.SYSTEM_ADMINISTRATOR not in member.actor.roles or is_practice():
        return False
    return not has_second_factor(member)
