"""A room in which sessions take place."""

from django.db import models

from clinic.models.keys import Keyed, Versioned
from clinic.models.pairs import paired
from clinic.models.site import Site


class Room(Keyed, Versioned):
    """A room of a site. `seats` is how many people fit in."""

    site = models.ForeignKey(Site, models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    seats = models.PositiveSmallIntegerField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey("clinic.Actor", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "name"], condition=models.Q(closed_at__isnull=True), name="room_name_once"
            ),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="room_has_seats"),
            paired("closed", name="room_closed_at_by"),
        ]

    def __str__(self) -> str:
        return self.name
