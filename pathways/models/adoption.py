"""Moving people under way to another version, knowingly; and a rule adapted for one person."""

from django.db import models

from clinic.models import Actor, Keyed, Versioned
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment
from pathways.models.program import Program, ProgramVersion
from pathways.rules.adoptions import ItemStatus, RunStatus


class Adoption(Keyed, Versioned):
    """A run that moves enrollments of a program to one of its versions, one transaction each; may be resumed.

    `phase_map` gives for each phase left the key of the phase entered.
    """

    program = models.ForeignKey(Program, models.PROTECT, related_name="adoptions")
    to_version = models.ForeignKey(ProgramVersion, models.PROTECT, related_name="adoptions")
    phase_map = models.JSONField()
    note = models.CharField(max_length=400)
    status = models.CharField(max_length=8, default="running")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in RunStatus]), name="adoption_status"
            ),
            models.UniqueConstraint(
                fields=["program"], condition=models.Q(status="running"), name="adoption_one_running"
            ),
            paired("finished", name="adoption_finished_at_by"),
        ]


class AdoptionItem(models.Model):
    """One enrollment of a run: pending until it was adopted, skipped or refused (with the code and its words)."""

    adoption = models.ForeignKey(Adoption, models.PROTECT, related_name="items")
    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, default="pending")
    code = models.CharField(max_length=60, blank=True)
    said = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["adoption", "enrollment"], name="adoption_item_once"),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in ItemStatus]), name="adoption_item_status"
            ),
        ]
        indexes = [
            models.Index(fields=["adoption", "id"], condition=models.Q(status="pending"), name="adoption_item_pending")
        ]


class RuleAdaptation(Keyed, Versioned):
    """A rule of the program made different for one person, for a reason and until a day.

    `target` is a criterion or a follow-up rule by its stable key; `change` what is put in its place
    (`pathways.rules.programs.adaptation`).
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="adaptations")
    target = models.CharField(max_length=10)
    target_key = models.CharField(max_length=80)
    change = models.JSONField()
    reason = models.CharField(max_length=400)
    starts_on = models.DateField()
    ends_on = models.DateField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target__in=["criterion", "follow_up"]), name="rule_adaptation_target"
            ),
            models.CheckConstraint(
                condition=models.Q(starts_on__lte=models.F("ends_on")), name="rule_adaptation_order"
            ),
            models.UniqueConstraint(
                fields=["enrollment", "target", "target_key"],
                condition=models.Q(ended_at__isnull=True),
                name="rule_adaptation_one_in_force",
            ),
            paired("ended", name="rule_adaptation_ended_at_by"),
        ]
        indexes = [
            models.Index(fields=["enrollment"], condition=models.Q(ended_at__isnull=True), name="rule_adaptation_open")
        ]
