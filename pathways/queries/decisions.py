"""A gate's decision in words: the same on the page, in the API's 409 and in the record."""

from collections.abc import Iterable, Mapping
from typing import Any

from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.rules.gates import CriterionResult, Decision, Evidence

Shown = dict[str, Any]
FINDINGS = ("state", "found", "evidence", "lapses_on", "earliest", "next_step")
"""What a criterion tells of the person; the rest is what the program asks."""


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


def decision_told(decision: Decision, by: Actor, language: str = "en") -> Shown:
    """As `decision_shown`, as far as `by` reads findings: how many criteria are met is told to everybody, as on the
    board; which, by what and until when is not."""
    shown = decision_shown(decision, language)
    if reads_findings(by):
        return shown
    unsaid = {"earliest": None, "lapses_next": None}
    return shown | unsaid | {"criteria": criteria_told(shown["criteria"], findings=False, aside=False)}


def reads_findings(actor: Actor) -> bool:
    """Whether the actor reads what was found about a person."""
    return actor.may(Permission.ASSESSMENT_READ)


def criteria_told(criteria: Iterable[Shown], *, findings: bool, aside: bool) -> list[Shown]:
    """Criteria as they were shown, at every depth; null what was found, and which were set aside, where not told."""
    unsaid = dict.fromkeys([*(() if findings else FINDINGS), *(() if aside else ["set_aside"])])
    return _without(criteria, unsaid) if unsaid else list(criteria)


def _without(criteria: Iterable[Shown], unsaid: Mapping[str, None]) -> list[Shown]:
    return [{**each, **unsaid, "children": _without(each.get("children", ()), unsaid)} for each in criteria]


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
