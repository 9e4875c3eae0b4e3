"""The database roles and the guard of the tests themselves."""

import pytest
from django.db import ProgrammingError, connection

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Installation

pytestmark = pytest.mark.django_db


def test_the_application_signs_on_with_its_own_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("stepwell_app",)


@pytest.mark.parametrize("statement", ["DELETE FROM", "TRUNCATE", "UPDATE"])
def test_history_cannot_be_changed_by_the_application(statement: str) -> None:
    table = AuditEntry._meta.db_table
    sql = f"UPDATE {table} SET id = 1" if statement == "UPDATE" else f"{statement} {table}"
    with (
        allow_direct_writes(),
        connection.cursor() as cursor,
        pytest.raises(ProgrammingError, match="permission denied"),
    ):
        cursor.execute(sql)


def test_the_application_cannot_change_tables() -> None:
    with connection.cursor() as cursor, pytest.raises(ProgrammingError, match="must be owner"):
        cursor.execute(f"ALTER TABLE {AuditEntry._meta.db_table} ADD COLUMN extra int")


def test_a_write_outside_an_action_fails_the_test() -> None:
    with pytest.raises(AssertionError, match="outside an action"):
        Actor.objects.create(kind="job", name="nobody")


def test_factories_may_write_roots() -> None:
    with allow_direct_writes():
        assert Actor.objects.create(kind="job", name="somebody").pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_migrations_put_in_is_there_again_after_a_test_that_commits(turn: int) -> None:
    assert Installation.objects.count() == 1
    with allow_direct_writes():
        Actor.objects.create(kind="job", name="once")
