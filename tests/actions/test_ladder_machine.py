"""Whatever happens to a contact, in whatever order: one outcome, or open with a way on; never both, and never lost.

A state machine lets time pass in silence, lets messages go or come to nothing, and tries every verb that touches a
contact with real rows: answers, calls and their undo, patience, ends, other days, addresses, moves, exits and undo.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import contacts, enrollments, follow_ups, reminders
from pathways.actions.reminders import Reported
from pathways.actions.returns import record_return_to_use
from pathways.models import CallResult, Enrollment, FollowUp, OwedContact, Reminder
from pathways.queries.programs import document_of
from pathways.rules.follow_ups import OUR_OWN, Outcome
from pathways.rules.follow_ups import CallResult as Result
from pathways.rules.moves import ENDED, DischargeReason, EnrollmentStatus, HoldReason, StepBackReason
from pathways.rules.programs import Ladder
from pathways.rules.reminders import OutcomeKind
from patients.models import ContactPoint, Patient
from tests.actions.test_enrollment_machine import open_way
from tests.factories import clinic, pathways, patients
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KEY = "one-outcome"
RULES = (
    "welcome", "therapy-weekly-check-in", "therapy-bam", "after-return-to-use", "after-discharge", "hold-review",
    "proposal-review", "waitlist-review",
)  # fmt: skip
ANY = st.integers(min_value=0, max_value=59)
DONE: Counter[str] = Counter()
"""What was done and not refused: a machine in which a verb never succeeds has tested nothing of it."""
TRIED = {
    "silence": 12, "messages_go": 8, "answer": 5, "call": 8, "undo_call": 5, "grace": 3, "close": 3, "another_day": 3,
    "address": 3, "support_person": 2, "advance": 3, "step_back": 5, "hold": 2, "resume": 3, "discharge": 1,
    "readmit": 2, "return_to_use": 1, "reverse": 3,
}  # fmt: skip
VERBS = st.sampled_from([name for name, weight in TRIED.items() for _ in range(weight)])


def program() -> None:
    """The shipped program without gates, with few contacts of each sort; every ladder is the shipped one."""
    kept = [each for each in pathways.document()["follow_ups"] if each["rule_key"] in RULES]
    pathways.program(changed=open_way(KEY) | {"follow_ups": kept})


class Contacts(RuleBasedStateMachine):
    """One person, one program, everything at any time."""

    def __init__(self, site: Site, by: Actor, job: Actor) -> None:
        super().__init__()
        self.site, self.by, self.job, self.now = site, by, job, NOW
        self.known: dict[int, str] = {}
        """Every contact ever seen, with its outcome when last seen."""
        self.reopened = False
        """Whether the last verb may open again what had ended."""

    @initialize(second=st.booleans())
    def begin(self, second: bool) -> None:
        self.outer = transaction.atomic()
        self.outer.__enter__()
        points = [patients.phone(), patients.email()] if second else [patients.phone()]
        self.person: Patient = patients.patient(self.site, by=self.by, now=NOW, contact_points=points)
        self.attempt(enrollments.enroll, patient_id=self.person.public_id, program_key=KEY)

    def teardown(self) -> None:
        if hasattr(self, "outer"):
            transaction.set_rollback(True)
            self.outer.__exit__(None, None, None)

    @rule(verb=VERBS, number=ANY)
    def tries(self, verb: str, number: int) -> None:
        self.now += HOUR
        self.reopened = verb in ("undo_call", "reverse", "resume", "readmit", "hold", "call", "close")
        if getattr(self, verb)(number):
            DONE[verb] += 1

    def attempt(self, verb: Callable[..., Any], **given: Any) -> bool:
        """Done, or refused with a sentence of its own; anything else fails the test."""
        try:
            verb(by=self.by, now=self.now, **given)
        except Refused as refused:
            assert refused.sentence.code != "refused.constraint", refused.code
            return False
        return True

    def owed(self, number: int) -> FollowUp | None:
        """A contact that is open, mostly the next to be acted on; now and then any there was."""
        rows = FollowUp.objects.filter(patient=self.person).order_by("act_at", "pk")
        found = list(rows.open()[:3]) if number % 7 else list(rows)
        return found[number % len(found)] if found else None

    # -- what happens by itself ----------------------------------------------------------------------------------------

    def silence(self, number: int) -> bool:
        """Time passes: some hours, or to the very moment the next contact climbs; and once for very long."""
        next_climb = FollowUp.objects.open().filter(climbs_at__gt=self.now).order_by("climbs_at").first()
        waits = next_climb.climbs_at if next_climb is not None and next_climb.climbs_at and number % 3 else None
        self.now = max(self.now, waits or self.now + (number % 50) * HOUR + (60 * DAY if number == 59 else 0 * DAY))
        climbed = follow_ups.climb_ladders(by=self.job, now=self.now, patients=[self.person.pk])
        return climbed["climbed"] > 0

    def messages_go(self, number: int) -> bool:
        """The next that is due goes, and arrives or comes to nothing."""
        following = Reminder.objects.filter(patient=self.person, status="planned").order_by("next_at").first()
        if following is not None and number % 3:
            self.now = max(self.now, following.next_at)
        claim = reminders.claim_due(by=self.job, now=self.now, patients=[self.person.pk])
        went = False
        for ids in claim.by_channel.values():
            window = reminders.open_window(by=self.job, now=self.now, claim_id=claim.claim_id, ids=ids, live=False)
            kind = OutcomeKind.PERMANENT if number % 4 == 0 else OutcomeKind.DELIVERED
            told = [Reported(each, kind) for each in window]
            reminders.record_outcomes(by=self.job, now=self.now, claim_id=claim.claim_id, reported=told)
            went = went or bool(told)
        return went

    def answer(self, number: int) -> bool:
        """The patient answers; whoever had it looks at it now, and no message of it goes any more."""
        row = self.owed(number)
        if row is None:
            return False
        ended = row.outcome
        found = follow_ups.note_answer(by=self.job, now=self.now, follow_up_id=row.public_id)
        assert found.outcome == ended
        if not ended:
            assert ladder(found).rungs[found.rung].kind in OUR_OWN
            assert found.act_at <= self.now
            assert not found.reminders.filter(status="planned").exists()
        return not ended

    # -- what people do ------------------------------------------------------------------------------------------------

    def call(self, number: int) -> bool:
        row = self.owed(number)
        result = list(Result)[number % len(Result)]
        if row is None or not self.attempt(follow_ups.record_call, follow_up_id=row.public_id, result=result):
            return False
        row.refresh_from_db()
        assert row.outcome or row.act_at > self.now
        return True

    def undo_call(self, number: int) -> bool:
        newest = CallResult.objects.filter(follow_up__patient=self.person).order_by("-pk").first()
        if newest is None:
            return False
        before = FollowUp.objects.get(pk=newest.follow_up_id)
        self.now = min(self.now, newest.made_at + timedelta(minutes=5)) if number % 3 else self.now
        undone = self.attempt(follow_ups.undo_call, call_id=newest.public_id)
        assert undone or FollowUp.objects.get(pk=before.pk).outcome == before.outcome
        return undone

    def grace(self, number: int) -> bool:
        kept = getattr(Patient.objects.get(pk=self.person.pk), "contact_preference", None)
        return self.attempt(
            contacts.prefer, patient=self.person, expected_version=kept.version if kept else None,
            preferred_channel="email" if number % 2 else "", reminders_wanted=True, grace_hours=number % 60,
        )  # fmt: skip

    def close(self, number: int) -> bool:
        row = self.owed(number)
        outcome = list(Outcome)[number % len(Outcome)]
        return row is not None and self.attempt(
            follow_ups.close, follow_up_id=row.public_id, outcome=outcome, note="As agreed" if number % 5 else ""
        )

    def another_day(self, number: int) -> bool:
        row, on = self.owed(number), (self.now + (number % 9) * DAY).date()
        return row is not None and self.attempt(follow_ups.reschedule, follow_up_id=row.public_id, on=on)

    def address(self, number: int) -> bool:
        """One more, or one less."""
        point = ContactPoint.objects.filter(patient=self.person, retired_at__isnull=True).order_by("pk").first()
        if point is not None and number % 2:
            return self.attempt(contacts.retire, contact_point=point, expected_version=point.version)
        new = patients.phone(f"+1415555{number:04d}") if number % 3 else patients.email(f"p{number}@example.org")
        return self.attempt(contacts.add, patient=self.person, point=new)

    def support_person(self, number: int) -> bool:
        """Consent names one from now on."""
        patients.support_consented(self.person, by=self.by, at=self.now)
        return True

    # -- moves ---------------------------------------------------------------------------------------------------------

    def course(self) -> dict[str, Any]:
        row = Enrollment.objects.filter(patient=self.person).order_by("ended_at", "-pk").last()
        newest = Enrollment.objects.filter(patient=self.person, ended_at__isnull=True).first() or row
        return {"enrollment_id": newest.public_id if newest else self.person.public_id}

    def advance(self, number: int) -> bool:
        return self.attempt(enrollments.advance, **self.course())

    def step_back(self, number: int) -> bool:
        return self.attempt(enrollments.step_back, reason=StepBackReason.RETURN_TO_USE, **self.course())

    def hold(self, number: int) -> bool:
        review = (self.now + (number % 40) * DAY).date()
        return self.attempt(enrollments.hold, reason=HoldReason.TRAVEL, review_on=review, **self.course())

    def resume(self, number: int) -> bool:
        return self.attempt(enrollments.resume, **self.course())

    def discharge(self, number: int) -> bool:
        return self.attempt(enrollments.discharge, reason=DischargeReason.CHOSE_TO_LEAVE, **self.course())

    def readmit(self, number: int) -> bool:
        return self.attempt(enrollments.readmit, to_phase="assessment-and-stabilization", **self.course())

    def return_to_use(self, number: int) -> bool:
        return self.attempt(record_return_to_use, effective_at=self.now - HOUR, **self.course())

    def reverse(self, number: int) -> bool:
        return self.attempt(enrollments.reverse, note="Not so", **self.course())

    # -- what must hold ------------------------------------------------------------------------------------------------

    @invariant()
    def each_has_one_outcome_or_a_way_on(self) -> None:
        rows = FollowUp.objects.filter(patient=self.person).select_related("enrollment__program_version")
        seen: dict[int, str] = {}
        for row in rows.defer("enrollment__program_version__document"):
            seen[row.pk] = row.outcome
            ends_once(row)
            if not row.outcome:
                has_a_way_on(row)
        assert self.known.keys() <= seen.keys(), "a contact is gone"
        assert OwedContact.objects.filter(enrollment__patient=self.person).count() == len(seen)
        if not self.reopened:
            changed = [pk for pk, outcome in self.known.items() if outcome and outcome != seen[pk]]
            assert not changed, "what had ended has another outcome"
        self.known = seen

    @invariant()
    def messages_are_of_open_contacts_on_their_step_and_one_each(self) -> None:
        rows = Reminder.objects.filter(patient=self.person, follow_up__isnull=False).select_related("follow_up")
        of_step: Counter[tuple[Any, ...]] = Counter()
        for row in rows:
            contact = row.follow_up
            assert contact is not None
            if row.status == "planned":
                assert not contact.outcome
                assert (row.subject_version, row.rung) == (contact.plan_version, contact.rung)
            if row.status != "cancelled":
                of_step[row.follow_up_id, row.subject_version, row.rung] += 1
        assert all(number == 1 for number in of_step.values()), "twice about the same step"

    @invariant()
    def who_has_left_is_owed_only_what_outlives_it(self) -> None:
        for row in Enrollment.objects.filter(patient=self.person, status__in=[each.value for each in ENDED]):
            # What was due when they left stays owed, and a person may have given it another day since.
            to_come = FollowUp.objects.open().filter(enrollment=row, due_at__gt=self.now, by_hand=False)
            assert not to_come.filter(survives_discharge=False).exists()


def ladder(row: FollowUp) -> Ladder:
    return document_of(row.enrollment.program_version).ladder(row.ladder)


def ends_once(row: FollowUp) -> None:
    """The outcome, when and by whom: all of it or nothing of it."""
    assert bool(row.outcome) == (row.closed_at is not None) == (row.closed_by_id is not None)


def has_a_way_on(row: FollowUp) -> None:
    """Silence moves it on, or it is a person's to decide; whoever or whatever acts next has a time for it."""
    rungs = ladder(row).rungs
    is_last = row.rung == len(rungs) - 1
    assert (row.climbs_at is None) == is_last
    assert not is_last or rungs[row.rung].kind in OUR_OWN
    assert row.owner_role or row.owner_id
    assert row.act_at is not None


def test_no_order_of_events_gives_a_contact_two_outcomes_or_loses_it() -> None:
    site = clinic.site()
    by = clinic.actor(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[site])
    program()
    profile = settings(
        max_examples=20,
        stateful_step_count=50,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    DONE.clear()
    run_state_machine_as_test(partial(Contacts, site, by, clinic.job()), settings=profile)
    assert set(TRIED) <= DONE.keys(), DONE


def test_after_half_a_year_of_silence_every_contact_that_is_due_stands_with_a_supervisor() -> None:
    """Whatever was tried before: nobody is left on a step on which nobody looks."""
    site, job = clinic.site(), clinic.job()
    by = clinic.actor(roles=[Role.CLINICIAN, Role.SUPERVISOR], sites=[site])
    program()
    person = patients.patient(site, by=by, contact_points=[patients.phone(), patients.email()])
    row = pathways.enrolled(person, by=by, site=site, program_key=KEY)
    now: datetime = NOW + 180 * DAY
    while follow_ups.climb_ladders(by=job, now=now)["climbed"]:
        pass
    due = FollowUp.objects.open().filter(enrollment=row, due_at__lte=now)
    assert due.exists()
    assert {each.owner_role for each in due} == {Role.SUPERVISOR}
    assert row.status == EnrollmentStatus.ACTIVE
