"""The two database roles: the owner changes tables, the application reads and writes rows.

Every new connection takes the role named by `settings.DATABASE_ROLE`, so that a mistake or an injected
statement in web or worker can never rewrite the audit trail: PostgreSQL itself refuses it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

OWNER = "stepwell_owner"
APPLICATION = "stepwell_app"
WEB_LOGIN = "stepwell_web"


def take_role(sender: object, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """Give a fresh connection the role of this process; "" keeps the role that signed in."""
    role = settings.DATABASE_ROLE
    if role not in (OWNER, APPLICATION) or connection.alias != "default":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}")


@contextmanager
def as_role(role: str) -> Iterator[None]:
    """Speak as another role on the open connection, and on those opened meanwhile; for operators' commands."""
    before, settings.DATABASE_ROLE = settings.DATABASE_ROLE, role
    _speak_as(role)
    try:
        yield
    finally:
        settings.DATABASE_ROLE = before
        _speak_as(before)


def _speak_as(role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {role}" if role else "RESET ROLE")


def make_roles(web_password: str = "") -> None:
    """Both roles, and with a password the login the web processes use, which can never become the owner."""
    with connection.cursor() as cursor:
        for role in (OWNER, APPLICATION):
            _make_role(cursor, role, "NOLOGIN")
            cursor.execute(f"GRANT {role} TO CURRENT_USER")
        cursor.execute(f"GRANT USAGE, CREATE ON SCHEMA public TO {OWNER}")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {APPLICATION}")
        if web_password:
            _make_role(cursor, WEB_LOGIN, "LOGIN")
            cursor.execute(f"ALTER ROLE {WEB_LOGIN} LOGIN PASSWORD %s", [web_password])
            cursor.execute(f"GRANT {APPLICATION} TO {WEB_LOGIN}")


def _make_role(cursor: Any, role: str, kind: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    if cursor.fetchone() is None:
        cursor.execute(f"CREATE ROLE {role} {kind}")


def append_only_tables() -> frozenset[str]:
    """Tables of the models that say `append_only = True`."""
    return frozenset(model._meta.db_table for model in apps.get_models() if getattr(model, "append_only", False))


def grant_application() -> dict[str, int]:
    """What the application's role may do, table by table; speaks as the owner. Counts of both kinds."""
    kept = append_only_tables()
    counts = {"ordinary": 0, "append_only": 0}
    with connection.cursor() as cursor:
        tables = sorted(connection.introspection.table_names(cursor))
        for table in tables:
            name = connection.ops.quote_name(table)
            rights = "SELECT, INSERT" if table in kept else "SELECT, INSERT, UPDATE, DELETE"
            cursor.execute(f"REVOKE ALL ON TABLE {name} FROM {APPLICATION}, PUBLIC")
            cursor.execute(f"GRANT {rights} ON TABLE {name} TO {APPLICATION}")
            counts["append_only" if table in kept else "ordinary"] += 1
        cursor.execute(f"REVOKE ALL ON TABLE django_migrations FROM {APPLICATION}")
        cursor.execute(f"GRANT SELECT ON TABLE django_migrations TO {APPLICATION}")
        cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION}")
    return counts
