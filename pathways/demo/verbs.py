"""Each step of a story as calls of the product's actions, at the story's own time."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from clinic.errors import Refused
from clinic.rules.roles import Role
from pathways.actions import attestations, enrollments, findings, follow_ups, levels, returns
from pathways.actions.enrollments.gating import SetAside
from pathways.demo import steps
from pathways.demo.answers import answers, suicide_screen, use_profile
from pathways.demo.people import Reach
from pathways.demo.players import Player
from pathways.demo.stage import PROGRAM
from pathways.models import FollowUp, LevelOfCareAssessment, OverrideRequest
from pathways.queries.levels import suggestion_of
from pathways.rules.gates import OverrideReason
from pathways.rules.levels import Need
from patients.actions import consents, contacts, flags, intakes, patients
from patients.models import Assessment, ContactPoint, SafetyFlag

Later = tuple[datetime, Callable[[datetime], None]]
"""Something that follows from a step by itself: when, and what."""

URGENT = ("urgent", "emergency")
_SECTION_MINUTES = timedelta(minutes=4)
_DONE = {
    "emergency": "Seen at once by the physician; safety plan written, means put away, family informed with consent.",
    "urgent": "Seen the same day; plan for tonight agreed, telephone number of the crisis line given.",
    "warning": "Talked through at the next contact; noted in the plan.",
}
_TODAY = "Called back within the hour and looked at together; nothing that cannot wait for the next visit."


def perform(step: steps.Step, player: Player, now: datetime) -> list[Later]:
    """Play one step; returns what follows from it later."""
    return list(_VERBS[type(step)](step, player, now))


def _register(step: steps.Register, player: Player, now: datetime) -> Iterator[Later]:
    person = player.told.person
    by = player.who(Role.FRONT_DESK)
    player.patient = patients.register(
        by=by, now=now, site=player.site, given_name=person.given_name, family_name=person.family_name,
        preferred_name=person.preferred_name, birth_date=person.birth_date, sex_for_clinical_use=person.sex,
        pronouns=person.pronouns, language=person.language, time_zone=person.time_zone, contact_points=person.points,
        confirm_not_duplicate=True,
    )  # fmt: skip
    match person.reach:
        case Reach.NO_REMINDERS:
            contacts.prefer(
                patient=player.patient, expected_version=None, preferred_channel="", reminders_wanted=False,
                note="Rather gets a call.", by=by, now=now,
            )  # fmt: skip
        case Reach.WRONG_NUMBER:
            yield now + timedelta(days=9, hours=3), partial(_number_was_wrong, player)
        case Reach.WITHDREW:
            yield now + timedelta(days=23, hours=2), partial(_consent_withdrawn, player)


def _written_point(player: Player) -> ContactPoint:
    return ContactPoint.objects.select_related("patient").filter(patient=player.row, channel="sms").get()


def _number_was_wrong(player: Player, now: datetime) -> None:
    contacts.suppress(
        patient=player.row, reason="wrong_person", contact_point=_written_point(player), by=player.who(Role.NURSE),
        now=now,
    )  # fmt: skip


def _consent_withdrawn(player: Player, now: datetime) -> None:
    consents.record(
        contact_point=_written_point(player), given=False, method="phone", evidence="Said so on the telephone.",
        by=player.who(Role.FRONT_DESK), now=now,
    )  # fmt: skip


def _take_intake(step: steps.TakeIntake, player: Player, now: datetime) -> Iterator[Later]:
    by = player.who(Role.CLINICIAN)
    intake = intakes.open_intake(patient=player.row, by=by, now=now)
    for instrument in step.sections:
        now += _SECTION_MINUTES
        given = _form(instrument, player, now, held=step.held.get(instrument, {}), band=step.risk)
        findings.save_draft(
            patient=player.row, instrument=instrument, answers=given, expected_version=None, intake=intake,
            by=by, now=now,
        )  # fmt: skip
    if not step.signed:
        return
    now += _SECTION_MINUTES
    signed = findings.sign_intake(intake=intake, expected_version=intake.version, by=by, now=now)
    for assessment in signed.assessments:
        yield from _answered(assessment, player, now, keep=False)


def _find(step: steps.Find, player: Player, now: datetime) -> Iterator[Later]:
    by = player.who(Role.NURSE if step.instrument in ("cows", "sows") else Role.COUNSELOR)
    given = _form(
        step.instrument, player, now, held=step.held, band=step.band, settled=step.settled, scores=step.scores
    )
    made = findings.record_assessment(
        patient=player.row, instrument=step.instrument, answers=given, effective_at=now, by=by, now=now
    )
    yield from _answered(made, player, now, keep=step.keep)


def hand_in(instrument: str, player: Player, now: datetime) -> list[Later]:
    """A questionnaire the person fills in by themselves; it comes in through the API."""
    made = findings.record_assessment(
        patient=player.row, instrument=instrument, answers=_form(instrument, player, now), effective_at=now,
        by=player.stage.client, now=now,
    )  # fmt: skip
    return list(_answered(made, player, now, keep=False))


def _form(instrument: str, player: Player, now: datetime, **wanted: Any) -> dict[str, object]:
    on = now.astimezone(player.zone).date()
    rng = player.chance(instrument, on)
    course = player.course
    if instrument == "cssrs_screen":
        return suicide_screen(wanted.get("band", "none"))
    if instrument == "kratom_use_profile":
        return use_profile(course.severity, (on - course.began).days, rng, held=wanted.get("held"))
    scores = {**course.scores(instrument, on, settled=wanted.get("settled", False)), **wanted.get("scores", {})}
    return answers(instrument, scores, rng, held=wanted.get("held"))


def _answered(assessment: Assessment, player: Player, now: datetime, *, keep: bool) -> Iterator[Later]:
    """Somebody sees to what a form raised: at once where it is urgent, within days where it is not."""
    if not assessment.alerts:
        return
    raised = SafetyFlag.objects.filter(source_id=assessment.public_id, closed_at__isnull=True)
    for flag in raised.order_by("severity", "alert_key"):
        if not (keep and flag.severity in URGENT):
            yield now + _seen_to_after(flag, player), partial(_close, flag.pk, player)


def _seen_to_after(flag: SafetyFlag, player: Player) -> timedelta:
    if flag.severity in URGENT:
        return timedelta(minutes=40)
    return timedelta(days=player.chance(flag.alert_key).randint(1, 3), minutes=35)


def _close(flag_id: int, player: Player, now: datetime) -> None:
    flag = SafetyFlag.objects.select_related("patient").get(pk=flag_id)
    by = player.who(Role.CLINICIAN if flag.severity in URGENT else Role.COUNSELOR)
    if flag.severity in URGENT:
        flag = flags.take(flag=flag, expected_version=flag.version, by=by, now=now)
        now += timedelta(minutes=30)
    done = _TODAY if player.chance(flag.alert_key, "done").random() < 0.3 else _DONE[flag.severity]
    flags.close(flag=flag, expected_version=flag.version, action_taken=done, by=by, now=now)


def _rate(step: steps.Rate, player: Player, now: datetime) -> Iterator[Later]:
    by = player.who(Role.CLINICIAN)
    ratings = dict(zip(Need, step.ratings, strict=True))
    row = levels.rate(by=by, now=now, patient_id=player.row.public_id, ratings=ratings, sud_diagnosis=True)
    level = step.level or suggestion_of(row).level
    if level is None:
        raise ValueError("six ratings give a level")
    levels.decide(by=by, now=now, assessment_id=row.public_id, level=level, reason=step.reason, note=step.note)
    if step.signed_after_minutes is not None:
        yield now + timedelta(minutes=step.signed_after_minutes), partial(_cosign_level, row, player)


def _cosign_level(row: LevelOfCareAssessment, player: Player, now: datetime) -> None:
    levels.cosign(by=player.who(Role.SUPERVISOR), now=now, assessment_id=row.public_id)


def _enroll(step: steps.Enroll, player: Player, now: datetime) -> Iterator[Later]:
    made = enrollments.enroll(
        by=player.who(Role.CLINICIAN), now=now, patient_id=player.row.public_id, program_key=PROGRAM,
        counselor_id=player.who(Role.COUNSELOR).public_id,
    )  # fmt: skip
    player.enrollment = made.public_id
    yield from ()


def _attest(step: steps.Attest, player: Player, now: datetime) -> Iterator[Later]:
    attestations.attest(by=player.who(step.role), now=now, enrollment_id=player.enrolled, key=step.key, role=step.role)
    yield from ()


def _advance(step: steps.Advance, player: Player, now: datetime) -> Iterator[Later]:
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


def _ask_override(step: steps.AskOverride, player: Player, now: datetime) -> Iterator[Later]:
    request = enrollments.request_override(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, criteria=step.criteria,
        reason=OverrideReason.EQUIVALENT_EVIDENCE, note=step.note,
    )  # fmt: skip
    if step.signed_after_minutes is not None:
        yield now + timedelta(minutes=step.signed_after_minutes), partial(_cosign, request, player)


def _cosign(request: OverrideRequest, player: Player, now: datetime) -> None:
    enrollments.cosign_override(by=player.who(Role.SUPERVISOR), now=now, request_id=request.public_id)


def _return(step: steps.Return, player: Player, now: datetime) -> Iterator[Later]:
    returns.record_return_to_use(
        by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled,
        effective_at=now - timedelta(days=step.days_before), note=step.note,
    )  # fmt: skip
    yield from ()


def _assign(step: steps.Assign, player: Player, now: datetime) -> Iterator[Later]:
    next_one = FollowUp.objects.open().filter(patient=player.row).order_by("due_at", "pk").first()
    if next_one is not None:
        follow_ups.assign(
            by=player.who(Role.SUPERVISOR), now=now, follow_up_id=next_one.public_id,
            owner_id=player.who(step.role).public_id,
        )  # fmt: skip
    yield from ()


def _step_back(step: steps.StepBack, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.step_back(
        by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled, reason=step.reason,
        to_phase=step.to_phase, note=step.note,
    )  # fmt: skip
    yield from ()


def _hold(step: steps.Hold, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.hold(
        by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled, reason=step.reason,
        review_on=step.on + timedelta(days=step.review_days), note=step.note,
    )  # fmt: skip
    yield from ()


def _resume(step: steps.Resume, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.resume(by=player.who(Role.COUNSELOR), now=now, enrollment_id=player.enrolled)
    yield from ()


def _discharge(step: steps.Discharge, player: Player, now: datetime) -> Iterator[Later]:
    enrollments.discharge(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, reason=step.reason,
        destination=step.destination, note=step.note,
    )  # fmt: skip
    yield from ()


def _readmit(step: steps.Readmit, player: Player, now: datetime) -> Iterator[Later]:
    made = enrollments.readmit(
        by=player.who(Role.CLINICIAN), now=now, enrollment_id=player.enrolled, to_phase=step.to_phase, note=step.note
    )
    player.enrollment = made.public_id
    yield from ()


_VERBS: dict[type[steps.Step], Callable[[Any, Player, datetime], Iterator[Later]]] = {
    steps.Register: _register,
    steps.TakeIntake: _take_intake,
    steps.Find: _find,
    steps.Rate: _rate,
    steps.Enroll: _enroll,
    steps.Attest: _attest,
    steps.Advance: _advance,
    steps.AskOverride: _ask_override,
    steps.Return: _return,
    steps.Assign: _assign,
    steps.StepBack: _step_back,
    steps.Hold: _hold,
    steps.Resume: _resume,
    steps.Discharge: _discharge,
    steps.Readmit: _readmit,
}
