"""Who is away, and who has their work meanwhile."""

from django.db import models

from clinic.models import Actor, Keyed, Versioned
from clinic.models.pairs import paired


class Absence(Keyed, Versioned):
    """Days (the first and the last) on which somebody is away; what they own shows as `cover`'s on those days."""

    actor = models.ForeignKey(Actor, models.PROTECT, related_name="absences")
    cover = models.ForeignKey(Actor, models.PROTECT, related_name="covers")
    starts_on = models.DateField()
    ends_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(starts_on__lte=models.F("ends_on")), name="absence_in_order"),
            models.CheckConstraint(condition=~models.Q(actor=models.F("cover")), name="absence_covered_by_another"),
            paired("cancelled", name="absence_cancelled_at_by"),
        ]
        indexes = [
            models.Index(fields=["ends_on"], condition=models.Q(cancelled_at__isnull=True), name="absence_in_force")
        ]
