"""A move whose evidence was withdrawn: nothing is reversed, and a person looks again (decisions.md 9)."""

from django.db import models

from clinic.models import Actor, Keyed
from clinic.models.pairs import paired
from pathways.models.enrollment import Transition
from patients.models import Patient


class EvidenceReview(Keyed):
    """Marks the transition: it rested on a record that was entered in error. Open until a named person decides."""

    transition = models.ForeignKey(Transition, models.PROTECT, related_name="evidence_reviews")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="evidence_reviews")
    evidence_type = models.CharField(max_length=24)
    evidence_id = models.UUIDField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    finding = models.CharField(max_length=400, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transition", "evidence_id"], name="evidence_review_once"),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True) | ~models.Q(finding=""),
                name="evidence_review_decided_with_finding",
            ),
            paired("decided", name="evidence_review_decided_at_by"),
        ]
        indexes = [
            models.Index(fields=["patient"], condition=models.Q(decided_at__isnull=True), name="evidence_review_open")
        ]
