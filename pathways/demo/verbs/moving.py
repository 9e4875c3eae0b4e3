"""Level of care, admission and every move of an enrollment, and what goes with them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from clinic.errors import Refused
from clinic.rules.roles import Role
from pathways.actions import adaptations, attestations, enrollments, follow_ups, level_transfers, levels, returns
from pathways.actions.enrollments.gating import SetAside
from pathways.demo import steps
from pathways.demo.players import Player
from pathways.demo.verbs.later import Later
from pathways.models import FollowUp, LevelOfCareAssessment, OverrideRequest
from pathways.queries.levels import suggestion_of
from pathways.rules.gates import OverrideReason
from pathways.rules.levels import Need
from pathways.rules.programs.adaptation import AdaptationTarget


def rate(step: steps.Rate, player: Player, now: datetime) -> Iterator[Later]:
    by = player.who(Role.CLINICIAN)
    ratings = dict(zip(Need, step.ratings, strict=True))
    row = levels.rate(by=by, now=now, patient_id=player.row.public_id, ratings=ratings, sud_diagnosis=step.diagnosis)
    level = step.level or suggestion_of(row).level
    if level is None:
        raise ValueError("six ratings give a level")
    levels.decide(by=by, now=now, assessment_id=row.public_id, level=level, reason=step.reason, note=step.note)
    if step.signed_after_minutes is not None:
        yield now + timedelta(minutes=step.signed_after_minutes), partial(_cosign_level, row, player)


def _cosign_level(row: LevelOfCareAssessment, player: Player, now: datetime) -> None:
    levels.cosign(by=player.who(Role.SUPERVISOR), now=now, assessment_id=row.public_id)


def enroll(step: steps.Enroll, player: Player, now: datetime) -> Iterator[Later]:
    made = enrollments.enroll(
        by=player.who(Role.CLINICIAN), now=now, patient_id=player.row.public_id, program_key=step.program,
        counselor_id=player.who(Role.COUNSELOR).public_id,
    )  # fmt: skip
    player.enrollment = made.public_id
    yield from ()


def attest(step: steps.Attest, player: Player, now: datetime) -> Iterator[Later]:
    attestations.attest(by=player.who(step.role), now=now, enrollment_id=player.enrolled, key=step.key, role=step.role)
    yield from ()


def advance(step: steps.Advance, player: Player, now: datetime) -> Iterator[Later]:
    aside = SetAside(step.set_aside, OverrideReason.CLINICAL_JUDGEMENT, step.note) if step.set_aside else None
    by = player.who(Role.CLINICIAN if aside else Role.COUNSELOR)
    try:
        enrollments.advance(by=by, now=now, enrollment_id=player.enrolled, set_aside=aside)
    except Refused as refused:
        if not (step.refused and refused.code == "gate_not_met"):
            raise
    else:
        if step.refused:
            raise ValueError("the gate was met before the story says so")
    yield from ()


def ask_override(step: steps.AskOverride, player: Player, now: datetime) -> Iterator[Later]:
    request = enrollments.request_override(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, criteria=step.criteria,
        reason=OverrideReason.EQUIVALENT_EVIDENCE, note=step.note,
    )  # fmt: skip
    if step.signed_after_minutes is not None:
        yield now + timedelta(minutes=step.signed_after_minutes), partial(_cosign, request, player)


def _cosign(request: OverrideRequest, player: Player, now: datetime) -> None:
    enrollments.cosign_override(by=player.who(Role.SUPERVISOR), now=now, request_id=request.public_id)


def tell_return(step: steps.Return, player: Player, now: datetime) -> Iterator[Later]:
    told = step.told
    returns.record_return_to_use(
        by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled,
        effective_at=now - timedelta(days=step.days_before), substance=told.substance, pattern=told.pattern,
        circumstances=told.circumstances, what_helped=told.what_helped, note=told.note,
    )  # fmt: skip
    yield from ()


def assign(step: steps.Assign, player: Player, now: datetime) -> Iterator[Later]:
    next_one = FollowUp.objects.open().filter(patient=player.row).order_by("due_at", "pk").first()
    if next_one is not None:
        follow_ups.assign(
            by=player.who(Role.SUPERVISOR), now=now, follow_up_id=next_one.public_id,
            owner_id=player.who(step.role).public_id,
        )  # fmt: skip
    yield from ()


def step_back(step: steps.StepBack, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.step_back(
        by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled, reason=step.reason,
        to_phase=step.to_phase, note=step.note,
    )  # fmt: skip
    yield from ()


def hold(step: steps.Hold, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.hold(
        by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled, reason=step.reason,
        review_on=step.on + timedelta(days=step.review_days), note=step.note,
    )  # fmt: skip
    yield from ()


def resume(step: steps.Resume, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.resume(by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled)
    yield from ()


def discharge(step: steps.Discharge, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.discharge(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, reason=step.reason,
        destination=step.destination, note=step.note,
    )  # fmt: skip
    yield from ()


def readmit(step: steps.Readmit, player: Player, now: datetime) -> Iterator[Later]:
    made = enrollments.readmit(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, to_phase=step.to_phase, note=step.note
    )
    player.enrollment = made.public_id
    yield from ()


def transfer_program(step: steps.TransferProgram, player: Player, now: datetime) -> Iterator[Later]:
    made = enrollments.transfer_program(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, program_key=step.program,
        reason=step.reason, counselor_id=player.who(Role.COUNSELOR).public_id, note=step.note,
    )  # fmt: skip
    player.enrollment = made.public_id
    yield from ()


def transfer_level(step: steps.TransferLevel, player: Player, now: datetime) -> Iterator[Later]:
    level_transfers.transfer_level(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, to_level=step.level, reason=step.reason,
        note=step.note,
    )  # fmt: skip
    yield from ()


def adapt_follow_up(step: steps.AdaptFollowUp, player: Player, now: datetime) -> Iterator[Later]:
    adaptations.adapt_rule(
        by=player.who(Role.SUPERVISOR), now=now, enrollment_id=player.enrolled, target=AdaptationTarget.FOLLOW_UP,
        target_key=step.rule_key, change=step.change, reason=step.reason, ends_on=step.on + timedelta(days=step.days),
    )  # fmt: skip
    yield from ()
