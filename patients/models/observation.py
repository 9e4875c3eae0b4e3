"""What was measured: vitals, labs, drug screens, and what was used."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired
from patients.models.patient import Patient
from patients.rules.observations import ObservationCategory, ObservationResult, ObservationStatus, SpecimenValidity


class Observation(Keyed):
    """[Observation] One value of one test. `code` is a key of the catalogue of tests; a kratom test has its own.

    `effective_at` is when it was measured or collected; `resulted_at` when a laboratory gave its result; `panel` joins
    what was recorded together. Exactly one value: a number, a result, a choice or a moment. An amendment is a new row
    (`amends`); a trigger keeps everything but the status and its paired fields.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="observations")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    panel = models.UUIDField()
    code = models.CharField(max_length=40)
    category = models.CharField(max_length=12)
    quantity = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    result = models.CharField(max_length=14, blank=True)
    choice = models.CharField(max_length=40, blank=True)
    moment = models.DateTimeField(null=True, blank=True, help_text="Such as the time of the last use.")
    cut_off = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    cut_off_unit = models.CharField(max_length=20, blank=True)
    method = models.CharField(max_length=40, blank=True)
    reference_low = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    reference_high = models.DecimalField(max_digits=12, decimal_places=4, null=True, blank=True)
    laboratory = models.CharField(max_length=80, blank=True)
    specimen = models.CharField(max_length=20, blank=True)
    specimen_validity = models.CharField(max_length=12, default="not_checked")
    witnessed = models.BooleanField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)
    effective_at = models.DateTimeField()
    resulted_on = models.DateField(null=True, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    status = models.CharField(max_length=16, default="final")
    amends = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="amended_as")
    amendment_reason = models.CharField(max_length=300, blank=True)
    retracted_at = models.DateTimeField(null=True, blank=True)
    retracted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    retraction_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(category__in=[each.value for each in ObservationCategory]),
                name="observation_category",
            ),
            models.CheckConstraint(
                condition=models.Q(result__in=["", *(each.value for each in ObservationResult)]),
                name="observation_result",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in ObservationStatus]), name="observation_status"
            ),
            models.CheckConstraint(
                condition=models.Q(specimen_validity__in=[each.value for each in SpecimenValidity]),
                name="observation_specimen_validity",
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__isnull=False, result="", choice="", moment__isnull=True)
                | models.Q(quantity__isnull=True, choice="", moment__isnull=True) & ~models.Q(result="")
                | models.Q(quantity__isnull=True, result="", moment__isnull=True) & ~models.Q(choice="")
                | models.Q(quantity__isnull=True, result="", choice="", moment__isnull=False),
                name="observation_one_value",
            ),
            models.CheckConstraint(
                condition=models.Q(reference_low__isnull=True)
                | models.Q(reference_high__isnull=True)
                | models.Q(reference_low__lte=models.F("reference_high")),
                name="observation_range_in_order",
            ),
            models.CheckConstraint(
                condition=models.Q(status="entered_in_error", retracted_at__isnull=False)
                | (~models.Q(status="entered_in_error") & models.Q(retracted_at__isnull=True)),
                name="observation_in_error_is_retracted",
            ),
            paired("retracted", name="observation_retracted_at_by"),
        ]
        indexes = [
            models.Index(fields=["patient", "code", "-effective_at", "-id"], name="observation_newest_first"),
            models.Index(fields=["panel"], name="observation_panel"),
            models.Index(
                fields=["effective_at", "patient"],
                condition=models.Q(category="drug_screen", result="positive", status="final"),
                name="observation_positive",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="observation_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="observation_frozen",
                exclude=["status", "retracted_at", "retracted_by", "retraction_reason"],
            ),
        ]
