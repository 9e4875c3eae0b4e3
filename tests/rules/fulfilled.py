"""The facts of somebody who has done all a gate asks for, each kind of criterion answered just enough."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from pathways.rules.gates import Attested, Gate, GateFacts, PhaseEntered, Reading
from pathways.rules.gates.attendance import Attended, Measure, SessionsAttended
from pathways.rules.gates.bookings import BookedContact, ContactBooked
from pathways.rules.gates.consents import ConsentHeld, ConsentInForce
from pathways.rules.gates.facts import BAND, TOTAL
from pathways.rules.gates.kinds import AssessmentDone, Attestation
from pathways.rules.gates.levels import LevelAtMost, LevelStanding
from pathways.rules.gates.observations import ObservationCompared, ObservationOp, Observed
from pathways.rules.gates.plans import PlanElement, PlanItem, PlanPart, PlanStanding
from pathways.rules.gates.scores import Comparison, ScoreCompared
from pathways.rules.plans import ElementStatus, PlanElementKind
from pathways.rules.sessions import AttendanceStatus
from patients.rules.consents import ConsentExpiry, ConsentKind, RecipientClass, SignedConsent
from patients.rules.observations import ObservationResult

NOW = datetime(2026, 6, 18, 15, 0, tzinfo=UTC)
UPPER_LIMIT = Decimal(40)
STEP = {Comparison.BELOW: -1, Comparison.ABOVE: 1, ObservationOp.BELOW: -1, ObservationOp.ABOVE: 1}


def fulfilled(gate: Gate, *, days: int) -> GateFacts:
    """Facts on which the gate is met, `days` after the phase was entered; nothing is open, nothing too old."""
    found: dict[type, tuple[object, ...]] = {PhaseEntered: (PhaseEntered(NOW - timedelta(days=days)),)}
    for fact in (*_readings(gate), *(fact for each in gate.walk() for fact in _facts(each.kind))):
        found[type(fact)] = (*found.get(type(fact), ()), fact)
    return GateFacts(NOW, "UTC", found)


def _readings(gate: Gate) -> Iterator[Reading]:
    """Each instrument filled in as often as asked, with scores that suit every criterion on it."""
    kinds = [each.kind for each in gate.walk()]
    compared = [each for each in kinds if isinstance(each, ScoreCompared)]
    for instrument in {each.instrument for each in kinds if isinstance(each, ScoreCompared | AssessmentDone)}:
        mine = [each for each in compared if each.instrument == instrument]
        scores = {each.score: _score(each) for each in mine}
        total, band = scores.pop(TOTAL, 0), scores.pop(BAND, None)
        apart = timedelta(hours=max((each.hours_between for each in mine), default=1))
        for number in range(max((each.last for each in mine), default=1)):
            at = NOW - number * apart - timedelta(minutes=1)
            yield Reading(uuid4(), instrument, at, total, scores, band)


def _score(kind: ScoreCompared) -> int | str:
    limit = kind.value[0] if isinstance(kind.value, tuple) else kind.value
    return limit + STEP.get(kind.op, 0) if isinstance(limit, int) else limit


def _facts(kind: object) -> Iterator[object]:
    match kind:
        case Attestation():
            yield Attested(uuid4(), kind.attestation, kind.roles[0], "Mara Lind", NOW)
        case ObservationCompared():
            yield from _observed(kind)
        case SessionsAttended():
            yield from _attended(kind)
        case PlanElement():
            yield from _planned(kind)
        case ContactBooked():
            at, modality = NOW + timedelta(days=kind.within_days), kind.modalities[0]
            yield BookedContact(kind.what[-1], uuid4(), at, modality=modality)
        case ConsentInForce():
            yield _consented(kind)
        case LevelAtMost():
            yield LevelStanding(kind.level, NOW, kind.level, NOW, uuid4())


def _consented(kind: ConsentInForce) -> ConsentHeld:
    signed = SignedConsent(
        kind=ConsentKind.SPECIFIC,
        categories=frozenset(kind.categories),
        recipient_class=kind.recipient or RecipientClass.TREATING_PROVIDERS,
        purposes=frozenset({kind.purpose}),
        expiry=ConsentExpiry.ON_DATE,
        signed_on=NOW.date(),
        effective_at=NOW,
        expires_on=NOW.date() + timedelta(days=365),
    )
    return ConsentHeld(uuid4(), signed)


def _observed(kind: ObservationCompared) -> Iterator[Observed]:
    limit = UPPER_LIMIT * (kind.times_upper_limit or 0) if kind.value is None else kind.value
    negative = ObservationResult.NEGATIVE if kind.op is ObservationOp.NEGATIVE else None
    for number in range(kind.last):
        at = NOW - timedelta(hours=number * kind.hours_between, minutes=1)
        value = None if negative else limit + STEP.get(kind.op, 0)
        yield Observed(uuid4(), kind.tests[0], at, value, result=negative, reference_high=UPPER_LIMIT)


def _attended(kind: SessionsAttended) -> Iterator[Attended]:
    modality = kind.modalities[0] if kind.modalities else "group-therapy"
    count = kind.at_least if kind.measure is Measure.COUNT else 1
    minutes = kind.at_least if kind.measure is Measure.MINUTES else 60
    for number in range(count):
        at = NOW - timedelta(hours=number + 1)
        yield Attended(uuid4(), modality, at, AttendanceStatus.ATTENDED, minutes)


def _planned(kind: PlanElement) -> Iterator[PlanItem | PlanStanding]:
    opened = NOW - timedelta(days=1)
    yield PlanStanding(uuid4(), kind.plan, opened, opened, signed_by_patient_at=NOW, reviewed_at=NOW)
    if kind.element is not PlanPart.PLAN:
        yield PlanItem(uuid4(), kind.plan, PlanElementKind(kind.element.value), ElementStatus.ACTIVE)
