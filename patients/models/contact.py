"""How a person may be reached, how they like to be, and what must not be written to."""

from django.db import models

from clinic.models import Actor, Keyed, Versioned
from clinic.models.pairs import paired
from patients.models.patient import Patient
from patients.rules.contact import LONGEST_GRACE_HOURS


class ContactPoint(Keyed, Versioned):
    """[ContactPoint] `address` is E.164 for sms and voice. `shared`: others read it too. Own hours: wall time."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contact_points")
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=254)
    rank = models.PositiveSmallIntegerField(default=1)
    ok_to_leave_message = models.BooleanField(default=False)
    shared = models.BooleanField(default=False)
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "channel", "address"],
                condition=models.Q(retired_at__isnull=True),
                name="contact_point_once",
            ),
            paired("verified", name="contact_point_verified_at_by"),
            paired("retired", name="contact_point_retired_at_by"),
        ]
        indexes = [models.Index(fields=["address"], name="contact_point_address")]


class ContactPreference(Versioned):
    """What the person said they like: channel order, language of messages, none at all."""

    patient = models.OneToOneField(Patient, models.PROTECT, related_name="contact_preference")
    preferred_channel = models.CharField(max_length=8, blank=True)
    reminders_wanted = models.BooleanField(default=True)
    grace_hours = models.PositiveSmallIntegerField(
        default=0, help_text="How much longer than usual silence is waited for."
    )
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(grace_hours__lte=LONGEST_GRACE_HOURS), name="contact_preference_grace"
            ),
        ]


class Suppression(Keyed):
    """No automatic message goes to this address (or, with `patient`, to this person) until it is lifted.

    Each reason stands and is lifted by itself: what opens a stop again leaves a wrong number closed.
    """

    channel = models.CharField(max_length=8, blank=True)
    address = models.CharField(max_length=254, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="suppressions")
    reason = models.CharField(max_length=24)
    evidence = models.CharField(max_length=300, blank=True, help_text="What proves it: words, code, time, message.")
    since = models.DateTimeField()
    added_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(address="") | models.Q(patient__isnull=False), name="suppression_of_something"
            ),
            models.UniqueConstraint(
                fields=["channel", "address", "patient", "reason"],
                condition=models.Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="suppression_once",
            ),
            paired("lifted", name="suppression_lifted_at_by"),
        ]
