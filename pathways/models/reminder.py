"""A message that will go out once, and every attempt to send it. PostgreSQL is the queue of record."""

from django.db import models

from clinic.models import Keyed
from pathways.models.follow_up import FollowUp
from patients.models import ContactPoint

STATUSES = (
    "planned", "leased", "sending", "sent", "delivered", "failed", "uncertain", "suppressed", "expired", "cancelled",
)  # fmt: skip


class Reminder(Keyed):
    """[CommunicationRequest] Unique on (follow-up, its version, rung, contact point): never doubled.

    `due_on` and `due_time` are wall time in `time_zone`, kept as such; `due_at` is the instant they name. `next_at` is
    when it is next tried (or, while uncertain, next asked about): a retry moves it, never `due_at`.
    `leased_until` and `claim_id` belong to the worker that holds it; a row comes back when its lease ends.
    """

    follow_up = models.ForeignKey(FollowUp, models.PROTECT, related_name="reminders")
    subject_version = models.PositiveIntegerField()
    rung = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=8)
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, related_name="reminders")
    template = models.CharField(max_length=60)
    language = models.CharField(max_length=2)
    due_on = models.DateField()
    due_time = models.TimeField()
    time_zone = models.CharField(max_length=64)
    due_at = models.DateTimeField()
    next_at = models.DateTimeField()
    planned_at = models.DateTimeField()
    status = models.CharField(max_length=10, default="planned")
    status_code = models.CharField(max_length=60, blank=True)
    status_params = models.JSONField(default=dict, blank=True)
    status_at = models.DateTimeField()
    needs_person = models.BooleanField(default=False)
    tries = models.PositiveSmallIntegerField(default=0)
    claim_id = models.UUIDField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["follow_up", "subject_version", "rung", "contact_point"], name="reminder_once"
            ),
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="reminder_status"),
            models.CheckConstraint(
                condition=models.Q(status__in=["leased", "sending"], claim_id__isnull=False, leased_until__isnull=False)
                | (~models.Q(status__in=["leased", "sending"]) & models.Q(leased_until__isnull=True)),
                name="reminder_leased_while_held",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=models.Q(status="planned"), name="reminder_due"),
            models.Index(
                fields=["leased_until"], condition=models.Q(status__in=["leased", "sending"]), name="reminder_leases"
            ),
            models.Index(
                fields=["next_at"],
                condition=models.Q(status="uncertain", needs_person=False),
                name="reminder_to_settle",
            ),
            models.Index(
                fields=["status_at"],
                condition=models.Q(status__in=["failed", "suppressed", "expired"]),
                name="reminder_came_to_nothing",
            ),
            models.Index(fields=["contact_point", "-status_at"], name="reminder_frequency"),
        ]


class Attempt(Keyed):
    """[Communication] Written before the network call; `public_id` is the reference the provider is given.

    What was sent is kept as sent. `outcome` is empty while the call is under way.
    """

    reminder = models.ForeignKey(Reminder, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    claim_id = models.UUIDField()
    channel = models.CharField(max_length=8)
    provider = models.CharField(max_length=16)
    address = models.CharField(max_length=254)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    template = models.CharField(max_length=60)
    template_digest = models.CharField(max_length=64)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, blank=True, default="")
    provider_id = models.CharField(max_length=128, blank=True)
    detail_code = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reminder", "number"], name="attempt_number_once")]
        indexes = [
            models.Index(fields=["provider_id"], condition=~models.Q(provider_id=""), name="attempt_provider_id")
        ]
