"""Where the people of some sites stand: what a list about them can be narrowed to."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from clinic.models import Site
from clinic.queries.among import among
from clinic.queries.prepared import prepared
from pathways.models import Enrollment
from pathways.models.enrollment import OPEN_STATUSES

Choice = tuple[str, str]
"""A value and what it is called."""


@dataclass(frozen=True, slots=True)
class Standings:
    """The programs and the phases people of a site are in, by key and title, and their counselors, by public id and
    name; each once and by name."""

    programs: Sequence[Choice]
    phases: Sequence[Choice]
    counselors: Sequence[Choice]


def standings(sites: Collection[Site]) -> Standings:
    """Of everybody enrolled at the sites. One query."""
    found = _places([site.pk for site in sites])
    return Standings(
        _named((key, title) for key, title, *_others in found),
        _named((key, title) for _program, _title, key, title, *_counselor in found if key),
        _named((str(public_id), name) for *_course, public_id, name in found if public_id),
    )


@prepared
def _places(sites: list[int]) -> QuerySet[Any, Any]:
    rows = Enrollment.objects.filter(site__in=among(sites), status__in=OPEN_STATUSES).order_by()
    columns = (
        "program__key", "program__title", "current_phase__key", "current_phase__title", "counselor__public_id",
        "counselor__name",
    )  # fmt: skip
    return rows.values_list(*columns).distinct()


def _named(found: Iterable[Choice]) -> Sequence[Choice]:
    return sorted(dict(found).items(), key=lambda each: (each[1], each[0]))
