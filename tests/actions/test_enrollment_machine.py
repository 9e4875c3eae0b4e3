"""Whatever is tried with an enrollment, in whatever order: no illegal state, a history that replays, stays in order.

A state machine tries every verb with real rows, back-dated or not; each either is done or is refused in a sentence.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, FollowUp, PhaseStay, Transition
from pathways.rules.histories import Spent, Standing, Step, replay
from pathways.rules.moves import (
    OPEN,
    RUNNING,
    DischargeReason,
    EnrollmentStatus,
    HoldReason,
    MoveKind,
    StepBackReason,
    TransferReason,
)
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
BACK = st.sampled_from([None, None, None, HOUR, 3 * HOUR, 9 * DAY])
ANY = st.integers(min_value=0, max_value=50)
DONE: Counter[str] = Counter()
"""What was done and not refused, by verb: a machine in which a verb never succeeds has tested nothing of it."""


def open_way(key: str, title: str) -> dict[str, Any]:
    """The shipped program with no gates, so that every way can be walked."""
    document = pathways.document()
    phases = [
        {name: part for name, part in each.items() if name not in ("entry", "exit")} for each in document["phases"]
    ]
    ways = [{name: part for name, part in each.items() if name != "gate"} for each in document["transitions"]]
    about = {**document["program"], "key": key, "title": title}
    return {"program": about, "phases": phases, "transitions": ways}


def without(part: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in keys}


class Course(RuleBasedStateMachine):
    """One person, two programs, two sites; every verb at any time."""

    @initialize()
    def begin(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.now: datetime = NOW
        self.sites: list[Site] = [clinic.site(), clinic.site()]
        self.by: Actor = clinic.actor(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=self.sites)
        self.first = pathways.program(changed=open_way("open-way", "Open way"))
        self.second = pathways.program(changed=open_way("other-way", "Other way"))
        later = open_way("open-way", "Open way, later")
        later["follow_ups"] = pathways.document()["follow_ups"][2:]
        self.newer = pathways.program(changed=later)
        self.person: Patient = patients.patient(self.sites[0], by=self.by, now=NOW)
        self.attempt(enrollments.enroll, patient_id=self.person.public_id, program_key="open-way")

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    def attempt(self, verb: Callable[..., Any], back: timedelta | None = None, **given: Any) -> None:
        """Done, or refused with a sentence; anything else fails the test."""
        self.now += 7 * HOUR
        if back is not None:
            given["effective_at"] = self.now - back
        try:
            verb(by=self.by, now=self.now, **given)
            DONE[verb.__name__] += 1
        except Refused as refused:
            assert refused.sentence.code

    def some(self, number: int) -> dict[str, Any]:
        """Mostly one that is open, now and then any; nobody's where there is none."""
        rows = list(Enrollment.objects.order_by("-pk"))
        under_way = [each for each in rows if each.status in OPEN]
        chosen = under_way if under_way and number % 5 else rows
        return {"enrollment_id": chosen[number % len(chosen)].public_id if chosen else self.person.public_id}

    @rule(days=st.integers(min_value=1, max_value=40))
    def time_goes_on(self, days: int) -> None:
        self.now += days * DAY

    @rule(other=st.booleans(), back=BACK)
    def enroll(self, other: bool, back: timedelta | None) -> None:
        key = "other-way" if other else "open-way"
        self.attempt(enrollments.enroll, back, patient_id=self.person.public_id, program_key=key)

    @rule(other=st.booleans(), waiting=st.booleans())
    def wait(self, other: bool, waiting: bool) -> None:
        verb = enrollments.waitlist if waiting else enrollments.propose
        self.attempt(verb, patient_id=self.person.public_id, program_key="other-way" if other else "open-way")

    @rule(number=ANY, back=BACK)
    def admit(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.admit, back, **self.some(number))

    @rule(number=ANY, back=BACK)
    def advance(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.advance, back, **self.some(number))

    @rule(number=ANY, back=BACK)
    def step_back(self, number: int, back: timedelta | None) -> None:
        to_first = {"to_phase": "assessment-and-stabilization", "reason": StepBackReason.RETURN_TO_USE}
        self.attempt(enrollments.step_back, back, **to_first, **self.some(number))

    @rule(number=ANY, back=BACK)
    def hold(self, number: int, back: timedelta | None) -> None:
        review = (self.now + 10 * DAY).date()
        self.attempt(enrollments.hold, back, reason=HoldReason.TRAVEL, review_on=review, **self.some(number))

    @rule(number=ANY, back=BACK)
    def resume(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.resume, back, **self.some(number))

    @rule(number=ANY, back=BACK, completed=st.booleans())
    def discharge(self, number: int, back: timedelta | None, completed: bool) -> None:
        reason = DischargeReason.COMPLETED if completed else DischargeReason.CHOSE_TO_LEAVE
        self.attempt(enrollments.discharge, back, reason=reason, **self.some(number))

    @rule(number=ANY, back=BACK)
    def readmit(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.readmit, back, to_phase="assessment-and-stabilization", **self.some(number))

    @rule(number=ANY, back=BACK, other=st.booleans())
    def transfer(self, number: int, back: timedelta | None, other: bool) -> None:
        key = "other-way" if other else "open-way"
        where = {"program_key": key, "reason": TransferReason.MEDICAL, "to_phase": "assessment-and-stabilization"}
        self.attempt(enrollments.transfer_program, back, **where, **self.some(number))

    @rule(number=ANY, back=BACK, place=st.integers(min_value=0, max_value=1))
    def move_site(self, number: int, back: timedelta | None, place: int) -> None:
        there = {"site_id": self.sites[place].public_id, "reason": TransferReason.CLOSER_TO_HOME}
        self.attempt(enrollments.transfer_site, back, **there, **self.some(number))

    @rule(number=ANY, newer=st.booleans())
    def adopt(self, number: int, newer: bool) -> None:
        version = self.newer if newer else self.first
        phases = {each.key: each.key for each in version.phases.all()}
        given = {"to_version_id": version.public_id, "phase_map": phases, "note": "Suits them"}
        self.attempt(enrollments.adopt_version, **given, **self.some(number))

    @rule(number=ANY, back=st.sampled_from([HOUR, 30 * HOUR]))
    def return_to_use(self, number: int, back: timedelta) -> None:
        self.attempt(record_return_to_use, back, **self.some(number))

    @rule(number=ANY)
    def reverse(self, number: int) -> None:
        self.attempt(enrollments.reverse, note="Not so", **self.some(number))

    @rule(days=st.integers(min_value=0, max_value=9))
    def pause_and_think_again(self, days: int) -> None:
        """A hold, its end, and the end undone: the pair that plans and takes back most."""
        here = self.some(1)
        review = (self.now + 10 * DAY).date()
        self.attempt(enrollments.hold, reason=HoldReason.TRAVEL, review_on=review, **here)
        self.now += days * DAY
        self.attempt(enrollments.resume, **here)
        self.attempt(enrollments.reverse, note="Not so", **here)

    @rule(days=st.integers(min_value=0, max_value=20))
    def leave_and_stay(self, days: int) -> None:
        """An exit that is undone later."""
        here = self.some(1)
        self.attempt(enrollments.discharge, reason=DischargeReason.MOVED_AWAY, **here)
        self.now += days * DAY
        self.attempt(enrollments.reverse, note="Not so", **here)

    @invariant()
    def what_is_stored_is_what_history_gives(self) -> None:
        for row in self.rows():
            found = replay(steps(row))
            stored = Standing(EnrollmentStatus(row.status), phase_key(row), stays(row))
            assert found == stored

    @invariant()
    def stays_never_overlap_and_one_is_open_while_it_runs(self) -> None:
        for row in self.rows():
            spent = stays(row)
            assert all(one.ended_at is not None and one.ended_at <= two.started_at for one, two in pairwise(spent))
            assert [each.ended_at for each in spent].count(None) == (row.status in RUNNING)
            assert (row.ended_at is None) == (row.status in OPEN)

    @invariant()
    def nothing_is_owed_to_a_phase_that_was_left(self) -> None:
        for row in self.rows():
            owed = FollowUp.objects.open().filter(enrollment=row, anchor_kind="phase_entry", due_at__gt=self.now)
            here = PhaseStay.objects.filter(enrollment=row, ended_at__isnull=True).first()
            entry = {here.opened_by_transition.public_id} if here is not None else set()
            assert set(owed.values_list("anchor_id", flat=True)) <= entry

    @invariant()
    def one_program_is_open_once(self) -> None:
        programs = [row.program_id for row in self.rows() if row.status in OPEN]
        assert len(programs) == len(set(programs))

    def rows(self) -> list[Enrollment]:
        return list(Enrollment.objects.select_related("current_phase")) if hasattr(self, "outer") else []


def steps(row: Enrollment) -> list[Step]:
    found = row.transitions.select_related("from_phase", "to_phase", "reverses").order_by("pk")
    return [step_of(each) for each in found]


def step_of(row: Transition) -> Step:
    return Step(
        public_id=row.public_id,
        kind=MoveKind(row.kind),
        from_status=EnrollmentStatus(row.from_status),
        to_status=EnrollmentStatus(row.to_status),
        from_phase=row.from_phase.key if row.from_phase else None,
        to_phase=row.to_phase.key if row.to_phase else None,
        effective_at=row.effective_at,
        reverses=row.reverses.public_id if row.reverses else None,
    )


def phase_key(row: Enrollment) -> str | None:
    return row.current_phase.key if row.current_phase else None


def stays(row: Enrollment) -> tuple[Spent, ...]:
    found = PhaseStay.objects.filter(enrollment=row).select_related("phase").order_by("started_at", "pk")
    return tuple(Spent(each.phase.key, each.started_at, each.ended_at) for each in found)


def test_no_order_of_moves_leads_to_an_illegal_state() -> None:
    profile = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    DONE.clear()
    run_state_machine_as_test(partial(Course), settings=profile)
    assert {"advance", "step_back", "hold", "resume", "discharge", "reverse", "adopt_version"} <= DONE.keys(), DONE
