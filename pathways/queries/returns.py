"""Returns to use as seen by somebody, and what the newest of an enrollment still asks for. Set-wise."""

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import Enrollment, LevelOfCareAssessment, ReturnToUse, Transition
from pathways.queries.programs import document_of
from pathways.rules.moves import RUNNING, EnrollmentStatus, MoveKind, StepBackReason
from pathways.rules.returns import Asked, ReturnFacts, asked_after
from patients.models import Patient


def returns_to_use(actor: Actor) -> QuerySet[ReturnToUse]:
    """Every recorded return to use of the people the actor may see, newest first."""
    rows = ReturnToUse.objects.filter(enrollment__patient__in=Patient.objects.visible_to(actor))
    return rows.select_related("enrollment__patient", "recorded_by").order_by("-effective_at", "-id")


def return_to_use(actor: Actor, public_id: UUID) -> ReturnToUse:
    """One of them. Raises Refused not_found."""
    found = returns_to_use(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def asked_of(row: Enrollment, *, now: datetime) -> Asked | None:
    """What the newest return to use of a running enrollment still asks for. Three queries."""
    if row.status not in RUNNING:
        return None
    newest = ReturnToUse.objects.filter(enrollment=row).order_by("-effective_at", "-id").first()
    if newest is None:
        return None
    rated = LevelOfCareAssessment.objects.filter(patient=row.patient_id).aggregate(at=Max("effective_at"))["at"]
    moves = Transition.objects.filter(enrollment=row, reversed_by__isnull=True).exclude(kind=MoveKind.REVERSE)
    zone = row.site.zone
    facts = ReturnFacts(
        returned_at=newest.effective_at,
        returned_on=newest.effective_at.astimezone(zone).date(),
        rated_at=rated,
        moved_at=moves.exclude(kind__in=(MoveKind.HOLD, MoveKind.RESUME)).aggregate(at=Max("effective_at"))["at"],
        way_back=row.status == EnrollmentStatus.ACTIVE and _has_way_back(row),
    )
    return asked_after(facts, now.astimezone(zone).date())


def _has_way_back(row: Enrollment) -> bool:
    """Whether the program knows a step back because of a return to use from the phase the person is in."""
    phase = row.current_phase.key if row.current_phase else None
    return any(
        rule.kind is MoveKind.STEP_BACK
        and rule.from_phase in (phase, None)
        and (not rule.reasons or StepBackReason.RETURN_TO_USE in rule.reasons)
        for rule in document_of(row.program_version).transitions
    )


def to_rate_again(site: int) -> QuerySet[ReturnToUse]:
    """The newest return of each running enrollment at a site after which nobody has rated the needs, oldest first."""
    rated = LevelOfCareAssessment.objects.filter(
        patient=OuterRef("enrollment__patient"), effective_at__gt=OuterRef("effective_at")
    )
    at, pk = OuterRef("effective_at"), OuterRef("pk")
    newer = ReturnToUse.objects.filter(
        Q(effective_at__gt=at) | Q(effective_at=at, pk__gt=pk), enrollment=OuterRef("enrollment")
    )
    rows = ReturnToUse.objects.filter(~Exists(rated), ~Exists(newer), enrollment__site=site)
    rows = rows.filter(enrollment__status__in=RUNNING)
    return rows.select_related("enrollment__patient", "enrollment__counselor", "enrollment__site").order_by(
        "recorded_at", "pk"
    )
