"""How fast Today is at a large clinic: many people, most of them gone, the others with a history of weeks.

`today_100k`: 100,000 people at 20 sites, 20,000 of them under way with one open contact each, of which those due stand
on the list; groups attended and missed, craving readings, drug screens, messages sent, calls without an answer, plans.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.test import Client
from django.urls import reverse

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, StaffMember
from clinic.rules.roles import Role
from pathways.models import (
    Attendance,
    CallResult,
    Enrollment,
    FollowUp,
    Phase,
    Plan,
    PlanReview,
    ProgramVersion,
    Reminder,
    Session,
)
from patients.instruments import definition
from patients.models import Assessment, ContactPoint, Observation
from patients.observations import definitions
from patients.rules.observations import ObservationCategory, ValueKind
from tests.bench.figures import Figure, latency
from tests.bench.ground import analyze
from tests.bench.planting import DAY, under_way
from tests.bench.sowing import sow
from tests.factories import clinic, pathways
from tests.faults.load import NOON, stand_at

PEOPLE = 100_000
UNDER_WAY = 5
"""One person in so many is under way."""
SITES = 20
BATCH = 5_000
NOBODY = UUID(int=0)
HERE = "pathways_enrollment e WHERE e.status = 'active'"


def figures(people: int = PEOPLE) -> Iterator[Figure]:
    stand_at(NOON)
    member = plant(people)
    browser = clinic.sign_in(Client(), member)
    name = f"today_{people // 1000}k"
    yield latency(name, lambda: _asked(browser, reverse("today")))
    yield latency(f"{name}, whole site", lambda: _asked(browser, f"{reverse('today')}?scope=site"))
    yield latency(f"{name}, refreshed unchanged", _refreshing(browser))


def _asked(browser: Client, address: str) -> object:
    answer = browser.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address} answered {answer.status_code}")
    return answer


def _refreshing(browser: Client) -> "object":
    found = re.search(r"seen=([0-9a-f]{16})", browser.get(reverse("today")).content.decode())
    digest = found[1] if found else ""
    headers = {"HX-Request": "true", "HX-Target": "today"}

    def ask() -> object:
        return browser.get(f"{reverse('today')}?seen={digest}", headers=headers)

    return ask


def plant(people: int) -> StaffMember:
    """The clinic; returns a clinician and supervisor of one of its sites."""
    version = pathways.program(now=NOON - 400 * DAY)
    sites = [clinic.site() for _ in range(SITES)]
    staff = [clinic.staff(roles=[Role.COUNSELOR, Role.CLINICIAN], sites=[site]) for site in sites for _ in range(4)]
    member = clinic.staff(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=sites[:1])
    phases = list(version.phases.all())[:2]
    with allow_direct_writes():
        for start in range(0, people, BATCH):
            under_way(range(start, min(start + BATCH, people)), sites, phases, version, member.actor)
        _settle(staff, member.actor)
        _history(version, member.actor)
    analyze()
    return member


def _settle(staff: list[StaffMember], by: Actor) -> None:
    """Most people have completed; the others have a counselor of their site."""
    Enrollment.objects.filter(status="active").extra(where=["id %% %s <> 0"], params=[UNDER_WAY]).update(
        status="completed", ended_at=NOON - 90 * DAY, ended_by=by, current_phase=None
    )
    for member in staff:
        site = member.actor.sites.get()
        mine = [each.pk for each in staff if each.actor.sites.get() == site].index(member.pk)
        Enrollment.objects.filter(status="active", site=site).extra(
            where=["id / %s %% 4 = %s"], params=[UNDER_WAY, mine]
        ).update(counselor=member.actor)


def _history(version: ProgramVersion, by: Actor) -> None:
    _contacts(by)
    _groups(by)
    _findings(by)
    _messages(by)
    _plans(by, version.phases.order_by("ordinal")[0])


def _contacts(by: Actor) -> None:
    """One open contact of everybody under way, more than a quarter of them due; five ended ones of everybody."""
    pattern = FollowUp(
        rule_key="stabilization-weekly-contact", anchor_kind="phase_entry", anchor_id=NOBODY, purpose="check_in",
        title="Weekly contact in stabilization", mode="phone", template="follow_up.check_in", ladder="contact",
        owner_role="counselor", due_on=NOON.date(), due_time=NOON.time(), time_zone="America/New_York", due_at=NOON,
        act_at=NOON, window_days=2, planned_at=NOON - 60 * DAY, planned_by=by, rung=2,
    )  # fmt: skip
    own = {"enrollment_id": "e.id", "patient_id": "e.patient_id", "site_id": "e.site_id"}
    due = f"timestamptz '{NOON.isoformat()}' + (e.id / {UNDER_WAY} % 55 - 14) * interval '1 day' - interval '2 hours'"
    when = {"due_at": due, "act_at": due, "due_on": f"({due})::date", "owner_id": "e.counselor_id"}
    sow(pattern, HERE, **own, **when)
    pattern.outcome, pattern.closed_by = "reached", by
    ended = f"timestamptz '{NOON.isoformat()}' - (100 + g * 9) * interval '1 day'"
    recently = f"timestamptz '{NOON.isoformat()}' - (g * 7 - 3 + e.id % 3) * interval '1 day'"
    closed = f"CASE e.status WHEN 'active' THEN {recently} ELSE {ended} END"
    sow(
        pattern, "pathways_enrollment e, generate_series(1, 5) g", **own, anchor_id="gen_random_uuid()",
        occurrence="g + 1", due_at=closed, act_at=closed, due_on=f"({closed})::date", closed_at=closed,
    )  # fmt: skip
    call = CallResult(result="no_answer", made_at=NOON, made_by=by)
    made = "timestamptz '" + NOON.isoformat() + "' - g * interval '30 hours'"
    sow(call, "pathways_followup f, generate_series(1, 2) g WHERE f.outcome = '' AND f.id % 11 = 0",
        follow_up_id="f.id", made_at=made)  # fmt: skip


def _groups(by: Actor) -> None:
    """Ten in a group, once a week for eight weeks; one in nine misses each, and a few miss two in a row."""
    session = Session(
        modality="group-therapy", kind="group", starts_at=NOON, ends_at=NOON, time_zone="America/New_York",
        capacity=10, status="held", booked_at=NOON, booked_by=by, documented_at=NOON, documented_by=by,
    )  # fmt: skip
    begins = f"timestamptz '{NOON.isoformat()}' - (w * 7 - 6 + n % 5) * interval '1 day'"
    source = (
        "(SELECT site_id, count(*) / 10 + 1 AS number FROM pathways_enrollment WHERE status = 'active' GROUP BY 1) s, "
        "generate_series(1, 8) w, generate_series(0, s.number) n"
    )
    sow(session, source, site_id="s.site_id", starts_at=begins, ends_at=f"{begins} + interval '90 minutes'",
        title="'Group ' || n", topic="'week ' || w")  # fmt: skip
    place = Attendance(status="attended", booked_at=NOON, booked_by=by)
    missed = "(e.id / 5 + split_part(t.topic, ' ', 2)::int / 2) % 9 = 0"
    source = (
        "(SELECT *, row_number() OVER (PARTITION BY site_id ORDER BY id) AS place FROM pathways_enrollment "
        "WHERE status = 'active') e JOIN pathways_session t ON t.site_id = e.site_id "
        "AND split_part(t.title, ' ', 2)::int = e.place / 10"
    )
    sow(place, source, session_id="t.id", patient_id="e.patient_id", enrollment_id="e.id", starts_at="t.starts_at",
        ends_at="t.ends_at", status=f"CASE WHEN {missed} THEN 'no_show' ELSE 'attended' END",
        minutes=f"CASE WHEN {missed} THEN 0 ELSE 90 END")  # fmt: skip


def _findings(by: Actor) -> None:
    """Four weekly craving readings and PHQ-9, and four weekly screens by six tests."""
    for key, most in (("craving_vas", 8), ("phq9", 20)):
        form = definition(key)
        reading = Assessment(
            instrument=form.key, definition_version=form.definition_version, definition_digest=form.digest,
            scoring_status="complete", answers={}, total=0, effective_at=NOON, recorded_at=NOON, recorded_by=by,
        )  # fmt: skip
        sow(reading, f"pathways_enrollment e, generate_series(0, 3) w WHERE e.status = 'active' AND {most} > 0",
            patient_id="e.patient_id", site_id="e.site_id", total=f"(e.id * 7 + w * 3) % {most}",
            effective_at=_weeks_ago("e.id % 6 + 1"))  # fmt: skip
    screens = [each for each in definitions(ObservationCategory.DRUG_SCREEN) if each.kind is ValueKind.RESULT]
    codes = "(VALUES " + ", ".join(f"('{each.code}')" for each in screens[:6]) + ")"
    kratom = screens[0].code
    positive = f"w = 0 AND e.id % 40 = 0 AND c.code = '{kratom}'"
    seen = Observation(
        panel=NOBODY, code="x", category="drug_screen", result="negative", effective_at=NOON, recorded_at=NOON,
        recorded_by=by,
    )  # fmt: skip
    sow(seen, f"pathways_enrollment e, generate_series(0, 3) w, {codes} c (code) WHERE e.status = 'active'",
        patient_id="e.patient_id", site_id="e.site_id", panel="gen_random_uuid()", code="c.code",
        effective_at=_weeks_ago("e.id % 6 + 1"),
        result=f"CASE WHEN {positive} THEN 'positive' ELSE 'negative' END")  # fmt: skip


def _weeks_ago(days: str) -> str:
    return f"timestamptz '{NOON.isoformat()}' - (w * 7 + {days}) * interval '1 day'"


def _messages(by: Actor) -> None:
    """A number of everybody under way, and six messages that went out."""
    point = ContactPoint(channel="sms", address="x", added_at=NOON, added_by=by, verified_at=NOON, verified_by=by)
    sow(point, HERE, patient_id="e.patient_id", address="'+1202' || (2000000 + e.id)")
    sent = Reminder(
        subject_version=1, channel="sms", template="follow_up.check_in", language="en", due_on=NOON.date(),
        due_time=NOON.time(), time_zone="America/New_York", due_at=NOON, next_at=NOON, planned_at=NOON,
        status="delivered", status_at=NOON,
    )  # fmt: skip
    source = (
        "pathways_followup f JOIN patients_contactpoint p ON p.patient_id = f.patient_id, generate_series(1, 6) w "
        "WHERE f.outcome = ''"
    )
    at = f"timestamptz '{NOON.isoformat()}' - w * interval '4 days'"
    sow(sent, source, patient_id="f.patient_id", site_id="f.site_id", follow_up_id="f.id", contact_point_id="p.id",
        subject_version="w", status_at=at, due_at=at)  # fmt: skip


def _plans(by: Actor, phase: Phase) -> None:
    """A care plan of everybody under way, reviewed once; the day of one in twenty has come."""
    plan = Plan(kind="care", opened_at=NOON - 60 * DAY, opened_by=by, changed_at=NOON - 60 * DAY, changed_by=by)
    review_on = f"date '{NOON.date()}' + (e.id / 5 % 20)::int"
    sow(plan, HERE, enrollment_id="e.id", patient_id="e.patient_id", site_id="e.site_id", review_on=review_on)
    review = PlanReview(plan_version=1, phase=phase, reviewed_at=NOON - timedelta(days=20), reviewed_by=by)
    sow(review, "pathways_plan p JOIN pathways_enrollment e ON e.id = p.enrollment_id", plan_id="p.id",
        phase_id="e.current_phase_id")  # fmt: skip
