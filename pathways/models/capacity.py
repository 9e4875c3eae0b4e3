"""Places and beds, who waits for one, what was offered, and moves between levels of care."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired
from pathways.models.enrollment import Enrollment
from pathways.models.level import LevelOfCareAssessment
from pathways.models.program import Program
from pathways.rules.capacity import (
    DeclineReason,
    LevelReason,
    OfferAnswer,
    PlaceKind,
    WaitPriority,
    WaitReason,
    WaitStatus,
)


class Capacity(Keyed, Versioned):
    """How many places or beds there are, from a day on, at a site, in a program, at a level of care ("": at any)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="capacities")
    program = models.ForeignKey(Program, models.PROTECT, related_name="capacities")
    level = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=8)
    number = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "program", "level", "kind"],
                condition=models.Q(ends_on__isnull=True),
                name="capacity_one_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=[each.value for each in PlaceKind]), name="capacity_kind"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(starts_on__lte=models.F("ends_on")),
                name="capacity_in_order",
            ),
        ]


class WaitlistEntry(Keyed, Versioned):
    """One wait of one enrollment for a place: ordered by priority, then by how long. One open wait each."""

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="waits")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    program = models.ForeignKey(Program, models.PROTECT, related_name="+")
    level = models.CharField(max_length=8, blank=True)
    kind = models.CharField(max_length=8, default="place")
    priority = models.CharField(max_length=10)
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True)
    status = models.CharField(max_length=10, default="waiting")
    waiting_since = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrollment"], condition=models.Q(ended_at__isnull=True), name="wait_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(priority__in=[each.value for each in WaitPriority]), name="wait_priority"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=[each.value for each in WaitReason]), name="wait_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=[each.value for each in WaitStatus]), name="wait_status"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["waiting", "offered"], ended_at__isnull=True)
                | models.Q(status__in=["admitted", "withdrawn"], ended_at__isnull=False),
                name="wait_ended_when_it_ended",
            ),
            paired("ended", name="wait_ended_at_by"),
        ]
        indexes = [
            models.Index(
                fields=["site", "program", "waiting_since"],
                condition=models.Q(ended_at__isnull=True),
                name="wait_open_at_site",
            )
        ]


class PlaceOffer(Keyed):
    """A place offered to somebody who waits, held for them until it expires; it ends in one answer."""

    wait = models.ForeignKey(WaitlistEntry, models.PROTECT, related_name="offers")
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    answer = models.CharField(max_length=10, blank=True, default="")
    decline_reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=300, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["offered_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["wait"], condition=models.Q(answer=""), name="place_offer_one_open"),
            models.CheckConstraint(
                condition=models.Q(answer="", answered_at__isnull=True)
                | (models.Q(answer__in=[each.value for each in OfferAnswer]) & models.Q(answered_at__isnull=False)),
                name="place_offer_one_answer",
            ),
            models.CheckConstraint(
                condition=models.Q(decline_reason__in=["", *(each.value for each in DeclineReason)])
                & (~models.Q(answer="declined") | ~models.Q(decline_reason="")),
                name="place_offer_declined_why",
            ),
            paired("answered", name="place_offer_answered_at_by"),
        ]


class LevelTransfer(Keyed):
    """A move between levels of care, with a date of its own. Append-only; a wrong one is corrected by another."""

    append_only = True

    enrollment = models.ForeignKey(Enrollment, models.PROTECT, related_name="level_transfers")
    from_level = models.CharField(max_length=8, blank=True)
    to_level = models.CharField(max_length=8)
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=300, blank=True)
    assessment = models.ForeignKey(LevelOfCareAssessment, models.PROTECT, null=True, blank=True, related_name="+")
    opened_stay = models.UUIDField(help_text="The level stay it began.")
    effective_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["effective_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(reason__in=[each.value for each in LevelReason]), name="level_transfer_reason"
            ),
            models.CheckConstraint(condition=~models.Q(to_level=models.F("from_level")), name="level_transfer_changes"),
        ]
        triggers = [pgtrigger.Protect(name="level_transfer_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
