"""Spans of time that may not overlap, kept by the database without an extension (architecture.md, law 11)."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models


class Identity(models.Func):
    """A row's own number as a range, so that plain GiST can compare it."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, %(expressions)s, '[]')"


class Span(models.Func):
    """From one moment up to, not including, another; without an end it goes on."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


def one_at_a_time(
    owner: str, *, name: str, starts: str = "started_at", ends: str = "ended_at", condition: models.Q | None = None
) -> ExclusionConstraint:
    """No two rows of one owner overlap in time, among those of the condition."""
    return ExclusionConstraint(
        name=name,
        expressions=[
            (Identity(models.F(owner)), RangeOperators.OVERLAPS),
            (Span(starts, ends, RangeBoundary()), RangeOperators.OVERLAPS),
        ],
        condition=condition,
    )
