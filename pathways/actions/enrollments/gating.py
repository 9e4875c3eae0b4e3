"""Asking the gate of a move, with what is set aside, and saying why not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.errors import BAD_INPUT, FORBIDDEN, Refused
from clinic.models import Actor
from clinic.rules.roles import Permission, Role
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.locking import roles_of
from pathways.models import Enrollment, OverrideRequest
from pathways.queries.adaptations import document_for
from pathways.queries.decisions import decision_told
from pathways.queries.facts import facts_of
from pathways.rules.gates import (
    CriterionResult,
    Decision,
    Gate,
    GateFacts,
    Override,
    OverrideReason,
    State,
    decide,
    override_problems,
)
from pathways.rules.gates.bookings import ContactBooked
from pathways.rules.phases import Move


@dataclass(frozen=True, slots=True)
class SetAside:
    """Criteria somebody sets aside with this move, and why."""

    criteria: tuple[str, ...]
    reason: OverrideReason
    note: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What the gate was asked on and what it answered; both None where the move has no gate."""

    facts: GateFacts | None
    decision: Decision | None
    request: OverrideRequest | None = None

    @property
    def booked(self) -> frozenset[UUID]:
        """The contacts and sessions ahead that the gate was met by: the move does not call off what it rests on."""
        met = [each for each in walked(self.decision.criteria if self.decision else ()) if each.state is State.MET]
        return frozenset(item.public_id for each in met if each.kind == ContactBooked.KEY for item in each.evidence)

    @property
    def facts_kept(self) -> dict[str, object]:
        if self.facts is None:
            return {}
        entered = self.facts.phase_entered_on
        return {
            "as_of": self.facts.as_of.isoformat(),
            "zone": self.facts.zone,
            "phase_entered_on": entered.isoformat() if entered else None,
            "records": [str(each) for each in self.facts.records()],
        }


def ask_gate(
    *,
    enrollment: Enrollment,
    move: Move,
    by: Actor,
    now: datetime,
    effective_at: datetime,
    set_aside: SetAside | None,
    language: str = "en",
) -> Asked:
    """The answer on facts effective at `effective_at` and known now.

    Raises Refused `gate_not_met` (409) with every criterion, or `override_not_allowed` with the reason for each.
    """
    on = effective_at.astimezone(enrollment.site.zone).date()
    gate = document_for(enrollment, on).gate_for(move.from_phase, move.to_phase, move.gate)
    if gate is None:
        return Asked(None, None)
    facts = facts_of(enrollment, as_of=effective_at, gate=gate)
    request, decision = _decided(gate, facts, by, set_aside, _cosigned(enrollment, move, now))
    if not decision.met:
        raise not_met(decision, by, language)
    used = set(set_aside_in(decision.criteria))
    return Asked(facts, decision, request if request and used & set(request.criteria) else None)


def set_aside_in(criteria: Iterable[CriterionResult]) -> Iterator[str]:
    """Keys of what was set aside, at every depth."""
    return (each.key for each in walked(criteria) if each.set_aside)


def walked(criteria: Iterable[CriterionResult]) -> Iterator[CriterionResult]:
    """Every result at every depth."""
    for each in criteria:
        yield each
        yield from walked(each.children)


def _decided(
    gate: Gate, facts: GateFacts, by: Actor, set_aside: SetAside | None, signed: Sequence[OverrideRequest]
) -> tuple[OverrideRequest | None, Decision]:
    """The answer with the newest signed request that opens the gate; with the newest where none does."""
    found: list[tuple[OverrideRequest | None, Decision]] = []
    for request in signed or (None,):
        fitting = [each for each in _from_request(request) if not override_problems(gate, [each])]
        overrides = _overrides(by, set_aside, fitting)
        _check(gate, overrides)
        found.append((request, decide(gate, facts, overrides)))
        if found[-1][1].met:
            return found[-1]
    return found[0]


def _check(gate: Gate, overrides: Iterable[Override]) -> None:
    problems = override_problems(gate, overrides)
    if problems:
        raise Refused(
            "override_not_allowed",
            problems[0].sentence,
            status=BAD_INPUT,
            fields={problem.path: problem.sentence for problem in problems},
        )


def not_met(decision: Decision, by: Actor, language: str = "en") -> Refused:
    """The refusal of a gate: one sentence, and every criterion in words, as `by` reads them."""
    said = sentence("gate.refused", met=decision.met_count, of=decision.of_count)
    return Refused("gate_not_met", said, details=decision_told(decision, by, language))


def _overrides(by: Actor, set_aside: SetAside | None, signed: Iterable[Override]) -> list[Override]:
    given = {each.criterion: each for each in signed}
    if set_aside is not None and set_aside.criteria:
        if not (by.is_person and by.may(Permission.OVERRIDE)):
            raise Refused("forbidden", sentence("refused.forbidden"), status=FORBIDDEN)
        for key in set_aside.criteria:
            given.setdefault(key, _own(by, key, set_aside))
    return list(given.values())


def _own(by: Actor, key: str, set_aside: SetAside) -> Override:
    return Override(key, by.public_id, roles_of(by), set_aside.reason, set_aside.note)


def _from_request(request: OverrideRequest | None) -> Sequence[Override]:
    if request is None or request.cosigned_by is None:
        return ()
    asked, signed = request.requested_by, request.cosigned_by
    return [
        Override(
            key,
            asked.public_id,
            tuple(Role(role) for role in asked.roles),
            OverrideReason(request.reason_code),
            request.reason,
            signed.public_id,
            tuple(Role(role) for role in signed.roles),
        )
        for key in request.criteria
    ]


def _cosigned(enrollment: Enrollment, move: Move, now: datetime) -> list[OverrideRequest]:
    """Requests signed where the move begins (in no phase: by who waits), neither used nor expired; newest first."""
    here = enrollment.current_phase if move.from_phase is not None else None
    rows = OverrideRequest.objects.filter(
        enrollment=enrollment, from_phase=here, cosigned_at__isnull=False, used_in__isnull=True, expires_at__gt=now
    )
    return list(rows.select_related("requested_by", "cosigned_by").order_by("-cosigned_at", "-pk"))
