"""Contacts under way when their ladder changes: each goes on where a person, a message or silence can move it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from clinic.errors import Refused
from clinic.models import Actor, Site
from pathways.actions import enrollments, findings, follow_ups
from pathways.models import Enrollment, FollowUp, ProgramVersion
from pathways.queries import worklist
from pathways.queries.follow_ups import due_to_climb
from pathways.rules.follow_ups import CallResult
from tests.factories import clinic, course, pathways, patients
from tests.factories.course import DAY, LATER, climbed

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
SAME = {key: key for key in ("assessment-and-stabilization", "behavioral-therapy", "aftercare")}


@pytest.fixture
def enrollment(site: Site, clinician: Actor) -> Enrollment:
    person = patients.patient(site, by=clinician, contact_points=[patients.phone(), patients.email()])
    return pathways.enrolled(person, site=site, by=clinician)


@pytest.fixture
def welcome(enrollment: Enrollment) -> FollowUp:
    """The first contact of somebody who can be written to on two channels."""
    return enrollment.follow_ups.get(rule_key="welcome")


def renamed(ladder: str) -> ProgramVersion:
    """A version in which that ladder is called otherwise."""
    document = pathways.document()
    ladders = [{**each, "key": "near"} if each["key"] == ladder else each for each in document["ladders"]]
    owed = [{**each, "ladder": "near"} if each["ladder"] == ladder else each for each in document["follow_ups"]]
    return pathways.program(changed={"ladders": ladders, "follow_ups": owed})


def adopted(row: Enrollment, by: Actor, version: ProgramVersion, now: datetime = LATER) -> None:
    enrollments.adopt_version(
        by=by, now=now, enrollment_id=row.public_id, to_version_id=version.public_id, phase_map=SAME,
        note="The new ladder suits them",
    )  # fmt: skip


def with_rungs(row: FollowUp, rungs: list[dict[str, Any]]) -> ProgramVersion:
    """A version in which the ladder this contact is on has these steps."""
    ladders = pathways.document()["ladders"]
    changed = [{**each, "rungs": rungs} if each["key"] == row.ladder else each for each in ladders]
    return pathways.program(changed={"ladders": changed})


def rungs_of(row: FollowUp) -> list[dict[str, Any]]:
    return next(each["rungs"] for each in pathways.document()["ladders"] if each["key"] == row.ladder)


def owed_still(row: Enrollment, rule_key: str) -> bool:
    return FollowUp.objects.open().filter(enrollment=row, rule_key=rule_key, due_at__gt=LATER).exists()


def test_a_contact_whose_ladder_is_gone_goes_on_with_one_that_is_there(
    enrollment: Enrollment, clinician: Actor
) -> None:
    adopted(enrollment, clinician, renamed("close-contact"))
    assert not FollowUp.objects.open().filter(enrollment=enrollment, ladder="close-contact").exists()
    assert FollowUp.objects.open().filter(enrollment=enrollment, ladder="near").exists()


def test_what_was_kept_before_a_ladder_was_renamed_climbs_and_is_shown_when_it_is_owed_again(
    enrollment: Enrollment, clinician: Actor, site: Site
) -> None:
    course.to_therapy(enrollment, clinician)
    form = enrollment.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    made = course.recorded(enrollment.patient, "phq9", by=clinician, at=form.due_at)
    form.refresh_from_db()
    assert form.outcome == "kept"
    adopted(enrollment, clinician, renamed(form.ladder), now=form.due_at + DAY)
    findings.retract_assessment(assessment=made, reason="Wrong person", by=clinician, now=form.due_at + 2 * DAY)
    form.refresh_from_db()
    assert (form.outcome, form.ladder) == ("", "near")
    worklist.owed(clinician, site, now=form.due_at + 10 * DAY)
    assert follow_ups.climb_ladders(by=clinic.job(), now=form.due_at + 10 * DAY)["climbed"]


def test_a_contact_that_ended_stays_as_it_ended(enrollment: Enrollment, welcome: FollowUp, clinician: Actor) -> None:
    follow_ups.record_call(by=clinician, now=LATER, follow_up_id=welcome.public_id, result=CallResult.REACHED)
    (ended,) = FollowUp.objects.filter(pk=welcome.pk).values()
    adopted(enrollment, clinician, renamed(welcome.ladder), now=LATER + MINUTE)
    assert FollowUp.objects.filter(pk=welcome.pk).values().get() == ended
    assert FollowUp.objects.open().filter(enrollment=enrollment, ladder="near").exists()


def test_a_form_withdrawn_after_its_ladder_became_shorter_is_owed_on_the_last_step(
    enrollment: Enrollment, clinician: Actor
) -> None:
    course.to_therapy(enrollment, clinician)
    form = enrollment.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    assert climbed(form, 400).rung == len(rungs_of(form)) - 1
    made = course.recorded(enrollment.patient, "phq9", by=clinician, at=form.due_at + 401 * HOUR)
    last = rungs_of(form)[-1]
    adopted(enrollment, clinician, with_rungs(form, [last]), now=form.due_at + 402 * HOUR)
    undone_at = form.due_at + 403 * HOUR
    findings.retract_assessment(assessment=made, reason="Wrong person", by=clinician, now=undone_at)
    form.refresh_from_db()
    assert (form.outcome, form.rung, form.climbs_at) == ("", 0, None)


def owed_again_on(rungs: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], form: FollowUp, by: Actor) -> datetime:
    """The form is filled in on the step it stands on, its ladder is changed, and the answer is withdrawn: when."""
    row, last = form.enrollment, form.rung_since or form.due_at
    made = course.recorded(form.patient, "phq9", by=by, at=last + 2 * HOUR)
    adopted(row, by, with_rungs(form, rungs(rungs_of(form))), now=last + 3 * HOUR)
    at = last + 4 * HOUR
    findings.retract_assessment(assessment=made, reason="Wrong person", by=by, now=at)
    form.refresh_from_db()
    assert (form.outcome, form.rung_since) == ("", at)
    return at


def test_a_form_withdrawn_after_its_step_became_another_message_has_that_message(
    enrollment: Enrollment, clinician: Actor
) -> None:
    course.to_therapy(enrollment, clinician)
    form = enrollment.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    at = owed_again_on(lambda rungs: [{**rungs[0], "kind": "second_channel"}, *rungs[1:]], form, clinician)
    (message,) = form.reminders.filter(status="planned")
    assert (message.rung, message.channel) == (form.rung, "email")
    assert message.due_at >= at


def test_a_form_withdrawn_after_its_call_became_a_message_has_that_message(
    enrollment: Enrollment, clinician: Actor
) -> None:
    course.to_therapy(enrollment, clinician)
    form = enrollment.follow_ups.get(rule_key="therapy-mood", occurrence=1)
    call = next(at for at, each in enumerate(rungs_of(form)) if each["kind"] == "staff_call")
    while form.rung < call:
        climbed(form, (form.climbs_at - form.due_at) // HOUR + 1)  # type: ignore[operator]
    message = {"kind": "message", "wait_hours": 24}
    at = owed_again_on(lambda rungs: [*rungs[:call], message, *rungs[call + 1 :]], form, clinician)
    assert [each.rung for each in form.reminders.filter(status="planned", due_at__gte=at)] == [call]


def test_a_contact_that_ended_and_is_owed_again_finds_a_ladder_that_is_there(
    enrollment: Enrollment, clinician: Actor
) -> None:
    weekly = "stabilization-weekly-contact"
    owed = [each for each in pathways.document()["follow_ups"] if each["rule_key"] != weekly]
    adopted(enrollment, clinician, pathways.program(changed={"follow_ups": owed}))
    assert not owed_still(enrollment, weekly)
    adopted(enrollment, clinician, renamed("contact"), now=LATER + HOUR)
    assert owed_still(enrollment, weekly)
    assert set(enrollment.follow_ups.filter(rule_key=weekly).values_list("ladder", flat=True)) == {"near"}


def test_a_contact_that_moves_begins_on_the_ladder_its_rule_has_now(enrollment: Enrollment, clinician: Actor) -> None:
    weekly = "stabilization-weekly-contact"
    other = {"ladder": "close-contact", "at": "11:15"}
    owed = [{**each, **other} if each["rule_key"] == weekly else each for each in pathways.document()["follow_ups"]]
    adopted(enrollment, clinician, pathways.program(changed={"follow_ups": owed}))
    moved = FollowUp.objects.open().filter(enrollment=enrollment, rule_key=weekly, due_at__gt=LATER)
    assert set(moved.values_list("ladder", flat=True)) == {"close-contact"}


def test_a_call_from_before_the_ladder_changed_is_not_taken_back_onto_it(
    enrollment: Enrollment, clinician: Actor
) -> None:
    row = enrollment.follow_ups.get(rule_key="welcome")
    call = follow_ups.record_call(by=clinician, now=LATER, follow_up_id=row.public_id, result=CallResult.REACHED)
    adopted(enrollment, clinician, renamed(row.ladder), now=LATER + MINUTE)
    with pytest.raises(Refused, match="call_not_undoable"):
        follow_ups.undo_call(by=clinician, now=LATER + 2 * MINUTE, call_id=call.public_id)


def test_a_call_that_led_to_the_next_step_is_not_taken_back_onto_one_that_changed(
    welcome: FollowUp, clinician: Actor
) -> None:
    tried = climbed(welcome, 49).due_at + 50 * HOUR
    rungs = rungs_of(welcome)
    for _ in range(rungs[3]["tries"]):
        call = follow_ups.record_call(
            by=clinician, now=tried, follow_up_id=welcome.public_id, result=CallResult.NO_ANSWER
        )
    welcome.refresh_from_db()
    assert welcome.rung > 3
    rungs[3]["wait_hours"] += 24
    adopted(welcome.enrollment, clinician, with_rungs(welcome, rungs), now=tried + MINUTE)
    with pytest.raises(Refused, match="call_not_undoable"):
        follow_ups.undo_call(by=clinician, now=tried + 2 * MINUTE, call_id=call.public_id)


def test_a_call_is_taken_back_where_the_new_version_reads_the_same_for_it(
    enrollment: Enrollment, welcome: FollowUp, clinician: Actor
) -> None:
    call = follow_ups.record_call(by=clinician, now=LATER, follow_up_id=welcome.public_id, result=CallResult.REACHED)
    adopted(enrollment, clinician, renamed("close-contact"), now=LATER + MINUTE)
    assert welcome.ladder != "close-contact"
    assert not follow_ups.undo_call(by=clinician, now=LATER + 2 * MINUTE, call_id=call.public_id).outcome


def test_on_the_last_step_of_a_ladder_that_became_shorter_silence_ends(welcome: FollowUp, clinician: Actor) -> None:
    assert climbed(welcome, 49).rung == 3
    shorter = with_rungs(welcome, rungs_of(welcome)[:4])
    adopted(welcome.enrollment, clinician, shorter, now=welcome.due_at + 50 * HOUR)
    assert climbed(welcome, 700).rung == 3
    assert welcome.climbs_at is None
    assert welcome.pk not in due_to_climb(welcome.due_at + 700 * HOUR, 500)


def test_a_last_step_that_is_the_last_no_more_climbs_on(welcome: FollowUp, clinician: Actor) -> None:
    assert climbed(welcome, 400).climbs_at is None
    *before, last = rungs_of(welcome)
    longer = with_rungs(welcome, [*before, {"kind": "staff_call", "wait_hours": 24, "tries": 1}, last])
    adopted(welcome.enrollment, clinician, longer, now=welcome.due_at + 401 * HOUR)
    assert climbed(welcome, 401).rung == 4
    assert welcome.climbs_at == welcome.due_at + 425 * HOUR
    assert climbed(welcome, 426).rung == 5


def test_a_step_under_way_gets_the_wait_it_has_in_the_new_version(welcome: FollowUp, clinician: Actor) -> None:
    climbed(welcome, 49)
    since = welcome.rung_since
    assert since is not None
    rungs = rungs_of(welcome)
    rungs[3]["wait_hours"] = 96
    adopted(welcome.enrollment, clinician, with_rungs(welcome, rungs), now=welcome.due_at + 50 * HOUR)
    welcome.refresh_from_db()
    assert (welcome.rung, welcome.rung_since, welcome.climbs_at) == (3, since, since + 96 * HOUR)


def test_a_step_that_is_a_message_now_begins_anew_with_one(welcome: FollowUp, clinician: Actor) -> None:
    climbed(welcome, 49)
    now = welcome.due_at + 50 * HOUR
    rungs = rungs_of(welcome)
    rungs[3] = {"kind": "message", "wait_hours": 24}
    adopted(welcome.enrollment, clinician, with_rungs(welcome, rungs), now=now)
    welcome.refresh_from_db()
    assert (welcome.rung, welcome.rung_since, welcome.climbs_at) == (3, now, now + 24 * HOUR)
    assert welcome.reminders.filter(rung=3, status="planned").exists()
