"""The nightly proof that nobody is lost: owed = done + open + decided, by program and site."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment
from pathways.models.program import Program
from patients.models import Patient

STATUSES = ("asked", "running", "balanced", "differs", "broken")


class OwedContact(models.Model):
    """Every contact that was ever owed, written by a trigger of the follow-ups: the side of the sum that nobody can
    change. It has no foreign key to the follow-up, because its task is to notice that one is gone."""

    append_only = True

    follow_up_id = models.BigIntegerField(primary_key=True)
    follow_up_public_id = models.UUIDField()
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        triggers = [pgtrigger.Protect(name="owed_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Reconciliation(Keyed):
    """One run of the check, by night or because somebody asked. *Broken*: it could not be finished."""

    on = models.DateField(help_text="The night it stands for, in UTC.")
    status = models.CharField(max_length=8, default="running")
    started_at = models.DateTimeField()
    started_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    owed = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    open = models.PositiveIntegerField(default=0)
    decided = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    stuck = models.PositiveIntegerField(default=0)
    detail_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="reconciliation_status")]
        indexes = [models.Index(fields=["-started_at", "-id"], name="reconciliation_newest")]


class ReconciliationCount(models.Model):
    """The sum of one program at one site in a run."""

    run = models.ForeignKey(Reconciliation, models.CASCADE, related_name="counts")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, models.PROTECT, related_name="+")
    owed = models.PositiveIntegerField()
    done = models.PositiveIntegerField()
    open = models.PositiveIntegerField()
    decided = models.PositiveIntegerField()
    missing = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "site", "program"], name="reconciliation_count_once"),
        ]


class ReconciliationFinding(Keyed):
    """One row that does not add up or does not move, named until somebody has settled it."""

    run = models.ForeignKey(Reconciliation, models.CASCADE, related_name="findings")
    kind = models.CharField(max_length=24)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="+")
    subject_type = models.CharField(max_length=16)
    subject_id = models.UUIDField()
    params = models.JSONField(default=dict, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    settled_note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "subject_id"], name="reconciliation_finding_once"),
            paired("settled", name="reconciliation_finding_settled_at_by"),
        ]
