"""One person's chart: the course of care they are on, the ones before, and what each tab shows. Set-wise throughout."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from clinic.models import Actor
from clinic.rules.roles import Permission
from pathways.models import (
    Attestation,
    Enrollment,
    FollowUp,
    LevelOfCareAssessment,
    LevelStay,
    OverrideRequest,
    Reminder,
)
from pathways.models.enrollment import OPEN_STATUSES
from pathways.queries import levels, messages
from pathways.queries.courses import courses
from pathways.queries.enrollments import gate_before, next_decisions, of_patient
from pathways.queries.facts import facts_of
from pathways.rules import ribbon
from pathways.rules.gates import Decision, Gate, decide
from patients.models import Assessment, Patient
from patients.queries.assessments import readings

MOST_ENROLLMENTS = 20
MOST_CONTACTS = 100
MOST_READINGS = 1_000


@dataclass(frozen=True, slots=True)
class Care:
    """A person's enrollments, the open one first, with the next gate and the drawn course of each, by id."""

    rows: tuple[Enrollment, ...]
    decisions: Mapping[int, Decision]
    courses: Mapping[int, ribbon.Course]

    @property
    def current(self) -> Enrollment | None:
        """The enrollment the chart is about: the open one, else the newest."""
        return self.rows[0] if self.rows else None

    @property
    def earlier(self) -> tuple[Enrollment, ...]:
        return self.rows[1:]

    @property
    def is_open(self) -> bool:
        return self.current is not None and self.current.status in OPEN_STATUSES

    @property
    def course(self) -> ribbon.Course | None:
        return self.courses.get(self.current.pk) if self.current else None

    @property
    def decision(self) -> Decision | None:
        return self.decisions.get(self.current.pk) if self.current else None


def care(actor: Actor, patient: Patient, *, now: datetime, language: str = "en") -> Care:
    """The courses of care of one person. Nine queries, however long the history."""
    newest = list(of_patient(actor, patient.public_id)[:MOST_ENROLLMENTS])
    rows = sorted(newest, key=lambda each: each.status not in OPEN_STATUSES)
    decisions = next_decisions(rows, now=now)
    words = actor.may(Permission.ASSESSMENT_READ)
    return Care(tuple(rows), decisions, courses(rows, decisions, now=now, language=language, words=words))


def gate_ahead(row: Enrollment, *, at: datetime) -> tuple[Gate, Decision] | None:
    """The gate on the way on from where somebody is, and its answer at a moment; None where nothing is asked."""
    gate = gate_before(row, at=at)
    return (gate, answered(row, gate, at=at)) if gate else None


def answered(row: Enrollment, gate: Gate, *, at: datetime) -> Decision:
    """What a gate answers for somebody at a moment, with nothing set aside."""
    return decide(gate, facts_of(row, as_of=at, gate=gate))


def overrides(row: Enrollment, *, now: datetime) -> list[OverrideRequest]:
    """Requests to set requirements aside that wait for a signature or were signed and not used yet, newest first."""
    rows = OverrideRequest.objects.filter(
        enrollment=row, from_phase=row.current_phase, used_in__isnull=True, declined_at__isnull=True, expires_at__gt=now
    )
    return list(rows.select_related("requested_by", "cosigned_by").order_by("-requested_at", "-id"))


def attested(row: Enrollment) -> list[Attestation]:
    """What people have confirmed by name in an enrollment, newest first; what was taken back too."""
    rows = Attestation.objects.filter(enrollment=row).select_related("attested_by", "withdrawn_by")
    return list(rows.order_by("-attested_at", "-id")[:MOST_CONTACTS])


def readings_of(patient: Patient) -> list[Assessment]:
    """The readings that count, oldest first, without their answers: what trends are drawn from. One query."""
    rows = readings([patient.pk]).defer("answers", "points", "context")
    return list(reversed(rows.order_by("-effective_at", "-id")[:MOST_READINGS]))


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts owed, the last ones that ended, and the newest messages."""

    owed: list[FollowUp]
    ended: list[FollowUp]
    messages: list[Reminder]


def contacts(actor: Actor, patient: Patient) -> Contacts:
    """Follow-ups and messages of a person. Three queries."""
    rows = FollowUp.objects.visible_to(actor).filter(patient=patient)
    rows = rows.select_related("owner", "site", "enrollment__program_version")
    ended = rows.filter(~Q(outcome="")).exclude(outcome__in=["cancelled", "superseded"])
    sent = messages.messages(actor).filter(patient=patient).order_by(*messages.ORDER)
    return Contacts(
        list(rows.filter(outcome="").order_by("due_at", "id")[:MOST_CONTACTS]),
        list(ended.order_by("-closed_at", "-id")[:MOST_CONTACTS]),
        list(sent[:MOST_CONTACTS]),
    )


@dataclass(frozen=True, slots=True)
class LevelHistory:
    """Levels of care as lived, newest first, and the assessments they rest on."""

    stays: list[LevelStay]
    assessments: list[LevelOfCareAssessment]


def level_history(actor: Actor, patient: Patient) -> LevelHistory:
    """The level-of-care tab. Two queries."""
    stays = LevelStay.objects.filter(enrollment__in=Enrollment.objects.visible_to(actor).filter(patient=patient))
    return LevelHistory(
        list(stays.select_related("enrollment__program").order_by("-started_at", "-id")[:MOST_CONTACTS]),
        list(levels.of_patient(actor, patient.public_id)[:MOST_CONTACTS]),
    )
