"""What is kept of a decision, over every kind of criterion: plain JSON, both languages, nothing met beyond its day."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.roles import Role
from clinic.wording import say
from pathways.rules.gates import (
    KINDS,
    Attested,
    GateFacts,
    OpenFlag,
    PhaseEntered,
    Reading,
    Requirement,
    State,
    as_record,
    decide,
    is_open,
)
from pathways.rules.gates import from_record as decision_from
from pathways.rules.gates.attendance import Attended, Measure, SessionsAttended
from pathways.rules.gates.bookings import BookedContact, ContactBooked, ContactType
from pathways.rules.gates.consents import ConsentHeld, ConsentInForce
from pathways.rules.gates.groups import AllOf, AnyOf, AtLeast
from pathways.rules.gates.kinds import AssessmentDone, Attestation, DaysInPhase, NoOpenSafetyFlag
from pathways.rules.gates.levels import LevelAtMost, LevelBasis, LevelStanding
from pathways.rules.gates.observations import ObservationCompared, ObservationOp, Observed
from pathways.rules.gates.plans import PlanElement, PlanItem, PlanPart, PlanStanding, PlanState
from pathways.rules.gates.scores import Comparison, ScoreCompared
from pathways.rules.levels import Level
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind
from pathways.rules.purposes import Purpose
from pathways.rules.sessions import AttendanceStatus
from patients.rules.consents import (
    ConsentExpiry,
    ConsentKind,
    ConsentPurpose,
    DisclosureCategory,
    RecipientClass,
    SignedConsent,
)
from patients.rules.instruments import Severity
from patients.rules.observations import ObservationResult
from tests.rules.gate_ground import NOW, OPEN_TO_SUPERVISOR, ZONE, aside, asked, entered, facts, gate

WHOLE = gate(
    asked(AllOf("Intake"), "intake", children=(
        asked(AssessmentDone("phq9", 30), "a"),
        asked(ScoreCompared("cows", "total", Comparison.BELOW, 5, within_days=7, last=2, hours_between=24), "b"),
    )),
    asked(ScoreCompared("phq9", "total", Comparison.AT_MOST, 9, within_days=14), "mood", **OPEN_TO_SUPERVISOR),
    asked(NoOpenSafetyFlag(Severity.URGENT), "flags"),
    asked(Attestation("plan", "Treatment plan agreed", (Role.COUNSELOR, Role.CLINICIAN), 30), "plan"),
    asked(AtLeast(1), "one", children=(asked(DaysInPhase(5), "c"), asked(AssessmentDone("local_form", 5), "d"))),
    asked(AnyOf(), "screens", children=(
        asked(ObservationCompared(("alt", "own-test"), ObservationOp.NEGATIVE, 30, last=2, hours_between=24), "e"),
        asked(ObservationCompared(("alt",), ObservationOp.AT_MOST, 30, times_upper_limit=3), "f"),
        asked(ObservationCompared(("inr",), ObservationOp.BELOW, 30, value=Decimal("1.5")), "g"),
        asked(ObservationCompared(("inr",), ObservationOp.IN_RANGE, 30), "h"),
    )),
    *(asked(SessionsAttended(("cbt", "own"), each, 60, 28), f"sessions-{each}") for each in Measure),
    asked(SessionsAttended((), Measure.COUNT, 2), "since"),
    *(asked(PlanElement(PlanKind.CARE, PlanPart.PLAN, each, 1, 30), f"plan-{each}") for each in PlanState),
    asked(PlanElement(PlanKind.CARE, PlanPart.GOAL, PlanState.COMPLETE, 2), "goals"),
    asked(PlanElement(PlanKind.CARE, PlanPart.GOAL, PlanState.PRESENT, 2), "goals-there"),
    asked(ContactBooked((ContactType.FOLLOW_UP, ContactType.SESSION), (Purpose.VISIT,), ("cbt",), 7), "booked"),
    asked(ConsentInForce(ConsentPurpose.TREATMENT), "consent"),
    asked(ConsentInForce(ConsentPurpose.PAYMENT, RecipientClass.HEALTH_PLAN, (DisclosureCategory.PROGRESS,)), "pay"),
    asked(LevelAtMost(Level.L1, LevelBasis.ACTUAL), "lived"),
    asked(LevelAtMost(Level.L1, LevelBasis.INDICATED, 30), "needed"),
)  # fmt: skip

moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 18)).map(lambda at: at.replace(tzinfo=UTC))
maybe = st.none() | moments
numbers = st.none() | st.decimals(0, 200, places=2)


def few(sort: type, *args: st.SearchStrategy, most: int = 3, **more: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(st.builds(sort, *args, **more), max_size=most).map(tuple)


def some(*members: object) -> st.SearchStrategy:
    return st.sampled_from(members)


dates = st.dates(date(2026, 1, 1), date(2026, 12, 1))
some_consents = st.builds(
    SignedConsent,
    kind=some(*ConsentKind),
    categories=st.frozensets(some(*DisclosureCategory)),
    recipient_class=some(*RecipientClass),
    purposes=st.frozensets(some(*ConsentPurpose)),
    expiry=some(*ConsentExpiry),
    signed_on=dates,
    effective_at=moments,
    expires_on=dates,
    ended_on=st.none() | dates,
    revoked_at=maybe,
    replaced_at=maybe,
)
SORTS = {
    Reading: few(Reading, st.uuids(), some("phq9", "cows"), moments, st.none() | st.integers(0, 27), most=5),
    OpenFlag: few(OpenFlag, st.uuids(), some(*Severity), st.text(min_size=1, max_size=20), moments),
    Attested: few(Attested, st.uuids(), st.just("plan"), some(*Role), st.text(max_size=9), moments),
    PhaseEntered: few(PhaseEntered, moments, most=1),
    Observed: few(
        *(Observed, st.uuids(), some("alt", "inr", "own-test"), moments, numbers, some("", "U/L")),
        *(st.none() | some(*ObservationResult), numbers, numbers, st.booleans()),
        most=6,
    ),
    Attended: few(
        *(Attended, st.uuids(), some("cbt", "own", "yoga"), moments, some(*AttendanceStatus)),
        *(st.integers(0, 90), st.booleans()),
        most=8,
    ),
    PlanItem: few(
        PlanItem, st.uuids(), some(*PlanKind), some(PlanElementKind.GOAL), some(*ElementStatus), maybe, most=4
    ),
    PlanStanding: few(PlanStanding, st.uuids(), some(*PlanKind), moments, moments, maybe, maybe, maybe),
    BookedContact: st.lists(
        st.builds(BookedContact, st.just(ContactType.FOLLOW_UP), st.uuids(), moments, some(*Purpose))
        | st.builds(BookedContact, st.just(ContactType.SESSION), st.uuids(), moments, modality=some("cbt", "own")),
        max_size=3,
    ).map(lambda found: tuple(found)),
    ConsentHeld: few(ConsentHeld, st.uuids(), some_consents, st.none() | dates),
    LevelStanding: few(
        *(LevelStanding, st.none() | some(*Level), maybe, st.none() | some(*Level), maybe, st.none() | st.uuids()),
        most=1,
    ),
}
some_facts = st.builds(GateFacts, as_of=st.just(NOW), zone=st.just(ZONE), looked_up=st.fixed_dictionaries(SORTS))


def test_the_gate_of_these_tests_asks_for_every_kind_and_every_sort_of_fact():
    assert {each.kind.KEY for each in WHOLE.walk()} == set(KINDS)
    assert {look.sort for look in WHOLE.needs()} == set(SORTS)


@settings(max_examples=60)
@given(some_facts, st.booleans())
def test_a_record_is_plain_json_and_gives_the_same_decision_back(known, set_aside):
    decision = decide(WHOLE, known, [aside("mood")] if set_aside else [])
    record = json.loads(json.dumps(as_record(decision)))
    assert decision_from(record) == decision


@settings(max_examples=60)
@given(some_facts, st.sampled_from(["en", "es"]))
def test_every_decision_can_be_said_in_both_languages(known, language):
    for result in _all(decide(WHOLE, known).criteria):
        said = [result.sentence, result.found, *(each.sentence for each in result.evidence)]
        assert all(say(each, language) for each in said)
        assert (result.next_step is None) == (result.state is State.MET)
        assert result.next_step is None or say(result.next_step, language)


@settings(max_examples=60)
@given(some_facts)
def test_the_evaluator_never_calls_met_what_it_says_lapsed_before_today(known):
    for result in _all(decide(WHOLE, known).criteria):
        assert result.lapses_on is None or result.lapses_on >= known.today
        assert result.earliest is None or result.state is not State.MET


@settings(max_examples=60)
@given(some_facts, st.sets(st.sampled_from([each.key for each in WHOLE.criteria])), st.sampled_from(Requirement))
def test_the_short_answer_is_the_answer_of_the_decision(known, some_keys, others):
    criteria = [each if each.key in some_keys else replace(each, requirement=others) for each in WHOLE.criteria]
    asked_for = gate(*(each for each in criteria if each.key in some_keys or others is Requirement.ADVISORY))
    assert is_open(asked_for, known) == decide(asked_for, known).met


@given(st.lists(st.tuples(st.integers(0, 30), st.sampled_from(Requirement)), min_size=1, max_size=6), st.data())
def test_the_short_answer_counts_the_members_of_a_group_as_the_decision_does(members, data):
    inside = tuple(asked(DaysInPhase(n + 1), f"m{n}", requirement=each) for n, each in members)
    binding = sum(each is not Requirement.ADVISORY for _, each in members) or len(members)
    kind = data.draw(st.sampled_from([AllOf(), AnyOf(), AtLeast(data.draw(st.integers(1, binding)))]))
    group, known = gate(asked(kind, children=inside)), facts(entered(date(2026, 6, 8)))
    assert is_open(group, known) == decide(group, known).met


@settings(max_examples=40)
@given(some_facts)
def test_what_lies_after_the_moment_asked_about_changes_nothing_but_what_is_booked(known):
    earlier = GateFacts(datetime(2025, 12, 1, tzinfo=UTC), ZONE, {**known.looked_up, BookedContact: ()})
    nothing = GateFacts(earlier.as_of, ZONE, {OpenFlag: known.flags, PhaseEntered: known.of(PhaseEntered)})
    assert [each.state for each in decide(WHOLE, earlier).criteria] == [
        each.state for each in decide(WHOLE, nothing).criteria
    ]


def _all(results):
    for each in results:
        yield each
        yield from _all(each.children)
