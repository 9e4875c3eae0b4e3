"""How long before a session its people are reminded: set for each site, and for each modality that differs."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned


class ReminderSchedule(Keyed, Versioned):
    """The reminders of a site's sessions of a modality ("": of every other). `offsets_minutes`: before it begins, the
    longest first; none at all where it is empty. What is not set follows the shipped default (`rules/reminders`)."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="reminder_schedules")
    modality = models.SlugField(max_length=40, blank=True)
    offsets_minutes = ArrayField(models.PositiveIntegerField(), default=list, blank=True)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "modality"], name="reminder_schedule_once"),
        ]
