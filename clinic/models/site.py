"""A place where patients are seen."""

from datetime import time
from zoneinfo import ZoneInfo

from django.db import models

from clinic.models.keys import Keyed, Versioned
from clinic.models.pairs import paired


class Site(Keyed, Versioned):
    """[Location] `discreet_name` is what messages call the place; contact hours are wall time in `time_zone`."""

    code = models.SlugField(max_length=32)
    name = models.CharField(max_length=120)
    discreet_name = models.CharField(max_length=40)
    time_zone = models.CharField(max_length=64, default="America/New_York")
    region = models.CharField(max_length=2, default="US", help_text="For telephone numbers written without a country.")
    contact_opens = models.TimeField(default=time(9))
    contact_closes = models.TimeField(default=time(19))
    phone = models.CharField(max_length=20)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("clinic.Actor", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="site_code_once"),
            models.CheckConstraint(
                condition=models.Q(contact_opens__lt=models.F("contact_closes")), name="site_opens_before_it_closes"
            ),
            paired("closed", name="site_closed_at_by"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)
