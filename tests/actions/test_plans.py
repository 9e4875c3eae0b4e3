"""Plans: lines one under the other, signatures for what they were given on, reviews, closing."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments, plan_elements, plans
from pathways.actions.plan_elements import Content
from pathways.models import Enrollment, Plan, PlanElement
from pathways.queries.plans import shown
from pathways.rules.moves import DischargeReason
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind, PlanSigner, holding
from tests.factories import clinic, pathways
from tests.factories import plans as make
from tests.factories.course import LATER, recorded, to_therapy
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db
E = PlanElementKind
DAY = timedelta(days=1)
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def enrollment(site: Site, by: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=by)


def refused(verb: Any, **given: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(**given)
    return caught.value


def again(row: Plan) -> Plan:
    return Plan.objects.get(pk=row.pk)


def names_that_hold(row: Plan) -> list[str]:
    found = shown([again(row)], now=SOON)[0]
    return [each.name for each in holding(found.standing)]


def test_one_plan_of_each_kind_is_open_at_a_time(enrollment: Enrollment, by: Actor) -> None:
    make.plan(enrollment, by=by)
    make.plan(enrollment, PlanKind.RECOVERY, by=by)
    assert refused(make.plan, enrollment=enrollment, by=by).code == "plan_one_open"


def test_after_the_end_of_an_enrollment_no_plan_is_opened(enrollment: Enrollment, by: Actor) -> None:
    given = {"by": by, "now": LATER, "enrollment_id": enrollment.public_id}
    enrollments.discharge(reason=DischargeReason.MOVED_AWAY, **given)  # type: ignore[arg-type]
    assert refused(plans.open_plan, kind=PlanKind.CARE, **given).code == "plan_not_running"


def test_lines_stand_one_under_the_other_in_their_order(enrollment: Enrollment, by: Actor) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    make.line(row, E.GOAL, "Another goal", under=lines[0], by=by)
    (problem,) = shown([again(row)], now=NOW)[0].tree
    assert [each.row.text for each in problem.beneath] == ["Sleep through the night", "Another goal"]
    assert problem.beneath[0].beneath[0].beneath[0].kind is E.INTERVENTION


def test_a_line_beneath_one_of_another_kind_or_of_another_plan_is_refused(enrollment: Enrollment, by: Actor) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    assert refused(make.line, plan=row, kind=E.OBJECTIVE, under=lines[0], by=by).fields.keys() == {"parent"}
    assert refused(make.line, plan=row, kind=E.TRIGGER, by=by).fields.keys() == {"kind"}
    other = make.plan(pathways.enrolled(site=enrollment.site, by=by), by=by)
    assert refused(make.line, plan=other, kind=E.GOAL, under=lines[0], by=by).status == 404


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ({"text": "  "}, "text"),
        ({"text": "x" * 401}, "text"),
        ({"own_words": "a\x00b"}, "own_words"),
        ({"modality": "levitation"}, "modality"),
        ({"diagnosis": "sad"}, "diagnosis"),
        ({"starts_on": date(2026, 7, 2), "due_on": date(2026, 7, 1)}, "due_on"),
        ({"status": ElementStatus.COMPLETE}, "status"),
        ({"owner_id": uuid4()}, "owner"),
        ({"assessment_id": uuid4()}, "assessment"),
        ({"observation_id": uuid4()}, "observation"),
    ],
)
def test_what_cannot_stand_in_a_line_is_refused_by_its_field(
    enrollment: Enrollment, by: Actor, content: dict[str, Any], field: str
) -> None:
    row = make.plan(enrollment, by=by)
    given = {"plan_id": row.public_id, "kind": E.PROBLEM, "content": Content(**({"text": "Sleep"} | content))}
    assert refused(plan_elements.write_element, by=by, now=SOON, **given).fields.keys() == {field}


def test_a_line_may_be_built_on_a_finding_of_the_same_person(enrollment: Enrollment, by: Actor) -> None:
    found = recorded(enrollment.patient, "phq9", by=by, at=NOW)
    foreign = recorded(pathways.enrolled(site=enrollment.site, by=by).patient, "phq9", by=by, at=NOW)
    row = make.plan(enrollment, by=by)
    assert make.line(row, E.PROBLEM, by=by, assessment_id=found.public_id).from_assessment == found
    assert "assessment" in refused(make.line, plan=row, kind=E.PROBLEM, by=by, assessment_id=foreign.public_id).fields


def test_a_signature_holds_until_what_was_agreed_changes(enrollment: Enrollment, by: Actor) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    plans.sign_plan(by=by, now=NOW, plan_id=row.public_id, signer=PlanSigner.PATIENT, name="Ada Example")
    plans.sign_plan(by=by, now=NOW, plan_id=row.public_id, signer=PlanSigner.STAFF)
    assert names_that_hold(row) == ["Ada Example", by.name]
    said = Content("Sleep through the night", progress="Three nights of seven", status=ElementStatus.ON_HOLD)
    plan_elements.change_element(by=by, now=SOON, element_id=lines[1].public_id, content=said)
    assert names_that_hold(row) == ["Ada Example", by.name]
    said = Content("Sleep six hours")
    plan_elements.change_element(by=by, now=SOON, element_id=lines[1].public_id, content=said)
    assert names_that_hold(row) == []


def test_own_words_are_part_of_what_is_signed(enrollment: Enrollment, by: Actor) -> None:
    row, _ = make.care_plan(enrollment, by=by)
    plans.sign_plan(by=by, now=NOW, plan_id=row.public_id, signer=PlanSigner.PATIENT, name="Ada Example")
    plans.set_own_words(by=by, now=SOON, plan_id=row.public_id, own_words="I want my evenings back.")
    assert names_that_hold(row) == ["Ada Example"]
    plans.set_own_words(by=by, now=SOON, plan_id=row.public_id, own_words="My mornings.")
    assert names_that_hold(row) == []


def test_a_name_is_put_only_to_what_the_plan_says_now(enrollment: Enrollment, by: Actor) -> None:
    row, _ = make.care_plan(enrollment, by=by)
    given = {"by": by, "now": SOON, "plan_id": row.public_id, "signer": PlanSigner.PATIENT, "name": "Ada"}
    for moment in (NOW - DAY, SOON + DAY):
        assert refused(plans.sign_plan, effective_at=moment, **given).fields.keys() == {"effective_at"}
    assert refused(plans.sign_plan, expected_version=1, **given).status == 412
    assert refused(plans.sign_plan, **given | {"name": " "}).fields.keys() == {"name"}


def test_an_empty_plan_is_not_signed(enrollment: Enrollment, by: Actor) -> None:
    row = make.plan(enrollment, by=by)
    given = {"by": by, "now": SOON, "plan_id": row.public_id, "signer": PlanSigner.STAFF}
    assert refused(plans.sign_plan, **given).code == "plan_empty"


def test_staff_sign_for_themselves_and_in_person(enrollment: Enrollment, by: Actor) -> None:
    row, _ = make.care_plan(enrollment, by=by)
    given = {"now": SOON, "plan_id": row.public_id, "signer": PlanSigner.STAFF}
    assert refused(plans.sign_plan, by=by, name="Somebody Else", **given).fields.keys() == {"name"}
    laboratory = clinic.api_client(scopes=["plans.write"], sites=[enrollment.site]).actor
    assert refused(plans.sign_plan, by=laboratory, **given).status == 403
    plans.sign_plan(by=laboratory, **given | {"signer": PlanSigner.PATIENT, "name": "Ada"})


def test_a_goal_is_complete_only_when_nothing_beneath_it_is_open(enrollment: Enrollment, by: Actor) -> None:
    _row, lines = make.care_plan(enrollment, by=by)
    given = {"by": by, "now": SOON, "status": ElementStatus.COMPLETE}
    code = refused(plan_elements.end_element, element_id=lines[1].public_id, **given).code
    assert code == "plan_element_open_beneath"
    for each in reversed(lines):
        plan_elements.end_element(element_id=each.public_id, **given)  # type: ignore[arg-type]
    assert not PlanElement.objects.exclude(status="complete").exists()


def test_stopping_a_line_stops_what_stands_beneath_it_and_it_can_be_taken_up_again(
    enrollment: Enrollment, by: Actor
) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    stopped = {"by": by, "now": SOON, "status": ElementStatus.STOPPED, "element_id": lines[1].public_id}
    plan_elements.end_element(progress="Not what matters now", **stopped)  # type: ignore[arg-type]
    assert list(row.elements.values_list("status", flat=True).order_by("id")) == ["active", *["stopped"] * 3]
    assert refused(plan_elements.reopen_element, by=by, now=SOON, element_id=lines[2].public_id).status == 422
    plan_elements.reopen_element(by=by, now=SOON, element_id=lines[1].public_id)
    assert PlanElement.objects.get(pk=lines[1].pk).ended_at is None


def test_an_ended_line_is_neither_changed_nor_ended_again(enrollment: Enrollment, by: Actor) -> None:
    _row, lines = make.care_plan(enrollment, by=by)
    ended = {"by": by, "now": SOON, "element_id": lines[3].public_id}
    plan_elements.end_element(status=ElementStatus.COMPLETE, **ended)  # type: ignore[arg-type]
    for verb, given in (
        (plan_elements.end_element, {"status": ElementStatus.STOPPED}),
        (plan_elements.change_element, {"content": Content("Other")}),
        (plan_elements.move_element, {"position": 0}),
    ):
        assert refused(verb, **ended, **given).code == "plan_element_ended"


def test_a_line_is_moved_among_its_own_kind(enrollment: Enrollment, by: Actor) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    other = make.line(row, E.PROBLEM, "Owes rent", by=by)
    plan_elements.move_element(by=by, now=SOON, element_id=other.public_id, position=0)
    plan_elements.move_element(by=by, now=SOON, element_id=lines[1].public_id, position=0, parent_id=other.public_id)
    tree = shown([again(row)], now=SOON)[0].tree
    assert [each.row.text for each in tree] == ["Owes rent", "Sleeps four hours a night"]
    assert [each.row.text for each in tree[0].beneath] == ["Sleep through the night"]


def test_of_two_who_change_a_line_the_second_is_told(enrollment: Enrollment, by: Actor) -> None:
    _row, lines = make.care_plan(enrollment, by=by)
    given = {"by": by, "now": SOON, "element_id": lines[0].public_id, "expected_version": 1}
    plan_elements.change_element(content=Content("One"), **given)  # type: ignore[arg-type]
    assert refused(plan_elements.change_element, content=Content("Two"), **given).status == 412


def test_a_closed_plan_stays_as_it_was(enrollment: Enrollment, by: Actor) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    plans.close_plan(by=by, now=SOON, plan_id=row.public_id)
    assert refused(make.line, plan=row, kind=E.PROBLEM, by=by).code == "plan_closed"
    ended = {"by": by, "now": SOON, "element_id": lines[0].public_id, "status": ElementStatus.STOPPED}
    assert refused(plan_elements.end_element, **ended).code == "plan_closed"
    make.plan(enrollment, by=by)


def test_a_move_to_another_phase_asks_for_a_review_and_the_review_answers_it(enrollment: Enrollment, by: Actor) -> None:
    row, _ = make.care_plan(enrollment, by=by)
    assert shown([again(row)], now=LATER)[0].due is None
    to_therapy(enrollment, by)
    due = shown([again(row)], now=LATER)[0].due
    assert due is not None and due.is_due
    asked = {"by": by, "now": LATER, "plan_id": row.public_id}
    assert refused(plans.review_plan, next_review_on=date(2026, 1, 1), **asked).fields.keys() == {"next_review_on"}
    plans.review_plan(note="Goals stand", next_review_on=date(2026, 8, 1), **asked)  # type: ignore[arg-type]
    due = shown([again(row)], now=LATER)[0].due
    assert due is not None and (due.on, due.is_due) == (date(2026, 8, 1), False)


def test_somebody_from_another_site_finds_no_plan(enrollment: Enrollment, by: Actor) -> None:
    row, lines = make.care_plan(enrollment, by=by)
    stranger = clinic.actor()
    assert refused(plans.close_plan, by=stranger, now=SOON, plan_id=row.public_id).status == 404
    changed = {"element_id": lines[0].public_id, "content": Content("Mine")}
    assert refused(plan_elements.change_element, by=stranger, now=SOON, **changed).status == 404


def test_a_peer_supporter_reads_and_does_not_write(enrollment: Enrollment) -> None:
    peer = clinic.actor(roles=[Role.PEER_SUPPORTER], sites=[enrollment.site])
    assert refused(make.plan, enrollment=enrollment, by=peer).status == 403


def test_the_record_names_the_verb_and_no_word_of_the_plan(enrollment: Enrollment, by: Actor) -> None:
    make.care_plan(enrollment, by=by)
    entry = AuditEntry.objects.filter(action="plan_element.write").first()
    assert entry is not None and entry.patient_ids == [enrollment.patient.public_id]
    assert "Sleep" not in str(entry.details)


def test_many_plans_ask_the_database_as_much_as_one(enrollment: Enrollment, by: Actor) -> None:
    make.care_plan(enrollment, by=by)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            [each.tree for each in shown(Plan.objects.select_related("site").all(), now=NOW)]
        return len(queries)

    one = asked()
    for _ in range(3):
        make.care_plan(pathways.enrolled(site=enrollment.site, by=by), by=by)
    assert asked() == one
