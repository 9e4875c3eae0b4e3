"""A large clinic, planted in batches: many people under way, at many sites, each with a little history.

Planted and not acted out, because what is measured is reading among many. What is measured as a change (a move, a
plan) is done to people who came there by the product's own verbs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.models import Enrollment, FollowUp, LevelStay, Phase, PhaseStay, ProgramVersion, Transition
from patients.instruments import definition
from patients.models import Assessment, Patient, PatientSite
from tests.factories import clinic, pathways
from tests.factories.patients import phq9
from tests.faults.load import NOON

PEOPLE = 20_000
SITES = 20
BATCH = 2_000
DAY = timedelta(days=1)
GIVEN = ("Juniper", "Tobias", "Marisol", "Ines", "Wendell", "Odalys", "Caspian", "Lucinda", "Bram", "Petra")
FAMILY = ("Quillfeather", "Marrowood", "Santillan", "Oakhurst", "Brightwater", "Villaseca", "Thornbury", "Ashgrove")


@dataclass(frozen=True, slots=True)
class Clinic:
    """What was planted: the site that is looked at, a member of staff who works there, and the program."""

    site: Site
    member: StaffMember
    version: ProgramVersion


def plant(people: int = PEOPLE) -> Clinic:
    """`people` spread over `SITES` sites, each enrolled, some weeks into one of the first two phases."""
    version = pathways.program(now=NOON - 400 * DAY)
    sites = [clinic.site() for _ in range(SITES)]
    member = clinic.staff(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=sites[:1])
    phases = list(version.phases.all())[:2]
    with allow_direct_writes():
        for start in range(0, people, BATCH):
            _plant(range(start, min(start + BATCH, people)), sites, phases, version, member.actor)
    return Clinic(sites[0], member, version)


def _plant(numbers: range, sites: Sequence[Site], phases: Sequence[Phase], version: ProgramVersion, by: Actor) -> None:
    rows = [each.enrollment for each in under_way(numbers, sites, phases, version, by)]
    FollowUp.objects.bulk_create(_follow_up(n, row, by) for n, row in zip(numbers, rows, strict=True))
    Assessment.objects.bulk_create(_reading(row, weeks, by) for row in rows for weeks in range(2))


def under_way(
    numbers: range, sites: Sequence[Site], phases: Sequence[Phase], version: ProgramVersion, by: Actor
) -> list[Transition]:
    """People spread over the sites and the phases, each with their stays. Returns their admissions."""
    patients = Patient.objects.bulk_create(_patient(number, by) for number in numbers)
    wheres = [sites[n % len(sites)] for n in numbers]
    PatientSite.objects.bulk_create(
        PatientSite(patient=patient, site=where, since=patient.registered_at, added_by=by)
        for where, patient in zip(wheres, patients, strict=True)
    )
    rows = Enrollment.objects.bulk_create(
        _enrollment(n, patient, where, phases[n // len(sites) % len(phases)], version, by)
        for n, patient, where in zip(numbers, patients, wheres, strict=True)
    )
    moves = Transition.objects.bulk_create(_admission(row, by) for row in rows)
    PhaseStay.objects.bulk_create(
        PhaseStay(enrollment=row, phase=row.current_phase, started_at=row.opened_at, opened_by_transition=move)
        for row, move in zip(rows, moves, strict=True)
    )
    LevelStay.objects.bulk_create(LevelStay(enrollment=row, level="L1", started_at=row.opened_at) for row in rows)
    return moves


def _patient(number: int, by: Actor) -> Patient:
    return Patient(
        record_number=f"B{number:07d}", given_name=GIVEN[number % len(GIVEN)],
        family_name=f"{FAMILY[number // 7 % len(FAMILY)]} {number}", birth_date=date(1960 + number % 40, 3, 14),
        time_zone="America/New_York", registered_at=NOON - (30 + number % 60) * DAY, registered_by=by,
    )  # fmt: skip


def _enrollment(
    number: int, patient: Patient, where: Site, phase: Phase, version: ProgramVersion, by: Actor
) -> Enrollment:
    opened = patient.registered_at
    return Enrollment(
        patient=patient, program=version.program, program_version=version, site=where, status="active",
        current_phase=phase, counselor=by if number % 3 == 0 else None, opened_at=opened, opened_by=by,
        admitted_at=opened, admitted_by=by,
    )  # fmt: skip


def _admission(row: Enrollment, by: Actor) -> Transition:
    return Transition(
        enrollment=row, kind="admit", from_status="proposed", to_status="active", to_phase=row.current_phase,
        effective_at=row.opened_at, recorded_at=row.opened_at, recorded_by=by,
    )  # fmt: skip


def _follow_up(number: int, row: Enrollment, by: Actor) -> FollowUp:
    """Due some time between five days ago and seven weeks from now: a day's work is a small part of them."""
    due = NOON + (number // SITES % 55 - 5) * DAY - timedelta(hours=2)
    local = due.astimezone(row.site.zone)
    return FollowUp(
        enrollment=row, patient=row.patient, site=row.site, rule_key="stabilization-weekly-contact",
        anchor_kind="phase_entry", anchor_id=uuid4(), purpose="check_in", title="Weekly contact in stabilization",
        mode="phone", template="follow_up.check_in", ladder="contact", owner=row.counselor, owner_role="nurse",
        due_on=local.date(), due_time=local.time(), time_zone=row.site.time_zone, due_at=due, act_at=due,
        window_days=2, planned_at=row.opened_at, planned_by=by,
    )  # fmt: skip


def _reading(row: Enrollment, weeks: int, by: Actor) -> Assessment:
    form, at = definition("phq9"), NOON - (weeks * 7 + 3) * DAY
    return Assessment(
        patient=row.patient, site=row.site, instrument=form.key, definition_version=form.definition_version,
        definition_digest=form.digest, scoring_status="complete", answers=phq9(1, 1, 1, 1, 1, 1, 0, 0, 0),
        total=6, band="mild", effective_at=at, recorded_at=at, recorded_by=by,
    )  # fmt: skip
