"""The program as it is for one person: their version, with what was adapted for them."""

from collections.abc import Collection, Iterable
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.queries.among import among
from clinic.queries.prepared import prepared
from pathways.models import Enrollment, ProgramVersion, RuleAdaptation
from pathways.queries.programs import document_of
from pathways.rules.programs import ProgramDocument
from pathways.rules.programs.adaptation import Adaptation, AdaptationTarget, adapted


def adaptation_of(row: RuleAdaptation) -> Adaptation:
    """A stored adaptation as the rules read it."""
    return Adaptation(
        key=str(row.public_id),
        target=AdaptationTarget(row.target),
        target_key=row.target_key,
        change=row.change,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def document_with(
    row: Enrollment, adaptations: Iterable[RuleAdaptation], on: date, version: ProgramVersion | None = None
) -> ProgramDocument:
    """The version's document with these adaptations, as it reads on a day."""
    found = [adaptation_of(each) for each in adaptations]
    document = document_of(version or row.program_version)
    return adapted(document, found, on) if found else document


def documents_for(
    rows: Collection[Enrollment], on: date, version: ProgramVersion | None = None
) -> dict[int, ProgramDocument]:
    """The document of each enrollment as it reads for that person on a day, by enrollment id. One query.

    `version`: as this one would read for them, instead of their own.
    """
    adaptations: dict[int, list[RuleAdaptation]] = {}
    for each in in_force(rows, on):
        adaptations.setdefault(each.enrollment_id, []).append(each)
    return {row.pk: document_with(row, adaptations.get(row.pk, ()), on, version) for row in rows}


def document_for(row: Enrollment, on: date) -> ProgramDocument:
    """The document of one enrollment as it reads for that person on a day."""
    return documents_for([row], on)[row.pk]


def in_force(rows: Collection[Enrollment], on: date) -> list[RuleAdaptation]:
    """What is adapted on a day, oldest first."""
    return _in_force([each.pk for each in rows if each.pk is not None], on)


@prepared
def _in_force(enrollments: list[int], on: date) -> QuerySet[RuleAdaptation]:
    rows = RuleAdaptation.objects.filter(enrollment__in=among(enrollments), ended_at__isnull=True)
    return rows.filter(starts_on__lte=on, ends_on__gte=on).order_by("pk")


def adaptations(actor: Actor, enrollment_id: UUID) -> QuerySet[RuleAdaptation]:
    """Everything that was adapted for an enrollment one may see, newest first."""
    visible = Enrollment.objects.visible_to(actor).filter(public_id=enrollment_id)
    rows = RuleAdaptation.objects.filter(enrollment__in=visible).order_by("-made_at", "-pk")
    return rows.select_related("enrollment__patient", "enrollment__site", "made_by", "ended_by")


def adaptation(actor: Actor, public_id: UUID) -> RuleAdaptation:
    """One adaptation. Raises Refused not_found."""
    rows = RuleAdaptation.objects.filter(enrollment__in=Enrollment.objects.visible_to(actor), public_id=public_id)
    found = rows.select_related("enrollment__patient", "enrollment__site", "made_by", "ended_by").first()
    if found is None:
        raise not_found()
    return found
