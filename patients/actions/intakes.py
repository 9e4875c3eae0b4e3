"""The intake: begun, left, come back to, signed."""

from dataclasses import dataclass
from datetime import datetime

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import Sentence
from patients.actions import assessments
from patients.actions.locks import lock_child, lock_patient
from patients.models import Assessment, AssessmentDraft, Intake, Patient
from patients.queries.intakes import SectionView, get, progress
from patients.queries.patients import site_for
from patients.rules.intake import BATTERY, not_ready
from patients.rules.texts import plain, text_problem

REASON_LIMIT = 300


@dataclass(frozen=True, slots=True)
class SignedIntake:
    """The intake as signed, and the assessments its drafts became."""

    intake: Intake
    assessments: tuple[Assessment, ...]


@action(Permission.ASSESSMENT_RECORD, "intake.open")
def open_intake(*, patient: Patient, by: Actor, now: datetime, site: Site | None = None) -> Intake:
    """The intake under way, or a new one. Forms already begun on their own become part of it."""
    fresh = lock_patient(patient, by)
    intake = Intake.objects.filter(patient=fresh, signed_at__isnull=True).first()
    if intake is not None:
        return intake
    intake = Intake.objects.create(
        patient=fresh, site=site_for(by, fresh, site), sections=list(BATTERY), opened_at=now, opened_by=by
    )
    AssessmentDraft.objects.filter(patient=fresh, instrument__in=BATTERY, intake__isnull=True).update(intake=intake)
    _record("intake.open", intake, by, now)
    return intake


@action(Permission.ASSESSMENT_RECORD, "intake.sign")
def sign(
    *, intake: Intake, expected_version: int, by: Actor, now: datetime, not_asked_reason: str = ""
) -> SignedIntake:
    """Every draft of the intake becomes an assessment, all in one transaction, or none does.

    A form recorded before and begun again becomes a further assessment; only drafts without an answer are thrown away.

    Required sections must be complete, unless it is said why they are not. Only a person signs. Raises Refused: 403,
    404, 409 `intake_signed` or `intake_incomplete` (details: the sections), 412, 422 with answers that cannot be taken.
    """
    if not by.is_person:
        raise Refused("person_only", status=403)
    patient = lock_patient(intake.patient, by)
    if Intake.objects.filter(pk=intake.pk, signed_at__isnull=False).exists():
        raise Refused("intake_signed")
    lock_child(intake, expected_version)
    fresh = get(by, intake.public_id)
    views = progress(fresh)
    _check(views, not_asked_reason)
    drafts = [view.draft for view in views if view.draft and view.drafted]
    made = [
        assessments.finish(each, patient, expected_version=None, effective_at=None, by=by, now=now)
        for each in sorted(drafts, key=lambda one: one.pk)
    ]
    if not made and not any(view.assessment for view in views):
        raise Refused("intake_empty")
    fresh.signed_at, fresh.signed_by, fresh.not_asked_reason = now, by, plain(not_asked_reason)
    fresh.version += 1
    fresh.save()
    AssessmentDraft.objects.filter(intake=fresh).delete()
    _record("intake.sign", fresh, by, now, not_asked=[each.key for each in not_ready([v.section for v in views])])
    return SignedIntake(fresh, tuple(made))


def _check(views: tuple[SectionView, ...], not_asked_reason: str) -> None:
    wrong: dict[str, Sentence] = {}
    for view in views:
        if view.drafted is not None:
            wrong |= view.drafted.fields
    problem = text_problem(not_asked_reason, limit=REASON_LIMIT)
    if problem is not None:
        wrong["not_asked_reason"] = problem
    if wrong:
        raise bad_input(**wrong)
    lacking = not_ready([view.section for view in views])
    if lacking and not not_asked_reason.strip():
        missing = [{"instrument": each.key, "answered": each.answered, "asked": each.asked} for each in lacking]
        raise Refused("intake_incomplete", details={"sections": missing})


def _record(name: str, intake: Intake, by: Actor, now: datetime, **details: object) -> None:
    audit.record(
        action=name,
        by=by,
        now=now,
        subject=("intake", intake.public_id),
        patients=[intake.patient.public_id],
        details=details,
    )
