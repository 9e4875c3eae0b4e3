"""Early warnings as lines: one for each person, with everything that is to be said about them."""

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic.queries.among import among
from clinic.queries.prepared import prepared
from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment
from pathways.queries.warnings import early_warnings
from pathways.queries.worklist.asking import Asked, Dressed, Entry, Source
from pathways.queries.worklist.returns import counselors
from pathways.rules.moves import RUNNING
from pathways.rules.warnings import EarlyWarning
from pathways.rules.worklist import Item, LineKind, LineType
from patients.models import Patient


def gather(asked: Asked) -> Iterator[Entry]:
    """The counselor's to look into. Nine queries at most."""
    warned = early_warnings(asked.actor, asked.site, now=asked.now)
    people = {row[0]: row for row in _under_way(list(warned), asked.site.pk)}
    for patient, person, counselor in people.values():
        some = warned[patient]
        item = Item(LineType.EARLY_WARNING, LineKind.WARNING, person, person, some[0].at, asked.site.time_zone)
        yield Entry(item, counselors(counselor), patient, patient, some)


@prepared
def _under_way(patients: list[int], site: int) -> QuerySet[Any, Any]:
    rows = Enrollment.objects.filter(patient__in=among(patients), site=site, status__in=RUNNING)
    return rows.order_by("opened_at").values_list("patient_id", "patient__public_id", "counselor_id")


def dress(asked: Asked, entries: Sequence[Entry]) -> Mapping[UUID, Dressed]:
    """One query."""
    known = {each.record: each.warnings for each in entries}
    return {
        row.public_id: Dressed(row, row, warning_title(known[row.pk]), reasons(known[row.pk]))
        for row in _people(list(known))
    }


@prepared
def _people(ids: list[int]) -> QuerySet[Patient]:
    return Patient.objects.filter(pk__in=among(ids))


def warning_title(some: Sequence[EarlyWarning]) -> Sentence:
    """What the gravest is called, and how many there are beside it."""
    kind = some[0].kind
    return (
        sentence("today.warning_more", kind=kind, n=len(some) - 1) if some[1:] else sentence("today.warning", kind=kind)
    )


def reasons(some: Sequence[EarlyWarning]) -> Sentence:
    """Every reason, one after the other."""
    said = [each.reason for each in some]
    return reduce(lambda first, then: sentence("worklist.two", first=first, then=then), said)


WARNINGS = Source(gather, {LineType.EARLY_WARNING: dress})
