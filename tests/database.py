"""The database of the tests: made once as a template, guarded so that only actions write."""

import re
from typing import Any

import psycopg2
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.commands import flush
from django.db import connection, transaction
from django.db.backends.signals import connection_created

from clinic.actions.verbs import inside_action
from clinic.database import APPLICATION, OWNER, as_role
from clinic.running.postgres import Postgres
from tests import kept

TEMPLATE = "stepwell_template"
FIRST_ROWS = "first_rows"

# Sign-in and password change are the library's: it writes the account's own row.
WRITTEN_BY_LIBRARIES = {("UPDATE", "clinic_user")}
_WRITE = re.compile(r"""\s*(INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+(?:ONLY\s+)?"?(\w+)"?""", re.IGNORECASE)


def make_template(postgres: Postgres) -> None:
    """Once per run, under the caller's lock."""
    if _exists(postgres, TEMPLATE):
        return
    _speak(postgres, f'DROP DATABASE IF EXISTS "{TEMPLATE}_making" WITH (FORCE)')  # left by a migration that failed
    _speak(postgres, f'CREATE DATABASE "{TEMPLATE}_making" OWNER stepwell')
    _use(f"{TEMPLATE}_making")
    settings.DATABASE_ROLE = ""
    call_command("prepare_database", verbosity=0, stdout=_Silence())
    _remember_first_rows()
    connection.close()
    _speak(postgres, f'ALTER DATABASE "{TEMPLATE}_making" RENAME TO "{TEMPLATE}"')
    kept.keep(postgres)


def copy_template(postgres: Postgres, name: str) -> None:
    _speak(postgres, f'CREATE DATABASE "{name}" TEMPLATE "{TEMPLATE}" OWNER stepwell')
    settings.DATABASE_ROLE = APPLICATION
    _use(name)


def _remember_first_rows() -> None:
    """What migrations put in, kept beside the tables for the return of `flush`."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(f"CREATE SCHEMA {FIRST_ROWS} AUTHORIZATION {OWNER}")
    with as_role(OWNER), connection.cursor() as cursor:
        for table in set(tables) - {"django_migrations"}:
            cursor.execute(f'SELECT EXISTS (SELECT FROM "{table}")')
            if cursor.fetchone()[0]:
                cursor.execute(f'CREATE TABLE {FIRST_ROWS}."{table}" AS SELECT * FROM "{table}"')


def _return_first_rows() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [FIRST_ROWS])
        for (table,) in cursor.fetchall():
            cursor.execute(f'INSERT INTO "{table}" SELECT * FROM {FIRST_ROWS}."{table}"')


def flush_as_owner() -> None:
    """Tests that commit are cleaned up by the owner: the application may not empty tables."""
    plain = flush.Command.handle

    def handle(self: flush.Command, **options: Any) -> None:
        with as_role(OWNER):
            plain(self, **{**options, "inhibit_post_migrate": True})
            _return_first_rows()

    flush.Command.handle = handle  # type: ignore[method-assign]


def guard_writes() -> None:
    """From here on a write to our tables outside an `@action` fails the test, on every connection."""
    _install_guard(connection)
    connection_created.connect(_install_guard, dispatch_uid="tests.guard_writes", weak=False)


def _install_guard(connection: Any, **kwargs: Any) -> None:
    if _refuse_write_outside_actions not in connection.execute_wrappers:
        connection.execute_wrappers.append(_refuse_write_outside_actions)


def our_tables() -> frozenset[str]:
    ours = ("clinic", "patients", "pathways")
    return frozenset(
        model._meta.db_table for model in apps.get_models(include_auto_created=True) if model._meta.app_label in ours
    )


def _refuse_write_outside_actions(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    written = _WRITE.match(sql) if isinstance(sql, str) else None
    if written and settings.DATABASE_ROLE == APPLICATION and not inside_action():
        verb, table = written[1].split()[0].upper(), written[2]
        if table in our_tables() and (verb, table) not in WRITTEN_BY_LIBRARIES:
            raise AssertionError(f"{verb} of {table} outside an action (decision 22)")
    return execute(sql, params, many, context)


def _use(name: str) -> None:
    connection.close()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name


def _exists(postgres: Postgres, name: str) -> bool:
    line = psycopg2.connect(postgres.url("postgres"))
    try:
        with line, line.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            return cursor.fetchone() is not None
    finally:
        line.close()


def _speak(postgres: Postgres, sql: str) -> None:
    line = psycopg2.connect(postgres.url("postgres"))
    line.autocommit = True
    try:
        with line.cursor() as cursor:
            cursor.execute(sql)
    finally:
        line.close()


class _Silence:
    def write(self, text: str) -> int:
        return len(text)

    def flush(self) -> None:
        pass
