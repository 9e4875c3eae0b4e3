"""Who may be made what: roles of people, and the one door that must never be locked from inside."""

from collections.abc import Collection, Iterable

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence

# What a person may be; a program is an API client and holds scopes instead.
ASSIGNABLE: tuple[Role, ...] = tuple(role for role in Role if role is not Role.API_CLIENT)


def in_order(roles: Iterable[str]) -> list[Role]:
    """The roles once each, in the order of the table. Raises ValueError for a role that is none."""
    wanted = {Role(role) for role in roles}
    return [role for role in Role if role in wanted]


def roles_problem(roles: Collection[str]) -> Sentence | None:
    """Why a person cannot have these roles, or None."""
    if not roles:
        return sentence("staff.no_role")
    if any(role not in ASSIGNABLE for role in roles):
        return sentence("staff.unknown_role")
    return None


def leaves_no_administrator(*, before: Collection[str], after: Collection[str], others: int) -> bool:
    """Whether this change takes away the last active administrator; `others` counts the remaining ones."""
    admin = Role.SYSTEM_ADMINISTRATOR
    return admin in before and admin not in after and others == 0
