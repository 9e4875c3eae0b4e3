"""Six need ratings, what the rules suggest, and what a clinician decides."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator
from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment
from patients.models import Patient


def _rating() -> models.PositiveSmallIntegerField:  # type: ignore[type-arg]
    return models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(4)])


class LevelOfCareAssessment(Keyed):
    """Indicated (suggested) and decided level are separate; a difference needs a reason, some a second signature."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="level_assessments")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, null=True, blank=True, related_name="level_assessments")
    ruleset = models.CharField(max_length=40)
    withdrawal = _rating()
    medical = _rating()
    psychiatric = _rating()
    readiness = _rating()
    use_risk = _rating()
    environment = _rating()
    sud_diagnosis = models.BooleanField()
    suggested_level = models.CharField(max_length=8, blank=True)
    suggested_rule = models.CharField(max_length=8)
    suggestion = models.JSONField(default=dict)
    flags = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    decided_level = models.CharField(max_length=8, blank=True)
    reason = models.CharField(max_length=40, blank=True)
    reason_note = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    needs_second_signature = models.BooleanField(default=False)
    cosigned_at = models.DateTimeField(null=True, blank=True)
    cosigned_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            paired("decided", name="level_decided_at_by"),
            paired("cosigned", name="level_cosigned_at_by"),
            models.CheckConstraint(
                condition=models.Q(decided_level="", decided_at__isnull=True)
                | (~models.Q(decided_level="") & models.Q(decided_at__isnull=False)),
                name="level_decided_when_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(cosigned_by__isnull=True) | ~models.Q(cosigned_by=models.F("decided_by")),
                name="level_cosigned_by_another",
            ),
            *(
                models.CheckConstraint(
                    condition=models.Q(**{f"{need}__isnull": True}) | models.Q(**{f"{need}__lte": 4}),
                    name=f"level_{need}_rating",
                )
                for need in ("withdrawal", "medical", "psychiatric", "readiness", "use_risk", "environment")
            ),
        ]
        indexes = [
            models.Index(fields=["patient", "-effective_at", "-id"], name="level_newest_first"),
            models.Index(
                fields=["site", "decided_at"],
                condition=models.Q(needs_second_signature=True, decided_at__isnull=False, cosigned_at__isnull=True),
                name="level_to_sign",
            ),
        ]
