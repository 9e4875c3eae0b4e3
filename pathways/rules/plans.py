"""The words of a plan: what a care plan and a recovery plan are made of, and how far each part has come.

Care plan [CarePlan, Goal, ServiceRequest]: problem → goal → objective → intervention. Recovery plan: what sets use off,
how one notices, what one does, whom one calls, and the life around it (model.md, The course of care).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.canonical import digest
from pathways.rules.worklist import is_overdue


class PlanKind(StrEnum):
    """Which plan: the one the team works by, or the one the patient keeps."""

    CARE = "care"
    RECOVERY = "recovery"


class PlanElementKind(StrEnum):
    """One line of a plan."""

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


class ElementStatus(StrEnum):
    """How far an element has come [Goal.lifecycleStatus]."""

    PROPOSED = "proposed"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETE = "complete"
    STOPPED = "stopped"


class PlanSigner(StrEnum):
    """Who put their name to a plan."""

    PATIENT = "patient"
    STAFF = "staff"
    SUPPORT_PERSON = "support_person"


class SigningMethod(StrEnum):
    """How a plan was signed."""

    ON_PAPER = "on_paper"
    ON_SCREEN = "on_screen"
    SAID = "said"


ENDED = frozenset({ElementStatus.COMPLETE, ElementStatus.STOPPED})
# What an open line may be changed to; it is ended by its own verb.
OPEN = (ElementStatus.PROPOSED, ElementStatus.ACTIVE, ElementStatus.ON_HOLD)
_ICD10 = re.compile(r"[A-TV-Z][0-9][0-9AB](\.[0-9A-Z]{1,4})?\Z")
E = PlanElementKind
CARE_ELEMENTS = (E.PROBLEM, E.GOAL, E.OBJECTIVE, E.INTERVENTION)
RECOVERY_ELEMENTS = (
    E.TRIGGER,
    E.WARNING_SIGN,
    E.COPING_STRATEGY,
    E.PERSON_TO_CALL,
    E.SOCIAL_NETWORK,
    E.DAILY_LIFE,
    E.SUPPORT_GROUP,
    E.COMPLEMENTARY_THERAPY,
)
ELEMENTS: dict[PlanKind, tuple[PlanElementKind, ...]] = {
    PlanKind.CARE: CARE_ELEMENTS,
    PlanKind.RECOVERY: RECOVERY_ELEMENTS,
}
# What an element of a care plan stands under; the others stand for themselves.
STANDS_UNDER: dict[PlanElementKind, PlanElementKind] = {
    E.GOAL: E.PROBLEM,
    E.OBJECTIVE: E.GOAL,
    E.INTERVENTION: E.OBJECTIVE,
}


# -- where a line may stand -------------------------------------------------------------------------------------------


def parent_problem(plan: PlanKind, kind: PlanElementKind, parent: PlanElementKind | None) -> Sentence | None:
    """Why a line of this kind cannot stand there; None where it can. A part of a recovery plan stands for itself."""
    if kind not in ELEMENTS[plan]:
        return sentence("plan.refused.kind", kind=kind)
    under = STANDS_UNDER.get(kind)
    if under is None:
        return sentence("plan.refused.stands_alone", kind=kind) if parent is not None else None
    return None if parent is under else sentence("plan.refused.parent", kind=kind, under=under)


def diagnosis_problem(code: str) -> Sentence | None:
    """Why this is no ICD-10-CM code; nothing written is none."""
    return None if not code or _ICD10.match(code) else sentence("plan.refused.diagnosis")


def ending_problem(status: ElementStatus, open_beneath: int) -> Sentence | None:
    """A line is complete once nothing beneath it is open; stopping one stops what stands beneath it."""
    if status is ElementStatus.COMPLETE and open_beneath:
        return sentence("plan.refused.still_open", n=open_beneath)
    return None


# -- what a signature holds for ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan as somebody agreed to it. How far it has come is no part of that."""

    key: str
    parent: str | None
    kind: PlanElementKind
    status: ElementStatus
    text: str
    own_words: str = ""
    contact: str = ""
    modality: str = ""
    owner: str | None = None
    diagnosis: str = ""
    co_occurring: bool = False
    position: int = 0
    starts_on: date | None = None
    due_on: date | None = None


def content_digest(kind: PlanKind, own_words: str, lines: Iterable[Line]) -> str:
    """SHA-256 of the plan's content in canonical form: what was stopped is not in it, the order of rows is not either.

    That a goal is met, or rests for a while, changes nothing that was agreed: its signatures hold.
    """
    kept = [_canonical(each) for each in lines if each.status is not ElementStatus.STOPPED]
    kept.sort(key=lambda line: str(line["key"]))
    return digest({"kind": kind.value, "own_words": own_words, "lines": kept})


def _canonical(line: Line) -> Mapping[str, object]:
    return {
        "key": line.key,
        "parent": line.parent,
        "kind": line.kind.value,
        "text": line.text,
        "own_words": line.own_words,
        "contact": line.contact,
        "modality": line.modality,
        "owner": line.owner,
        "diagnosis": line.diagnosis,
        "co_occurring": line.co_occurring,
        "position": line.position,
        "starts_on": line.starts_on.isoformat() if line.starts_on else None,
        "due_on": line.due_on.isoformat() if line.due_on else None,
    }


@dataclass(frozen=True, slots=True)
class Signed:
    """A name put to a plan."""

    signer: PlanSigner
    name: str
    at: datetime
    digest: str


@dataclass(frozen=True, slots=True)
class PlanStanding:
    """A plan's content as it is now, since when, and the names put to it so far."""

    digest: str
    changed_at: datetime
    signatures: tuple[Signed, ...] = ()


def holding(standing: PlanStanding) -> tuple[Signed, ...]:
    """The signatures that hold: given on this very content, since it last changed. The newest of each name alone."""
    newest: dict[tuple[PlanSigner, str], Signed] = {}
    for each in sorted(standing.signatures, key=lambda one: one.at):
        if each.digest == standing.digest and each.at >= standing.changed_at:
            newest[each.signer, each.name] = each
    return tuple(newest.values())


def signed(standing: PlanStanding, by: PlanSigner | None = None) -> bool:
    """Whether somebody (of this kind) has signed the plan as it stands."""
    return any(by in (None, each.signer) for each in holding(standing))


# -- when it is looked at again ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The last time a plan was looked at together, and in which phase."""

    at: datetime
    phase: str | None


@dataclass(frozen=True, slots=True)
class ReviewFacts:
    """What decides on the next review: the phase somebody is in since when, the last review, the day set for one."""

    opened_at: datetime
    last: Reviewed | None = None
    review_on: date | None = None
    phase: str | None = None
    phase_title: str = ""
    entered_at: datetime | None = None
    entered_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReviewDue:
    """When the plan is to be looked at, whether that is now, and why in one sentence."""

    on: date
    is_due: bool
    reason: Sentence


def review_due(facts: ReviewFacts, today: date) -> ReviewDue | None:
    """A change of phase since the plan was opened or last reviewed asks for a review at once; else its day does.

    None where no day is set and the phase is the one it was made or reviewed in (model.md: at every phase change).
    """
    if facts.entered_on is not None and _phase_changed(facts):
        said = sentence("plan.review.phase", phase=facts.phase_title, on=facts.entered_on)
        return ReviewDue(facts.entered_on, True, said)
    if facts.review_on is None:
        return None
    late = is_overdue(facts.review_on, 0, today, closed=False)
    code = "plan.review.overdue" if late else "plan.review.day"
    return ReviewDue(facts.review_on, facts.review_on <= today, sentence(code, on=facts.review_on))


def _phase_changed(facts: ReviewFacts) -> bool:
    if facts.entered_at is None:
        return False
    if facts.last is None:
        return facts.entered_at > facts.opened_at
    return facts.entered_at > facts.last.at or facts.phase != facts.last.phase
