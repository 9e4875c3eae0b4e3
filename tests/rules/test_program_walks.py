"""Walks through the shipped programs by their rules alone, without a database.

Whoever walks, in whatever order things happen: nobody ends in a state without a way on, and every contact that was
owed ends in exactly one outcome.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.roles import Role
from pathways.programs.library import shipped
from pathways.rules.follow_ups import (
    CONSEQUENCES,
    OUTCOMES,
    Anchor,
    CallResult,
    ExistingFollowUp,
    LadderFacts,
    Outcome,
    PlannedFollowUp,
    Step,
    first_step,
    next_step,
    plan,
    replan,
    rules_for,
)
from pathways.rules.moves import ENDED, WAITING, DischargeReason, EnrollmentStatus, MoveKind
from pathways.rules.phases import Move, MoveNotAllowed, allowed_moves, can_start, check_move, next_phase, next_status
from pathways.rules.programs import AnchorKind, ProgramDocument, RungKind

PEOPLE = frozenset(Role) - {Role.API_CLIENT}
NAMES = [each.name for each in shipped()]
STEPS = 60
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ZONE = "America/New_York"

State = tuple[EnrollmentStatus, str | None]


def program(name: str) -> ProgramDocument:
    return next(each for each in shipped() if each.name == name).program


# Where somebody stands


def after(move: Move, state: State, reason: str | None) -> State:
    """Where a move leads; whoever ends is in no phase, and begins again in the phase a readmission names."""
    status = next_status(move.kind, state[0], reason=DischargeReason(reason) if reason and _ends(move) else None)
    if status in ENDED:
        return status, None
    return status, move.to_phase if move.to_phase is not None else state[1]


def _ends(move: Move) -> bool:
    return move.kind is MoveKind.DISCHARGE


def ways_on(document: ProgramDocument, state: State, roles: frozenset[Role] = PEOPLE) -> Iterator[tuple[Move, State]]:
    for move in allowed_moves(document, *state, roles):
        for reason in move.reasons or (None,):
            yield move, after(move, state, reason)


def reachable(document: ProgramDocument) -> set[State]:
    waiting: list[State] = [(status, None) for status in WAITING]
    found = set(waiting)
    while waiting:
        for _, there in ways_on(document, waiting.pop(), frozenset(Role)):
            if there not in found:
                found.add(there)
                waiting.append(there)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_state_somebody_can_reach_has_a_way_on_that_a_person_may_take(name):
    """And while an enrollment is open, one that no gate bars."""
    document = program(name)
    for state in reachable(document):
        ways = list(ways_on(document, state))
        assert ways, state
        assert state[0] in ENDED or any(not move.gate for move, _ in ways), state


@pytest.mark.parametrize("name", NAMES)
def test_every_phase_is_reached_held_and_left(name):
    found = reachable(program(name))
    for phase in program(name).phases:
        assert (EnrollmentStatus.ACTIVE, phase.key) in found
        assert (EnrollmentStatus.ON_HOLD, phase.key) in found
    assert {(EnrollmentStatus.COMPLETED, None), (EnrollmentStatus.LEFT, None)} <= found


@pytest.mark.parametrize("name", NAMES)
def test_from_every_state_completion_can_still_be_reached(name):
    """Back from wherever one stands: nobody is ever only sent round."""
    document = program(name)
    found = reachable(document)
    completes: set[State] = {(EnrollmentStatus.COMPLETED, None)}
    while True:
        more = {each for each in found - completes if any(there in completes for _, there in ways_on(document, each))}
        if not more:
            break
        completes |= more
    assert found == completes


@pytest.mark.parametrize("name", NAMES)
def test_the_way_on_leads_through_every_phase_in_order(name):
    document = program(name)
    keys, here = [], None
    while (phase := next_phase(document, here)) is not None:
        keys.append(phase.key)
        here = phase.key
    assert keys == [each.key for each in document.phases]


@settings(max_examples=50, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(NAMES))
def test_what_is_offered_may_be_done_and_what_is_not_offered_is_refused(dice, name):
    document = program(name)
    state: State = (dice.choice(sorted(WAITING)), None)
    for _ in range(STEPS):
        roles = frozenset(dice.sample(sorted(Role), dice.randint(1, 3)))
        offered = allowed_moves(document, *state, roles)
        refuse_what_is_not_offered(document, state, roles, offered)
        if not offered:
            continue
        move = dice.choice(offered)
        reason = dice.choice(move.reasons) if move.reasons else None
        done = check_move(
            document, status=state[0], phase_key=state[1], kind=move.kind, roles=roles, to_phase=move.to_phase,
            reason=reason, note="A word about it",
        )  # fmt: skip
        assert (done.kind, done.to_phase, reason in (done.reasons or (None,))) == (move.kind, move.to_phase, True)
        state = after(done, state, reason)
        assert state[1] is None or document.find_phase(state[1]) is not None
        assert (state[1] is None) is (state[0] in ENDED | WAITING)


def refuse_what_is_not_offered(
    document: ProgramDocument, state: State, roles: frozenset[Role], offered: tuple[Move, ...]
) -> None:
    kinds = {move.kind for move in offered}
    for kind in set(MoveKind) - kinds:
        with pytest.raises(MoveNotAllowed):
            check_move(document, status=state[0], phase_key=state[1], kind=kind, roles=roles, note="A word")
    assert all(can_start(kind, state[0]) for kind in kinds)


# What is owed


@dataclass
class Contact:
    """One contact on its ladder, with everything that was ever decided about it."""

    planned: PlannedFollowUp
    number: int
    step: Step | None = None
    tries: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return not self.outcomes

    def row(self) -> ExistingFollowUp:
        """As planning sees it."""
        return ExistingFollowUp(
            UUID(int=self.number), self.planned.rule_key, self.planned.anchor_event_id, self.planned.occurrence,
            self.planned.due_on, self.planned.due_time, self.planned.zone,
            self.outcomes[0] if self.outcomes else None,
        )  # fmt: skip


class Walk:
    """One person's year: moves made at random, contacts planned and worked as the rules say."""

    def __init__(self, document: ProgramDocument, dice: random.Random) -> None:
        self.document, self.dice = document, dice
        self.now = START
        self.state: State = (dice.choice(sorted(WAITING)), None)
        self.contacts: dict[tuple[str, UUID, int], Contact] = {}
        self.anchors: list[Anchor] = []
        self.reach = LadderFacts(
            START, can_message=dice.random() < 0.8, can_second_channel=dice.random() < 0.5,
            can_support_person=dice.random() < 0.3, grace_hours=dice.choice([0, 0, 12]), zone=ZONE,
        )  # fmt: skip
        self._begin(AnchorKind.PROPOSAL if self.state[0] is EnrollmentStatus.PROPOSED else AnchorKind.WAITLIST)

    # -- moves --

    def move(self) -> None:
        """Anything anybody may do from here; what it ends and begins is planned."""
        ways = list(ways_on(self.document, self.state, frozenset(Role)))
        assert ways, self.state
        move, there = self.dice.choice(ways)
        before, self.state = self.state, there
        if before[0] in WAITING:
            self._end({AnchorKind.PROPOSAL, AnchorKind.WAITLIST})
        if move.kind in (MoveKind.ADMIT, MoveKind.READMIT):
            self._end({AnchorKind.DISCHARGE})
            self._begin(AnchorKind.ADMISSION)
        if move.kind is MoveKind.HOLD:
            self._begin(AnchorKind.HOLD)
        if move.kind is MoveKind.RESUME:
            self._end({AnchorKind.HOLD})
        if there[1] != before[1]:
            self._end({AnchorKind.PHASE_ENTRY})
            if there[1] is not None:
                self._begin(AnchorKind.PHASE_ENTRY, there[1])
        if there[0] in ENDED:
            self._end(set(AnchorKind) - {AnchorKind.DISCHARGE})
            self._begin(AnchorKind.DISCHARGE)

    def return_to_use(self) -> None:
        """An event within the enrollment; the contacts of the one before give way."""
        if self.state[0] is EnrollmentStatus.ACTIVE:
            self._end({AnchorKind.RETURN_TO_USE})
            self._begin(AnchorKind.RETURN_TO_USE)

    # -- planning --

    def _begin(self, kind: AnchorKind, phase: str | None = None) -> None:
        today = self.now.date()
        anchor = Anchor(kind, UUID(int=self.dice.getrandbits(128)), today, today, phase)
        self.anchors.append(anchor)
        self.plan_ahead(anchor)

    def _end(self, kinds: set[AnchorKind]) -> None:
        """What hangs on these events is planned no more, and what is open of it ends."""
        ending = [each for each in self.anchors if each.kind in kinds]
        self.anchors = [each for each in self.anchors if each.kind not in kinds]
        for anchor in ending:
            self._settle(anchor, ())

    def plan_ahead(self, anchor: Anchor) -> None:
        """As the nightly run does: planning twice changes nothing."""
        rules = rules_for(self.document, anchor.kind, anchor.phase)
        through = self.now.date() + timedelta(days=90)
        planned = plan(rules, anchor, self._rows(anchor), ZONE, through=through)
        self._settle(anchor, planned)
        assert replan(self._rows(anchor), planned).nothing_to_do

    def _settle(self, anchor: Anchor, planned: tuple[PlannedFollowUp, ...]) -> None:
        change = replan(self._rows(anchor), planned)
        for each in change.to_create:
            assert each.key not in self.contacts
            self.contacts[each.key] = Contact(each, len(self.contacts) + 1)
        for old, new in change.to_move:
            self.contacts[old.key].planned = new
        for old in change.to_cancel:
            self.decide(self.contacts[old.key], Outcome.SUPERSEDED, is_person=False)

    def _rows(self, anchor: Anchor) -> list[ExistingFollowUp]:
        return [each.row() for each in self.contacts.values() if each.planned.anchor_event_id == anchor.event_id]

    # -- working --

    def decide(self, contact: Contact, outcome: Outcome, *, is_person: bool) -> None:
        assert OUTCOMES[outcome].by_person if is_person else OUTCOMES[outcome].by_job, outcome
        contact.outcomes.append(outcome)
        contact.step = None

    def due(self) -> list[Contact]:
        return [each for each in self.contacts.values() if each.is_open and each.planned.due_at <= self.now]

    def climb(self) -> None:
        """Silence, on everything that is due."""
        for contact in self.due():
            ladder = self.document.ladder(contact.planned.ladder)
            facts = replace(self.reach, started_at=contact.step.starts_at if contact.step else contact.planned.due_at,
                            tries=contact.tries)  # fmt: skip
            before = contact.step or first_step(ladder, facts)
            now_on = next_step(ladder, before.rung, replace(facts, started_at=before.starts_at), self.now)
            assert now_on is not None
            assert now_on.rung >= before.rung
            assert now_on.rung == len(ladder.rungs) - 1 or now_on.waits_until > self.now
            contact.tries = contact.tries if now_on.rung == before.rung else 0
            contact.step = now_on

    def answer(self) -> None:
        """The patient answers one of the contacts that are due; an answer stops its ladder."""
        waiting = [each for each in self.due() if each.step]
        if waiting:
            contact = self.dice.choice(waiting)
            ladder = self.document.ladder(contact.planned.ladder)
            facts = replace(self.reach, started_at=contact.step.starts_at, answered=True)
            assert next_step(ladder, contact.step.rung, facts, self.now) is None
            self.decide(contact, Outcome.REACHED, is_person=False)

    def call(self) -> None:
        """Somebody works one of the tasks: a call with any result, or the decision that ends a ladder."""
        tasks = [each for each in self.due() if each.step and not each.step.is_message]
        if not tasks:
            return
        contact = self.dice.choice(tasks)
        if contact.step.kind is RungKind.SUPERVISOR and self.dice.random() < 0.5:
            self.decide(contact, Outcome.UNREACHABLE, is_person=True)
            return
        consequence = CONSEQUENCES[self.dice.choice(list(CallResult))]
        assert (consequence.closes is None) is consequence.climbs
        contact.tries += consequence.climbs
        if consequence.closes is not None:
            self.decide(contact, consequence.closes, is_person=True)

    def settle_everything(self) -> None:
        """Time goes on and nobody answers: every ladder ends at a person, and that person decides."""
        for _ in range(3):
            self.now += timedelta(days=4 * 365)
            self.climb()
        for contact in self.due():
            ladder = self.document.ladder(contact.planned.ladder)
            assert contact.step is not None
            assert contact.step.rung == len(ladder.rungs) - 1
            assert not contact.step.is_message
            self.decide(contact, Outcome.UNREACHABLE, is_person=True)


def walked(document: ProgramDocument, dice: random.Random) -> Walk:
    walk = Walk(document, dice)
    for _ in range(STEPS):
        walk.now += timedelta(hours=dice.choice([1, 5, 20, 50, 24 * 9]))
        for anchor in walk.anchors:
            walk.plan_ahead(anchor)
        walk.climb()
        for _ in range(3):
            dice.choice([walk.answer, walk.call, walk.climb])()
        if dice.random() < 0.3:
            dice.choice([walk.move, walk.move, walk.return_to_use])()
    return walk


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(NAMES))
def test_every_contact_ends_in_exactly_one_outcome_whatever_the_order_of_events(seed, name):
    walk = walked(program(name), random.Random(seed))
    walk.settle_everything()
    assert walk.contacts
    for contact in walk.contacts.values():
        assert len(contact.outcomes) == 1, contact
        assert contact.outcomes[0] in OUTCOMES


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(NAMES))
def test_nobody_is_owed_contacts_of_a_state_they_left(seed, name):
    walk = walked(program(name), random.Random(seed))
    begun = {each.event_id for each in walk.anchors}
    owed = {each.planned.anchor for each in walk.contacts.values() if each.is_open}
    assert {each.planned.anchor_event_id for each in walk.contacts.values() if each.is_open} <= begun
    if walk.state[0] in ENDED:
        assert owed <= {AnchorKind.DISCHARGE}
    else:
        assert AnchorKind.DISCHARGE not in owed
    if walk.state[0] in WAITING:
        assert owed <= {AnchorKind.PROPOSAL, AnchorKind.WAITLIST}


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(NAMES))
def test_whoever_waits_is_always_looked_at_again(seed, name):
    """A proposal, a place on the list and a hold never wait without a review that is still to come."""
    walk = walked(program(name), random.Random(seed))
    wanted = {EnrollmentStatus.PROPOSED: AnchorKind.PROPOSAL, EnrollmentStatus.WAITLISTED: AnchorKind.WAITLIST,
              EnrollmentStatus.ON_HOLD: AnchorKind.HOLD}.get(walk.state[0])  # fmt: skip
    for anchor in walk.anchors:
        walk.plan_ahead(anchor)
    if wanted is not None:
        to_come = [each for each in walk.contacts.values() if each.planned.anchor is wanted and each.is_open]
        assert any(each.planned.due_on >= walk.now.date() for each in to_come)


def test_a_contact_that_was_decided_is_never_planned_again():
    document = program("kratom-outpatient")
    anchor = Anchor(AnchorKind.ADMISSION, UUID(int=1), date(2026, 1, 5), date(2026, 1, 5))
    rules = rules_for(document, AnchorKind.ADMISSION)
    for outcome in Outcome:
        planned = plan(rules, anchor, (), ZONE)
        rows = [replace(Contact(each, 1).row(), due_time=time(8), outcome=outcome) for each in planned]
        assert replan(rows, plan(rules, anchor, rows, ZONE)).nothing_to_do
