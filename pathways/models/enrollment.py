"""One person on one program version: where they are, how they came there, and why."""

from typing import Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired
from pathways.models.overlaps import Identity as _Identity  # noqa: F401 - named by the first migration
from pathways.models.overlaps import Span as _Span  # noqa: F401 - named by the first migration
from pathways.models.overlaps import one_at_a_time
from pathways.models.program import Phase, Program, ProgramVersion
from patients.models import Patient

OPEN_STATUSES = ("proposed", "waitlisted", "active", "on_hold")
STATUSES = (*OPEN_STATUSES, "completed", "left")


class EnrollmentQuerySet(models.QuerySet["Enrollment"]):
    """Enrollments, reached through the people one may see."""

    def visible_to(self, actor: Actor) -> Self:
        return self.filter(patient__in=Patient.objects.visible_to(actor))

    def open(self) -> Self:
        return self.filter(status__in=OPEN_STATUSES)


class Enrollment(Keyed, Versioned):
    """[EpisodeOfCare + CarePlan] `current_phase` is a projection of the transitions, kept by the same action."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="enrollments")
    program = models.ForeignKey(Program, models.PROTECT, related_name="enrollments")
    program_version = models.ForeignKey(ProgramVersion, models.PROTECT, related_name="enrollments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    status = models.CharField(max_length=10)
    current_phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="+")
    counselor = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="caseload")
    readmission_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="readmitted_as")
    transferred_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="transferred_to")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    admitted_at = models.DateTimeField(null=True, blank=True)
    admitted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    review_on = models.DateField(null=True, blank=True)

    objects = EnrollmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "program"],
                condition=models.Q(status__in=OPEN_STATUSES),
                name="enrollment_one_open",
            ),
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="enrollment_status"),
            models.CheckConstraint(
                condition=models.Q(status__in=OPEN_STATUSES, ended_at__isnull=True)
                | models.Q(status__in=["completed", "left"], ended_at__isnull=False),
                name="enrollment_ended_when_it_ended",
            ),
            paired("admitted", name="enrollment_admitted_at_by"),
            paired("ended", name="enrollment_ended_at_by"),
        ]
        indexes = [
            models.Index(fields=["site", "status", "current_phase"], name="enrollment_board"),
            models.Index(fields=["patient", "-opened_at"], name="enrollment_of_a_patient"),
            models.Index(
                fields=["ended_at", "patient"], condition=models.Q(ended_at__isnull=False), name="enrollment_ended"
            ),
        ]


class Transition(Keyed):
    """A move and everything it rested on. Append-only: a move is undone by another that `reverses` it."""

    append_only = True

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="transitions")
    kind = models.CharField(max_length=16)
    from_status = models.CharField(max_length=10, blank=True)
    to_status = models.CharField(max_length=10)
    from_phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="+")
    to_phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="+")
    from_version = models.ForeignKey(ProgramVersion, models.PROTECT, null=True, blank=True, related_name="+")
    to_version = models.ForeignKey(ProgramVersion, models.PROTECT, null=True, blank=True, related_name="+")
    from_site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    to_site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=40, blank=True)
    destination = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    decision = models.JSONField(default=dict)
    decision_text = models.JSONField(default=list, help_text="The sentences as they were shown, with their language.")
    override = models.JSONField(null=True, blank=True)
    cosigned_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="reversed_by")

    class Meta:
        ordering = ["effective_at", "id"]
        indexes = [models.Index(fields=["enrollment", "effective_at", "id"], name="transition_in_order")]
        triggers = [pgtrigger.Protect(name="transition_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class PhaseStay(Keyed):
    """Time spent in a phase: a projection of the transitions; `loop` marks a stay after a step back."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="phase_stays")
    phase = models.ForeignKey(Phase, models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    opened_by_transition = models.ForeignKey(Transition, models.PROTECT, related_name="+")
    is_step_back = models.BooleanField(default=False)

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=models.Q(ended_at__isnull=True), name="phase_stay_one_open"
            ),
            one_at_a_time("enrollment_id", name="phase_stay_no_overlap"),
        ]


class LevelStay(Keyed):
    """Time spent at a level of care, with dates of its own: a projection of level transfers and the admission."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="level_stays")
    level = models.CharField(max_length=8)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=models.Q(ended_at__isnull=True), name="level_stay_one_open"
            ),
            one_at_a_time("enrollment_id", name="level_stay_no_overlap"),
        ]
        indexes = [
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="level_stay_ended")
        ]


class Attestation(Keyed):
    """A named person's word that a requirement is met."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="attestations")
    key = models.SlugField(max_length=60)
    role = models.CharField(max_length=24)
    note = models.CharField(max_length=300, blank=True)
    attested_at = models.DateTimeField()
    attested_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [paired("withdrawn", name="attestation_withdrawn_at_by")]
        indexes = [models.Index(fields=["enrollment", "key", "-attested_at"], name="attestation_newest")]


class OverrideRequest(Keyed):
    """Requirements one person asks to set aside and another must co-sign: used once, expiring (decisions.md 11)."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="override_requests")
    from_phase = models.ForeignKey(Phase, models.PROTECT, related_name="+", null=True, blank=True)
    criteria = ArrayField(models.CharField(max_length=80))
    reason_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=400)
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    cosigned_at = models.DateTimeField(null=True, blank=True)
    cosigned_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    used_in = models.OneToOneField(Transition, models.PROTECT, null=True, blank=True, related_name="override_request")

    class Meta:
        constraints = [
            paired("cosigned", name="override_cosigned_at_by"),
            paired("declined", name="override_declined_at_by"),
            models.CheckConstraint(
                condition=models.Q(cosigned_by__isnull=True) | ~models.Q(cosigned_by=models.F("requested_by")),
                name="override_cosigned_by_another",
            ),
        ]


class ReturnToUse(Keyed):
    """An event in the same enrollment with a way back: recorded without blame.

    What happened, as the patient tells it: what was used, how much of a return it was, what went before, what helped.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="returns_to_use")
    effective_at = models.DateTimeField()
    substance = models.SlugField(max_length=40, blank=True)
    pattern = models.CharField(max_length=12, default="not_said")
    circumstances = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    what_helped = models.CharField(max_length=300, blank=True)
    note = models.CharField(max_length=300, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["effective_at", "id"]
        indexes = [models.Index(fields=["effective_at"], name="return_to_use_lately")]
