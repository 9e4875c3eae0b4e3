"""This copy of the software: its identity, its practice clock, whether it may send, and its pulse."""

import uuid
from datetime import timedelta

from django.db import models

from clinic.models.actor import Actor
from clinic.models.keys import Keyed
from clinic.models.pairs import paired


class Installation(models.Model):
    """One row. `clock_offset` counts only while the sandbox latch is shut (decisions.md 3)."""

    only = models.BooleanField(default=True, unique=True, editable=False)
    installation_id = models.UUIDField(default=uuid.uuid4)
    practice = models.BooleanField(default=False, help_text="Holds demonstration data.")
    clock_offset = models.DurationField(default=timedelta(0))
    clock_moved_at = models.DateTimeField(null=True, blank=True)
    clock_moved_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(only=True), name="installation_only_one"),
            paired("clock_moved", name="installation_clock_moved_at_by"),
        ]


class DeliveryArming(Keyed):
    """The third key of the sandbox latch: bound to the cluster and database it was given in (decisions.md 18)."""

    installation_id = models.UUIDField()
    system_identifier = models.CharField(max_length=32)
    database = models.CharField(max_length=63)
    armed_at = models.DateTimeField()
    armed_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    disarmed_at = models.DateTimeField(null=True, blank=True)
    disarmed_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["database"], condition=models.Q(disarmed_at__isnull=True), name="delivery_armed_once"
            ),
            paired("disarmed", name="delivery_disarmed_at_by"),
        ]


class Heartbeat(models.Model):
    """When a part of the machinery (beat, worker, sealer) last ran, in the database's real time."""

    part = models.CharField(max_length=40, unique=True)
    beat_at = models.DateTimeField()
    counts = models.JSONField(default=dict, blank=True)
