"""Enrollments as seen by somebody: one, one person's, and the gate that stands before each."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from pathways.models import Enrollment
from pathways.queries.facts import gather
from pathways.queries.programs import document_of
from pathways.rules.gates import Decision, Gate, decide
from pathways.rules.moves import EnrollmentStatus, MoveKind
from pathways.rules.phases import next_phase
from pathways.rules.programs import ProgramDocument

# A version's document is long, and read once by its digest: lists do not carry it (`document_of`).
DOCUMENT = "program_version__document"
TOGETHER = ("patient", "program", "program_version", "site", "current_phase", "counselor")


def enrollments(actor: Actor) -> QuerySet[Enrollment]:
    """Every enrollment the actor may see, with what it is shown by."""
    return Enrollment.objects.visible_to(actor).select_related(*TOGETHER).defer(DOCUMENT)


def enrollment(actor: Actor, public_id: UUID) -> Enrollment:
    """One enrollment. Raises Refused not_found: a foreign one looks like none."""
    found = enrollments(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def of_patient(actor: Actor, patient_id: UUID) -> QuerySet[Enrollment]:
    """A person's enrollments, newest first."""
    return enrollments(actor).filter(patient__public_id=patient_id).order_by("-opened_at", "-id")


def open_ids() -> list[int]:
    """Every open enrollment, for the nightly run."""
    return list(Enrollment.objects.open().order_by("pk").values_list("pk", flat=True))


def next_gate(document: ProgramDocument, phase_key: str | None) -> tuple[Gate | None, str | None]:
    """The gate on the way on from a phase, and the phase it leads to (None: completion)."""
    following = next_phase(document, phase_key)
    wanted = MoveKind.ADMIT if phase_key is None else MoveKind.ADVANCE if following else MoveKind.DISCHARGE
    for rule in document.transitions:
        fits = rule.from_phase in (phase_key, None) if wanted is MoveKind.DISCHARGE else rule.from_phase == phase_key
        if rule.kind is wanted and fits and (following is None or rule.to_phase == following.key) and rule.gate:
            to_phase = following.key if following else None
            return document.gate_for(phase_key, to_phase, rule.gate), to_phase
    return None, following.key if following else None


def next_decisions(rows: Collection[Enrollment], *, now: datetime) -> dict[int, Decision]:
    """How each running enrollment stands before its next gate, by id: four queries for any number of them."""
    active = [each for each in rows if each.status in (EnrollmentStatus.ACTIVE, EnrollmentStatus.ON_HOLD)]
    facts = gather(active, as_of=now)
    decisions = {}
    for each in active:
        phase_key = each.current_phase.key if each.current_phase else None
        gate, _ = next_gate(document_of(each.program_version), phase_key)
        if gate is not None:
            decisions[each.pk] = decide(gate, facts[each.pk])
    return decisions
