"""The two database roles: the owner changes tables, the application reads and writes rows.

Every new connection takes the role named by `settings.DATABASE_ROLE`, so that a mistake or an injected
statement in web or worker can never rewrite the audit trail: PostgreSQL itself refuses it.
"""

from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

OWNER = "stepwell_owner"
APPLICATION = "stepwell_app"


def take_role(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give a fresh connection the role of this process; "" keeps the role that signed in."""
    role = settings.DATABASE_ROLE
    if role not in (OWNER, APPLICATION) or connection.alias != "default":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")
