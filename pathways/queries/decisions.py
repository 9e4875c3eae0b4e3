"""A gate's decision in words: the same on the page, in the API's 409 and in the record."""

from collections.abc import Iterable
from typing import Any

from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.rules.gates import CriterionResult, Decision, Evidence

Shown = dict[str, Any]


def criteria_shown(decision: Decision, language: str = "en") -> list[Shown]:
    """Every criterion with its sentences, its evidence and its next step."""
    return [_criterion(each, language) for each in decision.criteria]


def decision_shown(decision: Decision, language: str = "en") -> Shown:
    """The whole answer: how many are met, the earliest day, what lapses next, and every criterion."""
    lapse = decision.lapses_next
    return {
        "gate": decision.gate,
        "met": decision.met,
        "met_count": decision.met_count,
        "of_count": decision.of_count,
        "summary": say(sentence("gate.summary", met=decision.met_count, of=decision.of_count), language),
        "earliest": decision.earliest.isoformat() if decision.earliest else None,
        "lapses_next": {"criterion": lapse.criterion, "on": lapse.on.isoformat()} if lapse else None,
        "criteria": criteria_shown(decision, language),
    }


def untold(criteria: Iterable[Shown]) -> list[Shown]:
    """Criteria as they were shown, without a word on which were set aside."""
    return [each | {"set_aside": None, "children": untold(each.get("children", ()))} for each in criteria]


def _criterion(result: CriterionResult, language: str) -> Shown:
    return {
        "key": result.key,
        "kind": result.kind,
        "state": result.state.value,
        "requirement": result.requirement.value,
        "sentence": say(result.sentence, language),
        "found": say(result.found, language),
        "evidence": [_evidence(each, language) for each in result.evidence],
        "lapses_on": result.lapses_on.isoformat() if result.lapses_on else None,
        "earliest": result.earliest.isoformat() if result.earliest else None,
        "next_step": say(result.next_step, language) if result.next_step else None,
        "overridable_by": [role.value for role in result.overridable_by],
        "needs_reason": result.needs_reason,
        "cosigned_by": [role.value for role in result.cosigned_by],
        "set_aside": result.set_aside is not None,
        "children": [_criterion(each, language) for each in result.children],
    }


def _evidence(evidence: Evidence, language: str) -> Shown:
    return {
        "type": evidence.type,
        "public_id": str(evidence.public_id),
        "at": evidence.at.isoformat(),
        "sentence": say(evidence.sentence, language),
    }
