"""A link to a form: answers are scored, kept, and end the contact that asked for them."""

import pytest

from clinic.errors import Refused
from clinic.models import Actor
from pathways.actions import links
from pathways.models import FollowUp
from pathways.rules.follow_ups import Outcome
from patients.models import Patient, SafetyFlag
from tests.factories import links as given
from tests.factories.course import quiet, recorded
from tests.factories.links import again, bearer, form_owed, refused
from tests.factories.patients import NOW
from tests.factories.replies import stands_with_a_person
from tests.factories.sessions import HOUR

pytestmark = pytest.mark.django_db


def test_answers_are_scored_kept_and_raise_their_flags(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "phq9", by=by)
    answers = quiet("phq9") | {"phq9_9": 1, "phq9_10": 0}
    said = {"by": bearer(link), "now": NOW, "link_id": link.public_id, "answers": answers, "context": {}}
    made = links.record_answers(**said)
    assert (made.recorded_by, made.total, made.scoring_status) == (bearer(link), 1, "complete")
    assert SafetyFlag.objects.get(patient=person).alert_key == "phq9_suicide"
    with pytest.raises(Refused, match="link_closed"):
        links.record_answers(**said)


@pytest.fixture
def owed(person: Patient, by: Actor) -> FollowUp:
    """The first mood questionnaire that somebody in therapy is asked for."""
    return form_owed(person, by)


def test_answers_keep_the_contact_that_asked_for_them_and_raise_its_flags(owed: FollowUp, by: Actor) -> None:
    link = given.to_form_of(owed, by=by, now=owed.due_at)
    others = FollowUp.objects.open().filter(patient=owed.patient, instrument=owed.instrument).exclude(pk=owed.pk)
    still_owed = set(others)
    answers = quiet(owed.instrument) | {"phq9_9": 1, "phq9_10": 0}
    at = owed.due_at + HOUR
    made = links.record_answers(by=bearer(link), now=at, link_id=link.public_id, answers=answers, context={})
    owed.refresh_from_db()
    assert (owed.outcome, owed.answered_by, owed.closed_by) == (Outcome.KEPT, made.public_id, bearer(link))
    assert not owed.reminders.filter(status__in=["planned", "leased"]).exists()
    assert set(others) == still_owed
    assert SafetyFlag.objects.get(patient=owed.patient).alert_key == "phq9_suicide"


def test_answers_that_leave_some_out_end_the_silence_and_are_for_its_owner(owed: FollowUp, by: Actor) -> None:
    link = given.to_form_of(owed, by=by, now=owed.due_at)
    answers = {key: value for key, value in quiet(owed.instrument).items() if not key.endswith("_3")}
    at = owed.due_at + HOUR
    made = links.record_answers(by=bearer(link), now=at, link_id=link.public_id, answers=answers, context={})
    owed.refresh_from_db()
    assert made.scoring_status != "complete"
    assert (owed.outcome, stands_with_a_person(owed), owed.act_at) == ("", True, at)
    assert not owed.reminders.filter(status__in=["planned", "leased"]).exists()


def test_what_is_kept_before_the_rest_is_asked_is_looked_at_and_finished_as_one_form(owed: FollowUp, by: Actor) -> None:
    link, at = given.to_form_of(owed, by=by, now=owed.due_at), owed.due_at + HOUR
    said = {"by": bearer(link), "now": at, "link_id": link.public_id, "context": {}}
    links.keep_answers(**said, answers={"phq9_9": 1})
    owed.refresh_from_db()
    assert (owed.outcome, stands_with_a_person(owed), owed.act_at) == ("", True, at)
    assert again(link).used_at is None
    made = links.record_answers(**said, answers=quiet("phq9") | {"phq9_9": 1, "phq9_10": 0})
    owed.refresh_from_db()
    assert (owed.outcome, owed.answered_by) == (Outcome.KEPT, made.public_id)
    assert SafetyFlag.objects.get(patient=owed.patient).assessment == made


def test_a_link_to_a_form_is_over_when_the_contact_that_asked_is(owed: FollowUp, by: Actor) -> None:
    link = given.to_form_of(owed, by=by)
    recorded(owed.patient, owed.instrument, by=by, at=owed.due_at)
    refused(
        "link_closed", links.record_answers, by=bearer(link), link_id=link.public_id, answers=quiet(owed.instrument),
        context={},
    )  # fmt: skip


def test_answers_that_cannot_be_taken_leave_the_link_open(person: Patient, by: Actor) -> None:
    link = given.to_form(person, "gad7", by=by)
    for wrong in ({}, {"gad7_1": 9}):
        refused("bad_input", links.record_answers, by=bearer(link), link_id=link.public_id, answers=wrong, context={})
    assert again(link).used_at is None
