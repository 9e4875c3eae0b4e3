"""What a verb is part of: an inner one stands and falls with the outer one, unless its refusal is survived."""

from datetime import UTC, datetime

import pytest
from django.db import DataError
from django.db.transaction import TransactionManagementError

from clinic.actions import audit
from clinic.actions.rows import save_columns
from clinic.actions.verbs import action, allow_direct_writes, refusals_survived
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from tests.factories import clinic

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 6, 16, 12, tzinfo=UTC)


@action(None, "test.inner")
def inner(*, by: Actor, now: datetime, refused: bool) -> None:
    audit.record(action="test.inner", by=by, now=now)
    if refused:
        raise Refused("test")


@action(None, "test.outer")
def outer(*, by: Actor, now: datetime, refused: bool, survived: bool) -> None:
    audit.record(action="test.before", by=by, now=now)
    try:
        if survived:
            with refusals_survived():
                inner(by=by, now=now, refused=refused)
        else:
            inner(by=by, now=now, refused=refused)
    except Refused:
        audit.record(action="test.after", by=by, now=now)


def written() -> set[tuple[str, str]]:
    return set(AuditEntry.objects.filter(action__startswith="test.").values_list("action", "outcome"))


def test_an_inner_verb_is_done_with_the_outer_one() -> None:
    outer(by=clinic.job(), now=NOW, refused=False, survived=False)
    assert written() == {("test.before", "done"), ("test.inner", "done")}


def test_nothing_is_written_after_an_inner_verb_was_refused_and_nothing_is_kept() -> None:
    with pytest.raises(TransactionManagementError):
        outer(by=clinic.job(), now=NOW, refused=True, survived=False)
    assert written() == set()


def test_a_refusal_that_is_survived_undoes_the_inner_verb_alone() -> None:
    outer(by=clinic.job(), now=NOW, refused=True, survived=True)
    assert written() == {("test.before", "done"), ("test.after", "done")}


def test_the_refusal_of_the_outermost_verb_is_recorded_and_nothing_else() -> None:
    with pytest.raises(Refused):
        inner(by=clinic.job(), now=NOW, refused=True)
    assert written() == {("test.inner", "refused")}


def test_many_rows_are_written_in_one_statement(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    columns, by = ("name", "closed_at", "closed_by"), clinic.job()
    rows = [clinic.site() for _ in range(3)]
    for number, row in enumerate(rows):
        row.name, row.closed_at, row.closed_by = f"Site {number}", NOW if number else None, by if number else None
    with allow_direct_writes(), django_assert_num_queries(1):
        save_columns(rows, columns)
    kept = Site.objects.in_bulk([row.pk for row in rows])
    for row in rows:
        assert [getattr(kept[row.pk], each) for each in columns] == [getattr(row, each) for each in columns]


def test_writing_no_rows_asks_nothing(django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(0):
        save_columns([], ["name"])


def test_what_is_too_long_for_its_column_is_refused_not_cut() -> None:
    row = clinic.site()
    row.name = "x" * 1_000
    with allow_direct_writes(), pytest.raises(DataError):
        save_columns([row], ["name"])
