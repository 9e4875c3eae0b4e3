"""The care plan the team works by and the recovery plan the patient keeps: elements, reviews, signatures."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment
from pathways.models.program import Phase
from pathways.rules.plans import ElementStatus, PlanElementKind, PlanKind, PlanSigner, SigningMethod
from patients.models import Assessment, Observation, Patient


class Plan(Keyed, Versioned):
    """[CarePlan] One plan of one enrollment; one open plan of each kind.

    `changed_at` is when its content last changed: a signature holds for the content it was given on.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="plans")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="plans")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8)
    own_words = models.TextField(blank=True, help_text="What matters most, in the patient's own words.")
    review_on = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "kind"], condition=models.Q(closed_at__isnull=True), name="plan_one_open"
            ),
            models.CheckConstraint(condition=models.Q(kind__in=[each.value for each in PlanKind]), name="plan_kind"),
            paired("closed", name="plan_closed_at_by"),
        ]


class PlanElement(Keyed, Versioned):
    """[Goal/ServiceRequest] One line of a plan: problem → goal → objective → intervention, or a part of recovery.

    It may be built on a finding: an assessment, an observation, a diagnosis. `owner` is who sees to it; none: the
    patient. `contact` is how to reach a person to call.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="elements")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    kind = models.CharField(max_length=24)
    text = models.CharField(max_length=400)
    own_words = models.CharField(max_length=400, blank=True)
    contact = models.CharField(max_length=120, blank=True)
    modality = models.SlugField(max_length=40, blank=True)
    owner = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="plan_elements")
    from_assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="+")
    from_observation = models.ForeignKey(Observation, models.PROTECT, null=True, blank=True, related_name="+")
    diagnosis = models.CharField(max_length=12, blank=True, help_text="ICD-10-CM, where it is built on one.")
    co_occurring = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, default="active")
    progress = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=[each.value for each in PlanElementKind]), name="plan_element_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in ElementStatus]), name="plan_element_status"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["complete", "stopped"], ended_at__isnull=False)
                | (~models.Q(status__in=["complete", "stopped"]) & models.Q(ended_at__isnull=True)),
                name="plan_element_ended_when_it_ended",
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__isnull=True)
                | models.Q(due_on__isnull=True)
                | models.Q(starts_on__lte=models.F("due_on")),
                name="plan_element_in_order",
            ),
            paired("ended", name="plan_element_ended_at_by"),
        ]
        indexes = [models.Index(fields=["plan", "position", "id"], name="plan_element_in_order_of_plan")]


class PlanReview(Keyed):
    """The plan looked at together: at every change of phase, and on its day."""

    append_only = True

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="reviews")
    plan_version = models.PositiveIntegerField()
    phase = models.ForeignKey(Phase, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=400, blank=True)
    next_review_on = models.DateField(null=True, blank=True)
    reviewed_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["reviewed_at", "id"]
        triggers = [pgtrigger.Protect(name="plan_review_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class PlanSignature(Keyed):
    """A name put to the plan as it then was: `digest` is of its content in canonical form."""

    append_only = True

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="signatures")
    plan_version = models.PositiveIntegerField()
    signer = models.CharField(max_length=16)
    signer_name = models.CharField(max_length=200)
    method = models.CharField(max_length=12)
    digest = models.CharField(max_length=64)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["effective_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signer__in=[each.value for each in PlanSigner]), name="plan_signature_signer"
            ),
            models.CheckConstraint(
                condition=models.Q(method__in=[each.value for each in SigningMethod]), name="plan_signature_method"
            ),
        ]
        triggers = [pgtrigger.Protect(name="plan_signature_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
