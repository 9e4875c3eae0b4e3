"""What people write back, kept as it came; each has its effect, or a person who looks at it."""

from typing import Self

from django.db import models

from clinic.models import Actor, Keyed, Site, Versioned
from clinic.models.pairs import paired
from pathways.models.follow_up import FollowUp
from pathways.models.session import Attendance
from patients.models import ContactPoint, Patient


class ReplyQuerySet(models.QuerySet["Reply"]):
    """Replies, reached through the person who wrote, or through the site that was written to."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of people the actor may see; and where it is not known who wrote, those to a site they work at."""
        # Asked of each row: a list of one site would otherwise gather everybody the actor may see.
        own = models.Q(models.Exists(Patient.objects.visible_to(actor).filter(pk=models.OuterRef("patient"))))
        return self.filter(own | models.Q(patient__isnull=True, site__in=actor.sites.all()))

    def waiting(self) -> Self:
        """Those a person has to look at, and nobody has yet."""
        return self.filter(needs_person=True, handled_at__isnull=True)


class Reply(Keyed, Versioned):
    """[Communication] One message that came in, once (unique by the provider's own id).

    `patient` and `contact_point` are empty where nobody, or more than one person, has the address. `follow_up` or
    `attendance` is what the message it answers was about. `intent` is what the words were taken for
    (`rules/replies.py`). `text` is emptied by retention (`purged_at`).
    """

    provider = models.CharField(max_length=16)
    provider_id = models.CharField(max_length=128)
    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=254, help_text="Who wrote.")
    to_address = models.CharField(max_length=254, blank=True)
    text = models.TextField(blank=True)
    language = models.CharField(max_length=2, default="en")
    intent = models.CharField(max_length=12)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="replies")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="replies")
    contact_point = models.ForeignKey(ContactPoint, models.PROTECT, null=True, blank=True, related_name="replies")
    follow_up = models.ForeignKey(FollowUp, models.PROTECT, null=True, blank=True, related_name="replies")
    attendance = models.ForeignKey(Attendance, models.PROTECT, null=True, blank=True, related_name="replies")
    attempt_reference = models.UUIDField(null=True, blank=True, help_text="The attempt it answers.")
    effect = models.CharField(max_length=60, blank=True, help_text="What it did: a code.")
    needs_person = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False, db_default=False, help_text="Words of danger are in it.")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    handling = models.CharField(max_length=24, blank=True, help_text="What a person did about it: a code.")
    handling_note = models.CharField(max_length=300, blank=True)
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = ReplyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["provider", "provider_id"], name="reply_once"),
            models.CheckConstraint(
                condition=models.Q(contact_point__isnull=True) | models.Q(patient__isnull=False),
                name="reply_address_of_its_person",
            ),
            models.CheckConstraint(
                condition=models.Q(handled_at__isnull=True) | ~models.Q(handling=""), name="reply_handled_somehow"
            ),
            paired("handled", name="reply_handled_at_by"),
        ]
        indexes = [
            models.Index(fields=["patient", "-received_at"], name="reply_of_a_patient"),
            models.Index(fields=["channel", "address", "-received_at"], name="reply_from_an_address"),
            models.Index(
                fields=["site", "received_at"],
                condition=models.Q(needs_person=True, handled_at__isnull=True),
                name="reply_waiting",
            ),
        ]
