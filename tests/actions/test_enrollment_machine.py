"""Whatever is tried with an enrollment, in whatever order: no illegal state, a history that replays, stays in order.

A state machine tries every verb with real rows, back-dated or not; each either is done or is refused in a sentence. One
rule draws its verb from a list, so that every run tries all of them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, waits
from pathways.actions.level_transfers import transfer_level
from pathways.actions.returns import record_return_to_use
from pathways.models import Enrollment, FollowUp, LevelStay, PhaseStay, ProgramVersion, Transition
from pathways.queries.programs import document_of
from pathways.rules.capacity import LevelReason
from pathways.rules.histories import Spent, Standing, Step, replay
from pathways.rules.levels import Level
from pathways.rules.moves import (
    ENDED,
    OPEN,
    RUNNING,
    WAITING,
    DischargeReason,
    EnrollmentStatus,
    HoldReason,
    MoveKind,
    StepBackReason,
    TransferReason,
)
from pathways.rules.phases import allowed_moves
from pathways.rules.programs import AnchorKind
from patients.models import Patient
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FIRST = "assessment-and-stabilization"
PROGRAMS = ("open-way", "other-way")
ROLES = (Role.CLINICIAN, Role.SUPERVISOR)
BACK = st.sampled_from([None, None, None, None, HOUR, 3 * HOUR, 9 * DAY])
LATER = st.sampled_from([0, 0, 0, 1, 3, 12, 40])
ANY = st.integers(min_value=0, max_value=59)
DONE: Counter[str] = Counter()
"""What was done and not refused, by verb: a machine in which a verb never succeeds has tested nothing of it."""
TRIED = {
    "enroll": 1,
    "propose": 2,
    "waitlist": 2,
    "admit": 3,
    "advance": 5,
    "step_back": 3,
    "hold": 3,
    "resume": 3,
    "discharge": 3,
    "die": 1,
    "readmit": 3,
    "transfer_program": 3,
    "transfer_site": 3,
    "transfer_level": 2,
    "adopt_version": 4,
    "record_return_to_use": 2,
    "reverse": 4,
    "there_and_back": 6,
}
"""Every verb, and how often it is tried."""
OWED = ("enrollment", "anchor_kind", "anchor_id", "due_at", "site", "rung")
UNDONE = ("advance", "step_back", "hold", "resume", "discharge", "transfer_site")
"""Moves that change one enrollment alone, and can be undone."""
VERBS = st.sampled_from([name for name, weight in TRIED.items() for _ in range(weight)])


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands before the first move: two sites, who moves people, and the versions of two programs."""

    sites: tuple[Site, Site]
    by: Actor
    versions: dict[str, list[ProgramVersion]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """An enrollment with its moves, its stays and the contacts it owes."""

    row: Enrollment
    moves: list[Transition]
    stays: list[PhaseStay]
    levels: list[LevelStay]
    owed: list[FollowUp]


def ground() -> Ground:
    """Each program in two versions that owe other contacts; people begin on the second."""
    sites = (clinic.site(), clinic.site())
    by = clinic.actor(roles=ROLES, sites=sites)
    fewer = pathways.document()["follow_ups"][2:]
    versions = {
        key: [pathways.program(changed=open_way(key)), pathways.program(changed=open_way(key) | {"follow_ups": fewer})]
        for key in PROGRAMS
    }
    return Ground(sites, by, versions)


def open_way(key: str) -> dict[str, Any]:
    """The shipped program with no gates, so that every way can be walked."""
    document = pathways.document()
    return {
        "program": {**document["program"], "key": key, "title": key},
        "phases": [without(each, "entry", "exit") for each in document["phases"]],
        "transitions": [without(each, "gate") for each in document["transitions"]],
    }


def without(part: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {name: value for name, value in part.items() if name not in keys}


class Course(RuleBasedStateMachine):
    """One person, two programs, two sites; every verb at any time."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self.ground, self.by, self.now = ground, ground.by, NOW

    @initialize()
    def begin(self) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        self.person: Patient = patients.patient(self.ground.sites[0], by=self.by, now=NOW)
        self.attempt(enrollments.enroll, patient_id=self.person.public_id, program_key=PROGRAMS[0])

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    @rule(verb=VERBS, number=ANY, back=BACK, days=LATER)
    def tries(self, verb: str, number: int, back: timedelta | None, days: int) -> None:
        self.now += days * DAY
        getattr(self, verb)(number, back)

    def attempt(self, verb: Callable[..., Any], back: timedelta | None = None, **given: Any) -> bool:
        """Done, or refused with a sentence of its own; anything else fails the test."""
        self.now += 7 * HOUR
        if back is not None:
            given["effective_at"] = self.now - back
        try:
            verb(by=self.by, now=self.now, **given)
        except Refused as refused:
            assert refused.sentence.code != "refused.constraint", refused.code
            return False
        DONE[verb.__name__] += 1
        return True

    def some(self, number: int, where: Collection[EnrollmentStatus] = OPEN) -> Enrollment | None:
        """Mostly one where the move can begin, now and then any; None where there is none."""
        rows = list(Enrollment.objects.filter(patient=self.person).order_by("-pk"))
        fitting = [each for each in rows if each.status in where]
        chosen = fitting if fitting and number % 6 else rows
        return chosen[number % len(chosen)] if chosen else None

    def of(self, number: int, where: Collection[EnrollmentStatus] = OPEN) -> dict[str, Any]:
        row = self.some(number, where)
        return {"enrollment_id": row.public_id if row else self.person.public_id}

    def enroll(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.enroll, back, patient_id=self.person.public_id, program_key=PROGRAMS[number % 2])

    def propose(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.propose, patient_id=self.person.public_id, program_key=PROGRAMS[number % 2])

    def waitlist(self, number: int, back: timedelta | None) -> None:
        verb = waits.put_on_waitlist if number % 3 == 0 else enrollments.waitlist
        self.attempt(verb, patient_id=self.person.public_id, program_key=PROGRAMS[number % 2])

    def admit(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.admit, back, **self.of(number, WAITING))

    def advance(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.advance, back, **self.of(number))

    def step_back(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.step_back, back, reason=StepBackReason.RETURN_TO_USE, **self.of(number))

    def hold(self, number: int, back: timedelta | None) -> None:
        review = (self.now + (number % 40) * DAY).date()
        self.attempt(enrollments.hold, back, reason=HoldReason.TRAVEL, review_on=review, **self.of(number))

    def resume(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.resume, back, **self.of(number, {EnrollmentStatus.ON_HOLD}))

    def discharge(self, number: int, back: timedelta | None) -> None:
        reason = DischargeReason.COMPLETED if number % 2 else DischargeReason.CHOSE_TO_LEAVE
        self.attempt(enrollments.discharge, back, reason=reason, **self.of(number))

    def die(self, number: int, back: timedelta | None) -> None:
        """A death; mostly it was somebody else's, and is taken back."""
        here = self.of(number)
        died = self.attempt(enrollments.discharge, back, reason=DischargeReason.DIED, **here)
        if died and number % 4:
            self.attempt(enrollments.reverse, note="It was somebody else", **here)

    def readmit(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.readmit, back, to_phase=FIRST, **self.of(number, ENDED))

    def transfer_program(self, number: int, back: timedelta | None) -> None:
        row = self.some(number)
        other = PROGRAMS[row is not None and row.program.key == PROGRAMS[0]]
        where = {"program_key": other, "reason": TransferReason.MEDICAL, "to_phase": FIRST}
        self.attempt(enrollments.transfer_program, back, **where, **self.of(number))

    def transfer_site(self, number: int, back: timedelta | None) -> None:
        row = self.some(number)
        there = self.ground.sites[row is not None and row.site_id == self.ground.sites[0].pk]
        reason = TransferReason.CLOSER_TO_HOME
        self.attempt(enrollments.transfer_site, back, site_id=there.public_id, reason=reason, **self.of(number))

    def transfer_level(self, number: int, back: timedelta | None) -> None:
        to = {"to_level": list(Level)[number % len(Level)], "reason": LevelReason.PATIENT_ASKED, "note": "Agreed"}
        self.attempt(transfer_level, back, **to, **self.of(number, RUNNING))

    def adopt_version(self, number: int, back: timedelta | None) -> None:
        """Mostly phase by phase, now and then everybody into one phase."""
        row = self.some(number)
        versions = self.ground.versions[row.program.key if row else PROGRAMS[0]]
        to = versions[row is not None and row.program_version_id == versions[0].pk]
        keys = [each.key for each in to.phases.all()]
        phases = dict(zip(keys, keys, strict=True)) if number % 4 else dict.fromkeys(keys, keys[number % len(keys)])
        given = {"to_version_id": to.public_id, "phase_map": phases, "note": "Suits them"}
        self.attempt(enrollments.adopt_version, **given, **self.of(number))

    def record_return_to_use(self, number: int, back: timedelta | None) -> None:
        self.attempt(record_return_to_use, back or 2 * HOUR, **self.of(number, RUNNING))

    def reverse(self, number: int, back: timedelta | None) -> None:
        self.attempt(enrollments.reverse, note="Not so", **self.of(number))

    def there_and_back(self, number: int, back: timedelta | None) -> None:
        """A move that is undone at once leaves everything as it was."""
        before = {each.row.pk: picture(each) for each in recorded_of(self.person)}
        newest = Transition.objects.latest("pk").pk
        getattr(self, UNDONE[number % len(UNDONE)])(number // 2, back)
        made = Transition.objects.filter(pk__gt=newest).select_related("enrollment").first()
        if made is not None:
            assert self.attempt(enrollments.reverse, note="Not so", enrollment_id=made.enrollment.public_id)
            after = {each.row.pk: picture(each) for each in recorded_of(self.person)}
            assert after == before, [
                (name, before[pk][name], after[pk][name])
                for pk in before
                for name in before[pk]
                if before[pk][name] != after[pk][name]
            ]

    @invariant()
    def everything_stands_as_it_should(self) -> None:
        rows = recorded_of(self.person)
        for each in rows:
            stands_as_its_history_says(each)
            stays_are_in_order(each)
            owes_only_what_it_should(each, self.now)
            has_a_way_on(each)
        programs = [each.row.program_id for each in rows if each.row.status in OPEN]
        assert len(programs) == len(set(programs))
        if any(each.row.patient.died_on is not None for each in rows):
            assert not programs and not any(each.owed for each in rows)


def recorded_of(person: Patient) -> list[Recorded]:
    """Everything kept of each enrollment of the person, in five queries."""
    rows = Enrollment.objects.filter(patient=person).select_related("patient", "program_version", "current_phase")
    of_them = {"enrollment__patient": person}
    kept = [
        list(each)
        for each in (
            Transition.objects.filter(**of_them).select_related("from_phase", "to_phase").order_by("pk"),
            PhaseStay.objects.filter(**of_them).select_related("phase").order_by("started_at", "pk"),
            LevelStay.objects.filter(**of_them).order_by("pk"),
            FollowUp.objects.open().filter(patient=person).only(*OWED).order_by("pk"),
        )
    ]
    return [
        Recorded(row, *([each for each in found if each.enrollment_id == row.pk] for found in kept))
        for row in rows.defer("program_version__document")
    ]


def stands_as_its_history_says(kept: Recorded) -> None:
    row = kept.row
    ids = {each.pk: each.public_id for each in kept.moves}
    assert replay([step_of(each, ids) for each in kept.moves]) == Standing(
        EnrollmentStatus(row.status), row.current_phase.key if row.current_phase else None, spent(kept.stays)
    )
    if row.current_phase is not None:
        assert row.current_phase.program_version_id == row.program_version_id


def stays_are_in_order(kept: Recorded) -> None:
    row, stays = kept.row, kept.stays
    assert all(one.ended_at is not None and one.ended_at <= two.started_at for one, two in pairwise(stays))
    assert [each.ended_at for each in stays].count(None) == (row.status in RUNNING)
    assert [each.ended_at for each in kept.levels].count(None) <= (row.status in RUNNING)
    assert (row.ended_at is None) == (row.status in OPEN)
    assert (row.review_on is not None) == (row.status == EnrollmentStatus.ON_HOLD)


def owes_only_what_it_should(kept: Recorded, now: datetime) -> None:
    """Contacts still to come belong to the phase, the hold or the end the enrollment stands in."""
    status, owed = kept.row.status, [each for each in kept.owed if each.due_at > now]
    opened_by = {each.opened_by_transition_id for each in kept.stays if each.ended_at is None}
    entries = {each.public_id for each in kept.moves if each.pk in opened_by}
    assert {each.anchor_id for each in owed if each.anchor_kind == AnchorKind.PHASE_ENTRY} <= entries
    kinds = {each.anchor_kind for each in owed}
    if status in ENDED:
        assert kinds <= {AnchorKind.DISCHARGE}
    else:
        assert AnchorKind.DISCHARGE not in kinds
    assert (AnchorKind.PHASE_ENTRY if status == EnrollmentStatus.ON_HOLD else AnchorKind.HOLD) not in kinds


def has_a_way_on(kept: Recorded) -> None:
    row = kept.row
    if row.status in OPEN:
        phase = row.current_phase.key if row.current_phase else None
        assert allowed_moves(document_of(row.program_version), EnrollmentStatus(row.status), phase, ROLES)


def spent(stays: Sequence[PhaseStay]) -> tuple[Spent, ...]:
    return tuple(Spent(each.phase.key, each.started_at, each.ended_at) for each in stays)


def picture(kept: Recorded) -> dict[str, Any]:
    """An enrollment as an undo must leave it."""
    row = kept.row
    return {
        "at": (row.status, row.current_phase_id, row.site_id, row.review_on, row.ended_at),
        "stays": spent(kept.stays),
        "levels": [(each.pk, each.level, each.started_at, each.ended_at) for each in kept.levels],
        "owed": {(each.pk, each.due_at, each.site_id, each.rung) for each in kept.owed},
    }


def step_of(row: Transition, ids: dict[int, UUID]) -> Step:
    return Step(
        public_id=row.public_id,
        kind=MoveKind(row.kind),
        from_status=EnrollmentStatus(row.from_status),
        to_status=EnrollmentStatus(row.to_status),
        from_phase=row.from_phase.key if row.from_phase else None,
        to_phase=row.to_phase.key if row.to_phase else None,
        effective_at=row.effective_at,
        reverses=ids[row.reverses_id] if row.reverses_id else None,
    )


def test_no_order_of_moves_leads_to_an_illegal_state() -> None:
    profile = settings(
        max_examples=25,
        stateful_step_count=40,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    DONE.clear()
    run_state_machine_as_test(partial(Course, ground()), settings=profile)
    assert set(TRIED) - {"die", "there_and_back"} <= DONE.keys(), DONE
