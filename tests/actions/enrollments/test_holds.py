"""A hold is reviewed on its day, cancels what is to come, and gives it back when it ends or is undone."""

from datetime import date, timedelta

import pytest

from clinic.models import Actor
from pathways.actions import enrollments
from pathways.models import Enrollment, Transition
from pathways.rules.moves import HoldReason
from tests.actions.enrollments.asking import asked, open_contacts
from tests.factories.course import DAY, LATER, ready_for_therapy
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db


def held(row: Enrollment, by: Actor, review_on: date = date(2026, 7, 10)) -> Transition:
    return enrollments.hold(**asked(row, by, reason=HoldReason.TRAVEL, review_on=review_on))


def test_a_hold_is_reviewed_on_the_day_that_was_chosen(enrollment: Enrollment, clinician: Actor) -> None:
    move = held(enrollment, clinician)
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("on_hold", date(2026, 7, 10))
    reviews = open_contacts(enrollment, anchor_id=move.public_id)
    assert reviews[0].due_on == date(2026, 7, 10)
    assert all(each.due_on > date(2026, 7, 10) for each in reviews[1:])


def test_a_review_in_the_past_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    refused = refusal(
        enrollments.hold,
        **asked(enrollment, clinician, reason=HoldReason.TRAVEL, review_on=date(2026, 6, 1)),
    )
    assert list(refused.fields) == ["review_on"]


def test_a_hold_cancels_what_is_to_come_and_resuming_brings_it_back(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment, due_at__gt=LATER + 2 * DAY)}
    move = held(enrollment, clinician)
    assert not open_contacts(enrollment, anchor_kind="phase_entry", due_at__gt=LATER)
    enrollments.resume(**asked(enrollment, clinician, LATER + 2 * DAY))
    assert {each.pk for each in open_contacts(enrollment, due_at__gt=LATER + 2 * DAY)} == before
    assert not open_contacts(enrollment, anchor_id=move.public_id)


def test_undoing_a_resumption_holds_again_with_its_review(enrollment: Enrollment, clinician: Actor) -> None:
    move = held(enrollment, clinician)
    waiting = {each.pk for each in open_contacts(enrollment)}
    enrollments.resume(**asked(enrollment, clinician, LATER + 2 * DAY))
    enrollments.reverse(**asked(enrollment, clinician, LATER + 2 * DAY + timedelta(hours=1), note="Not back yet"))
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("on_hold", date(2026, 7, 10))
    assert {each.pk for each in open_contacts(enrollment)} == waiting
    assert open_contacts(enrollment, anchor_id=move.public_id)


def test_undoing_a_hold_brings_everything_back(enrollment: Enrollment, clinician: Actor) -> None:
    before = {each.pk for each in open_contacts(enrollment)}
    held(enrollment, clinician)
    enrollments.reverse(**asked(enrollment, clinician, LATER + timedelta(hours=1), note="Stays after all"))
    enrollment.refresh_from_db()
    assert (enrollment.status, enrollment.review_on) == ("active", None)
    assert {each.pk for each in open_contacts(enrollment)} == before


def test_nobody_moves_on_while_on_hold(enrollment: Enrollment, clinician: Actor) -> None:
    ready_for_therapy(enrollment, clinician)
    held(enrollment, clinician)
    assert refusal(enrollments.advance, **asked(enrollment, clinician, LATER + DAY)).status == 409
