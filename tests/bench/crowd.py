"""A crowded clinic for Today: 100,000 people at 20 sites, of whom one in five is under way, each with an open contact.

The first site is five times as large as each other. Sown by the database (`sowing`), in under a minute and a half. The
number of a person stands in every expression as `n`, so that what somebody has follows from it alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from pathways.models import Enrollment, LevelStay, PhaseStay, ProgramVersion, Transition
from patients.models import Patient, PatientSite
from tests.bench import crowd_contacts, crowd_findings, crowd_sessions
from tests.bench.ground import analyze
from tests.bench.planting import DAY, FAMILY, GIVEN
from tests.bench.sowing import days_ago, sow
from tests.factories import clinic, pathways
from tests.faults.load import NOON

PEOPLE = 100_000
SITES = 20
LARGEST = 5
"""Shares the first site has of the people; every other site has one."""
UNDER_WAY = 5
"""One person in so many is under way."""
SHARES = SITES - 1 + LARGEST
WHERE = f"greatest(n % {SHARES} - {LARGEST - 1}, 0)"
"""The place of a person's site among the sites."""
TURN = f"n / {SHARES}"
"""The place of a person among those of the same share of a site."""
IS_UNDER_WAY = f"{TURN} % {UNDER_WAY} = 0"
LEFT = f"CASE WHEN n % 401 = 0 THEN {days_ago('1 + n % 25')} ELSE {days_ago('90 + n % 200')} END"
"""When those ended who are not under way; a few of them lately."""


@dataclass(frozen=True, slots=True)
class Crowd:
    """Staff of the largest site, and of one that is as large as most."""

    supervisor: StaffMember
    counselor: StaffMember
    usual_supervisor: StaffMember
    usual_counselor: StaffMember


def plant(people: int = PEOPLE) -> Crowd:
    """The clinic, with what the planner has to know of it."""
    version = pathways.program(now=NOON - 400 * DAY)
    sites = [clinic.site() for _ in range(SITES)]
    teams = [_team(site, 4 * LARGEST if site is sites[0] else 4) for site in sites]
    first, second = (clinic.staff(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[each]) for each in sites[:2])
    by = first.actor
    with allow_direct_writes():
        _people(people, sites, by)
        _courses(sites, teams, version, by)
        _numbered()
        analyze()
        crowd_contacts.sow_contacts(by)
        crowd_sessions.sow_sessions(by)
        crowd_findings.sow_findings(by)
        crowd_findings.sow_plans(by, version.phases.order_by("ordinal")[0])
    analyze()
    return Crowd(first, teams[0][0], second, teams[1][0])


def _team(site: Site, number: int) -> list[StaffMember]:
    return [clinic.staff(roles=[Role.COUNSELOR, Role.CLINICIAN], sites=[site]) for _ in range(number)]


def _people(people: int, sites: Sequence[Site], by: Actor) -> None:
    pattern = Patient(
        record_number="", given_name="", family_name="", birth_date=NOON.date(), time_zone="America/New_York",
        registered_at=NOON, registered_by=by,
    )  # fmt: skip
    sow(
        pattern, f"generate_series(0, {people - 1}) n", record_number="'B' || lpad(n::text, 7, '0')",
        given_name=_one_of(GIVEN, "n"), family_name=f"{_one_of(FAMILY, 'n / 7')} || ' ' || n",
        birth_date="make_date(1960 + n % 40, 3, 14)", registered_at=days_ago(f"30 + {TURN} % 60"),
    )  # fmt: skip
    stay = PatientSite(since=NOON, added_by=by)
    sow(stay, f"(SELECT *, {_number('p')} n FROM patients_patient p) p", patient_id="p.id",
        site_id=_one_of_ids([each.pk for each in sites], WHERE), since="p.registered_at")  # fmt: skip


def _courses(sites: Sequence[Site], teams: Sequence[Sequence[StaffMember]], version: ProgramVersion, by: Actor) -> None:
    """Everybody once enrolled; most have completed, the others stand in one of the first two phases."""
    phases = [each.pk for each in version.phases.order_by("ordinal")[:2]]
    places = ", ".join(
        f"({at}, {site.pk}, ARRAY[{', '.join(str(each.actor.pk) for each in team)}])"
        for at, (site, team) in enumerate(zip(sites, teams, strict=True))
    )
    pattern = Enrollment(
        program=version.program, program_version=version, status="active", opened_at=NOON, opened_by=by,
        admitted_at=NOON, admitted_by=by,
    )  # fmt: skip
    turn = f"{TURN} / {UNDER_WAY}"
    sow(
        pattern,
        f"(SELECT *, {_number('p')} n FROM patients_patient p) p "
        f"JOIN (VALUES {places}) s (place, site_id, team) ON s.place = {WHERE}",
        patient_id="p.id", site_id="s.site_id", opened_at="p.registered_at", admitted_at="p.registered_at",
        status=f"CASE WHEN {IS_UNDER_WAY} THEN 'active' ELSE 'completed' END",
        current_phase_id=f"CASE WHEN {IS_UNDER_WAY} THEN {_one_of_ids(phases, turn)} END",
        counselor_id=f"CASE WHEN {turn} % 12 <> 7 THEN s.team[1 + {turn} % cardinality(s.team)] END",
        ended_at=f"CASE WHEN NOT {IS_UNDER_WAY} THEN greatest({LEFT}, p.registered_at) END",
        ended_by_id=f"CASE WHEN NOT {IS_UNDER_WAY} THEN {by.pk} END",
    )  # fmt: skip
    admitted = Transition(kind="admit", from_status="proposed", to_status="active", effective_at=NOON,
                          recorded_at=NOON, recorded_by=by)  # fmt: skip
    at = {"effective_at": "e.opened_at", "recorded_at": "e.opened_at"}
    sow(admitted, "pathways_enrollment e", enrollment_id="e.id", to_phase_id=str(phases[0]), **at)
    own = {"started_at": "e.opened_at", "ended_at": "e.ended_at", "enrollment_id": "e.id"}
    _stays(phases, own)
    lately = f"e.ended_at > {days_ago('60')}"
    sow(LevelStay(level="L1", started_at=NOON), "pathways_enrollment e", **own,
        level=f"CASE WHEN {lately} THEN 'L3' ELSE 'L1' END")  # fmt: skip


def _stays(phases: Sequence[int], own: Mapping[str, str]) -> None:
    """Whoever is in the second phase was twenty days in the first."""
    rows = "pathways_transition t JOIN pathways_enrollment e ON e.id = t.enrollment_id"
    moved = f"e.current_phase_id = {phases[1]}"
    later = "e.opened_at + interval '20 days'"
    stay = PhaseStay(phase_id=phases[0], started_at=NOON)
    first = {**own, "ended_at": f"CASE WHEN {moved} THEN {later} ELSE e.ended_at END"}
    sow(stay, rows, opened_by_transition_id="t.id", **first)
    second = {**own, "started_at": later, "phase_id": "e.current_phase_id"}
    sow(stay, f"{rows} WHERE {moved}", opened_by_transition_id="t.id", **second)


def _number(of: str) -> str:
    return f"substr({of}.record_number, 2)::int"


def _numbered() -> None:
    """Those under way with their numbers and their places at the site, for everything that is sown after."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE under_way AS SELECT e.*, row_number() OVER (ORDER BY e.id) - 1 AS n, "
            "row_number() OVER (PARTITION BY e.site_id ORDER BY e.id) - 1 AS place "
            "FROM pathways_enrollment e WHERE e.status = 'active'"
        )
        cursor.execute("ANALYZE under_way")


def _one_of(words: Sequence[str], number: str) -> str:
    return f"(ARRAY[{', '.join(repr(each) for each in words)}])[1 + ({number}) % {len(words)}]"


def _one_of_ids(ids: Sequence[int], number: str) -> str:
    return f"(ARRAY[{', '.join(map(str, ids))}])[1 + ({number}) % {len(ids)}]"
