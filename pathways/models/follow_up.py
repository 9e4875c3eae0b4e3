"""One dated contact owed to a person, which ends in exactly one outcome."""

from typing import Self

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment, Transition
from patients.models import Patient

OUTCOMES = ("reached", "kept", "rescheduled", "declined", "unreachable", "cancelled", "superseded")


class FollowUpQuerySet(models.QuerySet["FollowUp"]):
    def visible_to(self, actor: Actor) -> Self:
        return self.filter(patient__in=Patient.objects.visible_to(actor))

    def open(self) -> Self:
        return self.filter(outcome="")


class FollowUp(Keyed, Versioned):
    """[Task] Unique on (enrollment, rule_key, anchor, occurrence): planning twice is harmless (decisions.md 7).

    `anchor_id` is the public id of the transition or return to use that started it. `due_at` is `due_on` and
    `due_time` as wall time in `time_zone`. `act_at` is when the next person or message is due, `climbs_at` when silence
    moves it to the next step (none on the last); `rung` where on the
    program's `ladder` it stands. `by_hand`: a person moved it, planning leaves its date alone.
    """

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="follow_ups")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="follow_ups")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    rule_key = models.CharField(max_length=60)
    anchor_kind = models.CharField(max_length=16)
    anchor_id = models.UUIDField()
    occurrence = models.PositiveIntegerField(default=1)
    purpose = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    instrument = models.CharField(max_length=40, blank=True)
    mode = models.CharField(max_length=12)
    template = models.CharField(max_length=60, blank=True)
    ladder = models.CharField(max_length=60)
    due_on = models.DateField()
    due_time = models.TimeField()
    time_zone = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    window_days = models.PositiveSmallIntegerField(default=0)
    rung = models.PositiveSmallIntegerField(default=0)
    rung_since = models.DateTimeField(null=True, blank=True)
    act_at = models.DateTimeField()
    climbs_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="owed")
    owner_role = models.CharField(max_length=24, blank=True)
    plan_version = models.PositiveIntegerField(default=1, help_text="Raised when the date changes: retires reminders.")
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, blank=True, default="")
    outcome_note = models.CharField(max_length=300, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_by_transition = models.ForeignKey(Transition, models.PROTECT, null=True, blank=True, related_name="+")
    answered_by = models.UUIDField(null=True, blank=True, help_text="The assessment that answered a questionnaire.")
    survives_discharge = models.BooleanField(default=False)
    by_hand = models.BooleanField(default=False)
    need = models.BooleanField(null=True, blank=True, help_text="What a recovery check-up found.")

    objects = FollowUpQuerySet.as_manager()

    @property
    def holder(self) -> Actor | None:
        """Whoever has it; nobody once its owner has left: then it is for its role."""
        return self.owner if self.owner is not None and self.owner.is_active else None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment", "rule_key", "anchor_id", "occurrence"], name="follow_up_once"
            ),
            models.CheckConstraint(condition=models.Q(outcome__in=["", *OUTCOMES]), name="follow_up_outcome"),
            models.CheckConstraint(
                condition=models.Q(outcome="", closed_at__isnull=True)
                | (~models.Q(outcome="") & models.Q(closed_at__isnull=False)),
                name="follow_up_one_outcome",
            ),
            paired("closed", name="follow_up_closed_at_by"),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True) | models.Q(outcome="kept"),
                name="follow_up_answered_is_kept",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "act_at"], condition=models.Q(outcome=""), name="follow_up_open_at_site"),
            models.Index(fields=["owner", "act_at"], condition=models.Q(outcome=""), name="follow_up_open_of_owner"),
            models.Index(
                fields=["climbs_at"],
                condition=models.Q(outcome="", climbs_at__isnull=False),
                name="follow_up_to_climb",
            ),
            models.Index(fields=["patient", "-due_at"], name="follow_up_of_a_patient"),
            models.Index(
                fields=["patient", "due_at"], condition=models.Q(outcome=""), name="follow_up_open_of_patient"
            ),
            # What was done at a site since the morning, for Today.
            models.Index(fields=["site", "closed_at"], condition=~models.Q(outcome=""), name="follow_up_ended_at_site"),
        ]
        triggers = [
            # The side of the nightly sum that nobody can change (`OwedContact`); one statement for any number of rows.
            pgtrigger.Trigger(
                name="follow_up_is_owed",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="planned"),
                func="""
                    INSERT INTO pathways_owedcontact (follow_up_id, follow_up_public_id, enrollment_id, site_id)
                    SELECT id, public_id, enrollment_id, site_id FROM planned;
                    RETURN NULL;
                """,
            ),
        ]


class CallResult(Keyed):
    """What happened when somebody called: the next date follows from it; may be undone for a moment."""

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="call_results")
    result = models.CharField(max_length=16)
    note = models.CharField(max_length=300, blank=True)
    try_again_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=dict, help_text="The follow-up's state before, for the undo.")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["made_at", "id"]
        constraints = [paired("undone", name="call_result_undone_at_by")]
