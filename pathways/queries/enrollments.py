"""Enrollments as seen by somebody: one, one person's, and the gate that stands before each."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from clinic.queries.among import among
from clinic.queries.prepared import Given, prepared
from pathways.models import Enrollment
from pathways.queries.adaptations import documents_for
from pathways.queries.facts import gather
from pathways.queries.programs import version_ahead
from pathways.rules.gates import Decision, Gate, decide, is_open
from pathways.rules.moves import RUNNING, MoveKind
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


def newest(patients: Collection[int] | Given) -> QuerySet[Enrollment]:
    """Each one's newest enrollment, an open one before an ended one; whoever asks has seen to who may see them."""
    rows = Enrollment.objects.filter(patient__in=among(patients))
    # An open enrollment has no end, and a descending order puts what is not there first.
    return rows.order_by("patient_id", "-ended_at", "-opened_at").distinct("patient_id")


@prepared
def newest_to_draw(patients: list[int]) -> QuerySet[Enrollment]:
    """The newest enrollments, with what their gates and their courses are read from."""
    return newest(patients).select_related("program_version", "site", "current_phase").defer(DOCUMENT)


def of_patient(actor: Actor, patient_id: UUID) -> QuerySet[Enrollment]:
    """A person's enrollments, newest first."""
    return enrollments(actor).filter(patient__public_id=patient_id).order_by("-opened_at", "-id")


def open_ids(after: int = 0) -> list[int]:
    """Every open enrollment after that id, for the runs of the night."""
    return [pk for pk, _ in named_open_ids(after)]


def named_open_ids(after: int = 0) -> list[tuple[int, UUID]]:
    """As `open_ids`, each with the public id by which the log may name it."""
    return list(Enrollment.objects.open().filter(pk__gt=after).order_by("pk").values_list("pk", "public_id"))


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


def document_ahead(row: Enrollment, *, at: datetime) -> ProgramDocument:
    """The program the next move is made by, as it reads for somebody on that day."""
    return documents_for([row], at.astimezone(row.site.zone).date(), version_ahead(row))[row.pk]


def gate_before(row: Enrollment, *, at: datetime) -> Gate | None:
    """The gate somebody stands before, as it reads for them on that day."""
    return next_gate(document_ahead(row, at=at), row.current_phase.key if row.current_phase else None)[0]


def next_decisions(rows: Collection[Enrollment], *, now: datetime) -> dict[int, Decision]:
    """How each running enrollment stands before its next gate, by id.

    The gates first, then only the facts they look at: nine queries at most, for any number of enrollments.
    """
    gates = next_gates(rows, now=now)
    facts = gather([each for each in rows if each.pk in gates], as_of=now, gates=gates)
    return {pk: decide(gate, facts[pk]) for pk, gate in gates.items()}


def ready_to_move(rows: Collection[Enrollment], *, now: datetime) -> frozenset[int]:
    """The running enrollments whose next gate is met: every gate evaluated, none explained.

    Only what can hold somebody back is looked at: nine queries at most, for any number of enrollments.
    """
    gates = next_gates(rows, now=now)
    distinct = {id(gate): gate.binding() for gate in gates.values()}
    binding = {pk: distinct[id(gate)] for pk, gate in gates.items()}
    facts = gather([each for each in rows if each.pk in binding], as_of=now, gates=binding)
    return frozenset(pk for pk, gate in binding.items() if is_open(gate, facts[pk]))


def next_gates(rows: Collection[Enrollment], *, now: datetime) -> dict[int, Gate]:
    """The gate each running enrollment stands before, by id; those in the same phase of the same document share one."""
    days: dict[date, list[Enrollment]] = defaultdict(list)
    for each in rows:
        if each.status in RUNNING:
            days[now.astimezone(each.site.zone).date()].append(each)
    found = {}
    for on, together in days.items():
        documents = documents_for(together, on)
        known: dict[tuple[int, str | None], Gate | None] = {}
        for each in together:
            phase_key = each.current_phase.key if each.current_phase else None
            place = (id(documents[each.pk]), phase_key)
            if place not in known:
                known[place] = next_gate(documents[each.pk], phase_key)[0]
            gate = known[place]
            if gate is not None:
                found[each.pk] = gate
    return found
