"""The criterion that looks at a plan: something stands in it, is complete, is signed, was reviewed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.registry import FactKind, kind
from pathways.rules.gates.rows import LONGEST_WINDOW
from pathways.rules.gates.verdicts import Evidence, Finding, State
from pathways.rules.plans import ELEMENTS, ElementStatus, PlanElementKind, PlanKind

MOST_ELEMENTS = 50


class PlanPart(StrEnum):
    """What of a plan is looked at: the plan itself, or its elements of one kind."""

    PLAN = "plan"
    PROBLEM = "problem"
    GOAL = "goal"
    OBJECTIVE = "objective"
    INTERVENTION = "intervention"
    TRIGGER = "trigger"
    WARNING_SIGN = "warning_sign"
    COPING_STRATEGY = "coping_strategy"
    PERSON_TO_CALL = "person_to_call"
    SOCIAL_NETWORK = "social_network"
    DAILY_LIFE = "daily_life"
    SUPPORT_GROUP = "support_group"
    COMPLEMENTARY_THERAPY = "complementary_therapy"


class PlanState(StrEnum):
    """What must be so. *signed*: by the patient, on the plan as it now stands."""

    PRESENT = "present"
    COMPLETE = "complete"
    SIGNED = "signed"
    REVIEWED = "reviewed"


OF_THE_PLAN_ALONE = frozenset({PlanState.SIGNED, PlanState.REVIEWED})


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One element of an open plan. `completed_at` only where it is complete."""

    public_id: UUID
    plan: PlanKind
    kind: PlanElementKind
    status: ElementStatus
    completed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """An open plan: when it was opened, when its content last changed, and the newest signatures and review."""

    public_id: UUID
    plan: PlanKind
    opened_at: datetime
    changed_at: datetime
    signed_by_patient_at: datetime | None = None
    signed_by_staff_at: datetime | None = None
    reviewed_at: datetime | None = None


@kind
@dataclass(frozen=True, slots=True)
class PlanElement(FactKind):
    """The plan, or at least so many of its elements of one kind, are there, complete, signed or reviewed.

    A stopped element is not there. A plan is complete when it has elements and each is complete or stopped. A signature
    holds for the content it was given on: once the plan has changed, it is *expired*. With `within_days` it must have
    become so that many calendar days ago at most: opened, completed, signed, reviewed.

    *missing*: no plan, nothing signed or reviewed, or no such element. *unmet*: fewer complete than asked.
    """

    KEY: ClassVar[str] = "plan_element"
    FACTS: ClassVar[tuple[type, ...]] = (PlanItem, PlanStanding)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.choice("plan", PlanKind),
        params.choice("element", PlanPart),
        params.choice("state", PlanState, called="plan_state"),
        params.optional_whole("at_least", 1, MOST_ELEMENTS, default=1),
        params.optional_whole("within_days", 0, LONGEST_WINDOW),
    )

    plan: PlanKind
    element: PlanPart
    state: PlanState
    at_least: int = 1
    within_days: int | None = None

    def check(self, fields: Fields) -> None:
        if self.element is PlanPart.PLAN:
            if self.at_least > 1:
                fields.refuse("at_least", "program.problem.one_plan")
            return
        if PlanElementKind(self.element.value) not in ELEMENTS[self.plan]:
            fields.refuse("element", "program.problem.not_in_plan", plan=self.plan, element=self.element)
        if self.state in OF_THE_PLAN_ALONE:
            fields.refuse("state", "program.problem.whole_plan_only", state=self.state)
        elif self.state is PlanState.PRESENT and self.within_days is not None:
            fields.refuse("within_days", "program.problem.no_day", state=self.state)

    def asks(self) -> Sentence:
        if self.element is PlanPart.PLAN:
            asked = sentence(f"gate.plan.asks_{self.state.value}", plan=self.plan)
        else:
            code = f"gate.plan.asks_element_{self.state.value}"
            asked = sentence(code, plan=self.plan, element=self.element, n=self.at_least)
        if self.within_days is None:
            return asked
        return sentence("gate.plan.within", asked=asked, days=self.within_days)

    def judge(self, facts: GateFacts) -> Finding:
        open_plans = [each for each in facts.of(PlanStanding) if each.plan is self.plan]
        standing = next((each for each in open_plans if each.opened_at <= facts.as_of), None)
        if standing is None:
            found, step = sentence("gate.plan.missing"), sentence("gate.plan.next_open", plan=self.plan)
            return Finding(State.MISSING, found, (), None, facts.today, step)
        if self.element is not PlanPart.PLAN:
            return self._elements(facts, standing)
        match self.state:
            case PlanState.PRESENT:
                return self._dated(facts, standing, standing.opened_at)
            case PlanState.SIGNED:
                return self._signed(facts, standing)
            case PlanState.REVIEWED:
                return self._dated(facts, standing, _known(facts, standing.reviewed_at))
        return self._complete(facts, standing)

    def _signed(self, facts: GateFacts, standing: PlanStanding) -> Finding:
        signed_at = _known(facts, standing.signed_by_patient_at)
        if signed_at is None or signed_at >= standing.changed_at:
            return self._dated(facts, standing, signed_at)
        found = sentence("gate.plan.changed_since", on=facts.day_of(signed_at))
        return self._not_yet(State.EXPIRED, facts, found, (self._evidence(facts, standing, signed_at),))

    def _dated(self, facts: GateFacts, standing: PlanStanding, at: datetime | None) -> Finding:
        """What happened to the plan at a moment, and holds from then on or for `within_days`."""
        if at is None:
            return self._not_yet(State.MISSING, facts, sentence(f"gate.plan.not_{self.state.value}"), ())
        on, evidence = facts.day_of(at), (self._evidence(facts, standing, at),)
        lapses_on = self._lapses_on(on)
        if lapses_on is not None and lapses_on < facts.today:
            return self._not_yet(State.EXPIRED, facts, sentence("gate.plan.expired", on=on), evidence)
        said = sentence(f"gate.plan.{self.state.value}", on=on)
        if lapses_on is not None:
            said = sentence("gate.plan.until", said=said, until=lapses_on)
        return Finding(State.MET, said, evidence, lapses_on)

    def _complete(self, facts: GateFacts, standing: PlanStanding) -> Finding:
        """The whole plan: every element complete or stopped; complete since the last of them was."""
        counting = [each for each in self._items(facts) if each.status is not ElementStatus.STOPPED]
        done = _done(facts, counting)
        if not counting:
            return self._not_yet(State.MISSING, facts, sentence("gate.plan.empty"), ())
        if len(done) < len(counting):
            found = sentence("gate.plan.found_complete", n=len(done), of=len(counting))
            return self._not_yet(State.UNMET, facts, found, self._item_evidence(facts, done))
        return self._dated(facts, standing, max(at for _, at in done))

    def _elements(self, facts: GateFacts, standing: PlanStanding) -> Finding:
        kind_wanted = PlanElementKind(self.element.value)
        there = [each for each in self._items(facts) if each.kind is kind_wanted]
        there = [each for each in there if each.status is not ElementStatus.STOPPED]
        if self.state is PlanState.COMPLETE:
            return self._elements_complete(facts, there)
        found = sentence("gate.plan.found", n=len(there), of=self.at_least)
        evidence = (self._evidence(facts, standing, standing.opened_at),)
        if len(there) >= self.at_least:
            return Finding(State.MET, found, evidence)
        return self._not_yet(State.UNMET if there else State.MISSING, facts, found, evidence)

    def _elements_complete(self, facts: GateFacts, there: Sequence[PlanItem]) -> Finding:
        done = sorted(_done(facts, there), key=lambda each: each[1], reverse=True)
        recent = [(item, at) for item, at in done if self._recent(facts, at)]
        found = sentence("gate.plan.found_complete", n=len(recent), of=self.at_least)
        if len(recent) >= self.at_least:
            counted = recent[: self.at_least]
            lapses_on = self._lapses_on(facts.day_of(counted[-1][1]))
            return Finding(State.MET, found, self._item_evidence(facts, counted), lapses_on)
        if len(done) >= self.at_least:
            expired = sentence("gate.plan.expired", on=facts.day_of(done[0][1]))
            return self._not_yet(State.EXPIRED, facts, expired, self._item_evidence(facts, done[: self.at_least]))
        return self._not_yet(State.UNMET if there else State.MISSING, facts, found, self._item_evidence(facts, recent))

    def _items(self, facts: GateFacts) -> list[PlanItem]:
        return [each for each in facts.of(PlanItem) if each.plan is self.plan]

    def _recent(self, facts: GateFacts, at: datetime) -> bool:
        return self.within_days is None or facts.days_since(at) <= self.within_days

    def _lapses_on(self, on: date) -> date | None:
        return None if self.within_days is None else on + timedelta(days=self.within_days)

    def _not_yet(self, state: State, facts: GateFacts, found: Sentence, seen: tuple[Evidence, ...]) -> Finding:
        code = f"gate.plan.next_{self.state.value}"
        if self.element is not PlanPart.PLAN:
            code = f"gate.plan.next_element_{self.state.value}"
        step = sentence(code, plan=self.plan, element=self.element)
        return Finding(state, found, seen, None, facts.today, step)

    def _evidence(self, facts: GateFacts, standing: PlanStanding, at: datetime) -> Evidence:
        said = sentence("gate.plan.evidence", plan=self.plan, on=facts.day_of(at))
        return Evidence("plan", standing.public_id, at, said)

    @staticmethod
    def _item_evidence(facts: GateFacts, done: Sequence[tuple[PlanItem, datetime]]) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                "plan_element",
                item.public_id,
                at,
                sentence("gate.plan.evidence_element", element=item.kind, on=facts.day_of(at)),
            )
            for item, at in done
        )


def _known(facts: GateFacts, at: datetime | None) -> datetime | None:
    """A moment up to the one asked about."""
    return at if at is not None and at <= facts.as_of else None


def _done(facts: GateFacts, items: Sequence[PlanItem]) -> list[tuple[PlanItem, datetime]]:
    """The elements complete by the moment asked about, with when."""
    complete = [(each, _known(facts, each.completed_at)) for each in items if each.status is ElementStatus.COMPLETE]
    return [(item, at) for item, at in complete if at is not None]
