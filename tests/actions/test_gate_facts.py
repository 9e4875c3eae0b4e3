"""What gates look at, as it is gathered: effective by then, known now, in few queries whatever the history."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import attestations
from pathways.models import Enrollment, LevelOfCareAssessment, LevelStay
from pathways.queries.enrollments import next_decisions
from pathways.queries.facts import Asked, fact_query, facts_of, gather
from pathways.queries.facts.registry import QUERIES
from pathways.rules.gates import Attested, GateFacts, OpenFlag, PhaseEntered, Reading, decide
from pathways.rules.gates.attendance import Attended, Measure, SessionsAttended
from pathways.rules.gates.bookings import BookedContact, ContactType
from pathways.rules.gates.consents import ConsentHeld
from pathways.rules.gates.levels import LevelStanding
from pathways.rules.gates.observations import ObservationCompared, ObservationOp, Observed
from pathways.rules.gates.plans import PlanItem, PlanStanding
from pathways.rules.levels import Level
from pathways.rules.plans import ElementStatus
from patients.models import Observation
from patients.rules.observations import ObservationResult
from tests.factories import clinic, gates, pathways, patients
from tests.factories.patients import NOW
from tests.rules.gate_ground import asked as criterion
from tests.rules.gate_ground import gate
from tests.rules.test_gates_kinds import Bed
from tests.rules.test_gates_record import WHOLE

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATER = NOW + 20 * DAY
SCREEN = "mitragynine-screen"


@pytest.fixture
def by(site: Site) -> Actor:
    return clinic.actor(roles=[Role.CLINICIAN], sites=[site])


@pytest.fixture
def row(site: Site, by: Actor) -> Enrollment:
    return pathways.enrolled(site=site, by=by)


def known(row: Enrollment, sort: type, as_of=LATER) -> tuple:
    return facts_of(row, as_of=as_of).of(sort)


# Findings


def test_a_result_is_read_with_its_range_and_its_specimen(row: Enrollment, by: Actor) -> None:
    stored = gates.observation(row, "alt", by=by, quantity="45", unit="U/L", reference_high=40)
    found = known(row, Observed)[0]
    assert (found.public_id, found.code, found.value, found.unit) == (stored.public_id, "alt", 45, "U/L")
    assert (found.reference_low, found.reference_high, found.result, found.specimen_valid) == (None, 40, None, True)


@pytest.mark.parametrize(
    ("validity", "valid"), [("valid", True), ("not_checked", True), ("dilute", False), ("substituted", False)]
)
def test_a_specimen_that_is_not_what_it_should_be_is_not_relied_on(
    row: Enrollment, by: Actor, validity: str, valid: bool
) -> None:
    gates.observation(row, SCREEN, by=by, specimen_validity=validity)
    found = known(row, Observed)[0]
    assert (found.result, found.specimen_valid) == (ObservationResult.NEGATIVE, valid)


def test_a_result_entered_in_error_is_not_known(row: Enrollment, by: Actor) -> None:
    stored = gates.observation(row, SCREEN, by=by)
    with allow_direct_writes():
        Observation.objects.filter(pk=stored.pk).update(
            status="entered_in_error", retracted_at=NOW, retracted_by=by, retraction_reason="Another person's"
        )
    assert known(row, Observed) == ()


def test_a_result_that_was_amended_is_known_as_amended(row: Enrollment, by: Actor) -> None:
    first = gates.observation(row, SCREEN, by=by)
    with allow_direct_writes():
        Observation.objects.filter(pk=first.pk).update(status="amended")
    gates.observation(row, SCREEN, by=by, result="positive", amends=first)
    assert [each.result for each in known(row, Observed)] == [ObservationResult.POSITIVE]


def test_what_is_effective_later_is_not_seen(row: Enrollment, by: Actor) -> None:
    gates.observation(row, SCREEN, NOW + DAY, by=by)
    gates.session(row, NOW + DAY, by=by)
    gates.plan(row, at=NOW + DAY, by=by)
    gates.consent(row, NOW + DAY, by=by)
    facts = facts_of(row, as_of=NOW + HOUR)
    assert [facts.of(sort) for sort in (Observed, Attended, PlanStanding, ConsentHeld)] == [()] * 4


def test_the_newest_of_each_test_are_looked_at_and_no_more(row: Enrollment, by: Actor) -> None:
    gates.observations(row, SCREEN, (NOW + n * HOUR for n in range(80)), by=by)
    gates.observation(row, "alt", by=by, quantity="20")
    found = known(row, Observed)
    assert [each.code for each in found].count(SCREEN) == 60
    assert min(each.effective_at for each in found if each.code == SCREEN) == NOW + 20 * HOUR
    assert "alt" in {each.code for each in found}


def test_of_one_test_in_a_row_only_a_few_are_looked_at(row: Enrollment, by: Actor) -> None:
    gates.observations(row, SCREEN, (NOW + n * HOUR for n in range(80)), by=by)
    three = gate(criterion(ObservationCompared((SCREEN,), ObservationOp.NEGATIVE, within_days=30, last=3)))
    assert len(facts_of(row, as_of=LATER, gate=three).of(Observed)) == 5


def test_with_hours_between_everything_in_the_window_is_looked_at(row: Enrollment, by: Actor) -> None:
    gates.observations(row, SCREEN, (LATER - n * 12 * HOUR for n in range(40)), by=by)
    weekly = ObservationCompared((SCREEN,), ObservationOp.NEGATIVE, within_days=6, last=2, hours_between=72)
    assert len(facts_of(row, as_of=LATER, gate=gate(criterion(weekly))).of(Observed)) == 15


def test_attendance_is_looked_at_as_far_back_as_is_asked_and_the_newest_before_that(row: Enrollment, by: Actor) -> None:
    gates.sessions(row, (NOW + n * DAY for n in range(1, 20)), by=by)
    gates.session(row, NOW - 9 * DAY, by=by, modality="cbt")
    lately = gate(criterion(SessionsAttended((), Measure.COUNT, 1, 3)))
    found = facts_of(row, as_of=LATER, gate=lately).of(Attended)
    assert [each.starts_at for each in found] == [NOW + n * DAY for n in (19, 18, 17, 16, -9)]


# Sessions and what is booked


def test_sessions_are_read_with_the_minutes_attended(row: Enrollment, by: Actor) -> None:
    gates.session(row, NOW + DAY, by=by, minutes=75, modality="yoga", counts_toward_hours=False)
    gates.session(row, NOW + 2 * DAY, by=by, status="no_show")
    newest, oldest = known(row, Attended)
    assert (oldest.modality, oldest.state, oldest.minutes, oldest.counts_toward_hours) == (
        "yoga",
        "attended",
        75,
        False,
    )
    assert (newest.state, newest.minutes) == ("no_show", 0)


def test_sessions_since_the_admission_are_seen_however_long_ago_it_was(row: Enrollment, by: Actor) -> None:
    gates.session(row, NOW + DAY, by=by)
    gates.session(row, NOW - 500 * DAY, by=by)
    assert len(known(row, Attended, as_of=NOW + 450 * DAY)) == 1


def test_contacts_owed_and_sessions_booked_are_both_ahead(row: Enrollment, by: Actor) -> None:
    contact = gates.owed(row, LATER + 2 * DAY, by=by)
    place = gates.session(row, LATER + DAY, by=by, status="booked")
    found = [
        each for each in known(row, BookedContact) if each.public_id in (contact.public_id, place.session.public_id)
    ]
    assert [(each.type, each.at) for each in found] == [
        (ContactType.SESSION, LATER + DAY),
        (ContactType.FOLLOW_UP, LATER + 2 * DAY),
    ]
    assert (found[0].modality, found[1].purpose) == ("group-therapy", "visit")


def test_what_was_cancelled_superseded_or_is_past_is_not_booked(row: Enrollment, by: Actor) -> None:
    ended = {"closed_at": NOW, "closed_by": by}
    gone = [
        gates.owed(row, LATER + DAY, by=by, outcome="cancelled", **ended),
        gates.owed(row, LATER + DAY, by=by, outcome="superseded", rule_key="b", **ended),
        gates.owed(row, LATER - DAY, by=by, rule_key="c"),
        gates.session(row, LATER + DAY, by=by, status="cancelled_by_patient").session,
        gates.session(row, LATER + 2 * DAY, by=by, status="booked", session_status="cancelled").session,
    ]
    assert not {each.public_id for each in known(row, BookedContact)} & {each.public_id for each in gone}


def test_a_contact_of_the_phase_that_is_left_is_not_booked_after_the_move(row: Enrollment, by: Actor) -> None:
    ends_with_it = gates.owed(row, LATER + DAY, by=by, anchor_kind="phase_entry")
    assert ends_with_it.public_id not in {each.public_id for each in known(row, BookedContact)}


# Plans, consents, levels


def test_a_plan_is_read_with_its_elements_signatures_and_review(row: Enrollment, by: Actor) -> None:
    plan = gates.plan(row, by=by)
    gates.element(plan, by=by, status="complete")
    gates.element(plan, "problem", by=by)
    gates.signed(plan, NOW + HOUR, by=by)
    gates.signed(plan, NOW + 2 * HOUR, by=by, signer="staff")
    gates.reviewed(plan, NOW + 3 * HOUR, by=by)
    standing = known(row, PlanStanding)[0]
    assert standing.public_id == plan.public_id
    assert (standing.signed_by_patient_at, standing.signed_by_staff_at) == (NOW + HOUR, NOW + 2 * HOUR)
    assert (standing.opened_at, standing.reviewed_at) == (NOW, NOW + 3 * HOUR)
    assert [(each.kind, each.status, each.completed_at) for each in known(row, PlanItem)] == [
        ("goal", ElementStatus.COMPLETE, NOW),
        ("problem", ElementStatus.ACTIVE, None),
    ]


def test_a_closed_plan_is_not_there(row: Enrollment, by: Actor) -> None:
    gates.plan(row, by=by, closed_at=NOW + DAY, closed_by=by)
    assert known(row, PlanStanding) == ()
    assert len(known(row, PlanStanding, as_of=NOW + HOUR)) == 1


def test_a_consent_for_the_time_of_treatment_knows_when_treatment_was_over(row: Enrollment, by: Actor) -> None:
    gates.consent(row, by=by, expiry="end_of_treatment")
    assert known(row, ConsentHeld)[0].treatment_ended_on is None
    with allow_direct_writes():
        Enrollment.objects.filter(pk=row.pk).update(status="left", ended_at=NOW + DAY, ended_by=by)
    assert known(row, ConsentHeld)[0].treatment_ended_on == date(2026, 6, 17)


def test_the_level_lived_and_the_level_needed_are_both_known(row: Enrollment, by: Actor) -> None:
    with allow_direct_writes():
        LevelStay.objects.filter(enrollment=row).delete()
        LevelStay.objects.create(enrollment=row, level="L2", started_at=NOW, ended_at=NOW + 5 * DAY)
        LevelStay.objects.create(enrollment=row, level="L1", started_at=NOW + 5 * DAY)
    rating = pathways.rated(row.patient, 3, by=by)
    found = known(row, LevelStanding)[0]
    assert (found.actual, found.actual_since) == (Level.L1, NOW + 5 * DAY)
    assert (found.indicated, found.rated_at, found.assessment_id) == (
        Level(rating.suggested_level), rating.effective_at, rating.public_id,
    )  # fmt: skip
    assert known(row, LevelStanding, as_of=NOW + DAY)[0].actual is Level.L2


def test_a_rating_that_suggests_no_level_says_nothing(row: Enrollment, by: Actor) -> None:
    pathways.rated(row.patient, 3, by=by)
    pathways.rated(row.patient, None, by=by, now=NOW + DAY)
    assert LevelOfCareAssessment.objects.count() == 2
    assert known(row, LevelStanding)[0].rated_at == NOW


# How many queries


def everything(row: Enrollment, by: Actor, many: int) -> None:
    """`many` of each sort of record."""
    before = [NOW - n * 7 * HOUR for n in range(1, many + 1)]
    form = patients.assessment(row.patient, "phq9", patients.phq9(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), by=by)
    gates.forms(row, form, before)
    gates.observations(row, SCREEN, before, by=by)
    gates.sessions(row, before, by=by)
    plan = gates.plan(row, by=by)
    for _ in range(min(many, 20)):
        gates.element(plan, by=by)
        gates.consent(row, by=by)
        gates.signed(plan, by=by)
        gates.owed(row, LATER + DAY, by=by)


@pytest.mark.parametrize("many", [0, 500])
def test_a_decision_on_every_kind_asks_the_database_eight_times_whatever_the_history(
    row: Enrollment, by: Actor, many: int
) -> None:
    if many:
        everything(row, by, many)
    row = Enrollment.objects.select_related("site").get(pk=row.pk)
    with CaptureQueriesContext(connection) as asked:
        decision = decide(WHOLE, facts_of(row, as_of=LATER, gate=WHOLE))
    assert decision.of_count > 10
    assert len(asked) == 8 == len(QUERIES)


def test_one_decision_with_its_enrollment_takes_fewer_than_ten_queries(row: Enrollment) -> None:
    with CaptureQueriesContext(connection) as asked:
        together = ("site", "current_phase", "program_version")
        found = Enrollment.objects.select_related(*together).get(pk=row.pk)
        assert next_decisions([found], now=LATER)
    assert len(asked) < 10


def test_a_gate_fetches_only_what_it_looks_at(row: Enrollment, by: Actor) -> None:
    everything(row, by, 3)
    only_moods = gate(WHOLE.criterion("mood"))
    with CaptureQueriesContext(connection) as asked:
        facts = facts_of(row, as_of=LATER, gate=only_moods)
    assert len(asked) == 2
    assert set(facts.looked_up) == {Reading, PhaseEntered}


def test_as_many_queries_for_many_people_as_for_one(site: Site, by: Actor) -> None:
    rows = [pathways.enrolled(site=site, by=by) for _ in range(5)]
    counted = []
    for some in (rows[:1], rows):
        with CaptureQueriesContext(connection) as asked:
            gather(some, as_of=LATER)
        counted.append(len(asked))
    assert counted == [8, 8]


def test_each_person_gets_what_is_theirs(site: Site, by: Actor) -> None:
    one, other = pathways.enrolled(site=site, by=by), pathways.enrolled(site=site, by=by)
    gates.observation(one, SCREEN, by=by)
    gates.session(other, NOW + HOUR, by=by)
    found = gather([one, other], as_of=LATER)
    assert [len(found[each.pk].of(Observed)) for each in (one, other)] == [1, 0]
    assert [len(found[each.pk].of(Attended)) for each in (one, other)] == [0, 1]


def test_nobody_takes_no_query() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert gather([], as_of=NOW) == {}
    assert len(asked) == 0


def test_the_records_a_decision_rests_on_are_named(row: Enrollment, by: Actor) -> None:
    screen = gates.observation(row, SCREEN, by=by)
    consent = gates.consent(row, by=by)
    assert {screen.public_id, consent.public_id} <= set(facts_of(row, as_of=LATER).records())


def test_attestations_come_newest_first(row: Enrollment, by: Actor) -> None:
    for ago in (2, 1):
        attestations.attest(
            by=by, now=LATER - ago * DAY, enrollment_id=row.public_id, key="treatment-plan-agreed", role=Role.CLINICIAN
        )
    found: GateFacts = facts_of(row, as_of=LATER)
    assert [each.at for each in found.of(Attested)] == [LATER - DAY, LATER - 2 * DAY]
    assert found.of(OpenFlag) == ()


# A new sort of fact: one function


def test_a_new_sort_of_fact_is_one_query(row: Enrollment) -> None:
    @fact_query(Bed)
    def beds(asked: Asked):
        return {each.pk: [Bed(3, asked.as_of)] for each in asked.enrollments}

    try:
        assert known(row, Bed) == (Bed(3, LATER),)
        assert facts_of(row, as_of=LATER, gate=gate(criterion(WHOLE.criterion("lived").kind))).of(Bed) == ()
        with pytest.raises(ValueError, match="two queries fill"):
            fact_query(Bed)(beds)
    finally:
        del QUERIES[beds]
