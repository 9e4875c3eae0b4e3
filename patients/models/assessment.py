"""What was asked, what was answered, what it came to, and what it raised."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired
from patients.models.observation import Observation
from patients.models.patient import Patient


class Intake(Keyed, Versioned):
    """One intake sitting, which may be left and come back to: its sections in order, until it is signed."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="intakes")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    sections = ArrayField(models.CharField(max_length=40))
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    not_asked_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(signed_at__isnull=True), name="intake_one_open"
            ),
            paired("signed", name="intake_signed_at_by"),
        ]


class AssessmentDraft(Keyed, Versioned):
    """Raw input, autosaved; becomes an assessment that keeps its public id (decisions.md 10)."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assessment_drafts")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    intake = models.ForeignKey(Intake, models.PROTECT, null=True, blank=True, related_name="drafts")
    instrument = models.CharField(max_length=40)
    definition_version = models.PositiveIntegerField()
    answers = models.JSONField(default=dict)
    context = models.JSONField(default=dict)
    effective_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["patient", "instrument"], name="assessment_draft_once")]


class AssessmentStatus(models.TextChoices):
    FINAL = "final", "Final"
    AMENDED = "amended", "Amended"
    ENTERED_IN_ERROR = "entered_in_error", "Entered in error"


class Assessment(Keyed):
    """[QuestionnaireResponse] Answers, points, scores, bands and alerts frozen with the definition's version.

    An amendment is a new row (`amends`); the old one becomes *amended*. Nothing is overwritten: a trigger keeps
    everything but the status and its paired fields.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assessments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    intake = models.ForeignKey(Intake, models.PROTECT, null=True, blank=True, related_name="assessments")
    instrument = models.CharField(max_length=40)
    definition_version = models.PositiveIntegerField()
    definition_digest = models.CharField(max_length=64)
    status = models.CharField(max_length=16, choices=AssessmentStatus.choices, default=AssessmentStatus.FINAL)
    scoring_status = models.CharField(max_length=10)
    answers = models.JSONField()
    context = models.JSONField(default=dict)
    points = models.JSONField(default=dict)
    total = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    subscores = models.JSONField(default=dict)
    band = models.JSONField(null=True, blank=True)
    alerts = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    preface_shown = models.BooleanField(default=False)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    amends = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="amended_as")
    amendment_reason = models.CharField(max_length=300, blank=True)
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    retraction_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            paired("retracted", name="assessment_retracted_at_by"),
            models.CheckConstraint(
                condition=models.Q(status="entered_in_error", retracted_at__isnull=False)
                | (~models.Q(status="entered_in_error") & models.Q(retracted_at__isnull=True)),
                name="assessment_in_error_is_retracted",
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "instrument", "-effective_at", "-id"], name="assessment_newest_first")
        ]
        triggers = [
            pgtrigger.Protect(name="assessment_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="assessment_frozen",
                exclude=["status", "retracted_at", "retracted_by", "retraction_reason"],
            ),
        ]


class SafetyFlag(Keyed, Versioned):
    """[Flag] Raised by an answer, a score, a vital sign or a lab; open until a person closes it with what was done.

    `source_id` is the public id of the draft and of the assessment it becomes, so one alert of one form is one flag.
    For an observation it is the observation's, and `instrument` is its code.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="safety_flags")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    source_id = models.UUIDField()
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="safety_flags")
    observation = models.ForeignKey(Observation, models.PROTECT, null=True, blank=True, related_name="safety_flags")
    instrument = models.CharField(max_length=40)
    alert_key = models.CharField(max_length=40)
    severity = models.CharField(max_length=10)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(null=True, blank=True)
    taken_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    action_taken = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source_id", "alert_key"], name="safety_flag_once"),
            models.CheckConstraint(
                condition=models.Q(severity__in=["emergency", "urgent", "warning", "info"]),
                name="safety_flag_severity",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True) | ~models.Q(action_taken=""),
                name="safety_flag_closed_with_what_was_done",
            ),
            paired("taken", name="safety_flag_taken_at_by"),
            paired("corrected", name="safety_flag_corrected_at_by"),
            paired("closed", name="safety_flag_closed_at_by"),
        ]
        indexes = [
            models.Index(fields=["patient"], condition=models.Q(closed_at__isnull=True), name="safety_flag_open"),
            models.Index(
                fields=["site", "raised_at"],
                condition=models.Q(closed_at__isnull=True),
                name="safety_flag_open_at_site",
            ),
        ]
