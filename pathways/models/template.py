"""The words of messages, as a clinic or one of its sites changed them: each version is kept as it was."""

import pgtrigger
from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired

CHANNELS = ("sms", "email")
LANGUAGES = ("en", "es")
TRIAL_STATUSES = ("planned", "sending", "sent", "failed", "uncertain")


class MessageTemplate(Keyed):
    """One version of a message's words on one channel in one language: of a site, or of the whole clinic (no site).

    The newest that is not retired counts, a site's before the clinic's before the one that is shipped
    (`pathways/messages`). Only its retirement is ever added.
    """

    key = models.CharField(max_length=60)
    channel = models.CharField(max_length=8)
    language = models.CharField(max_length=2)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    digest = models.CharField(max_length=16)
    note = models.CharField(max_length=200, blank=True, help_text="Why it was changed.")
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key", "channel", "language", "site", "number"],
                nulls_distinct=False,
                name="message_template_numbered",
            ),
            models.UniqueConstraint(
                fields=["key", "channel", "language", "site"],
                condition=models.Q(retired_at__isnull=True),
                nulls_distinct=False,
                name="message_template_one_in_force",
            ),
            models.CheckConstraint(condition=models.Q(channel__in=CHANNELS), name="message_template_channel"),
            models.CheckConstraint(condition=models.Q(language__in=LANGUAGES), name="message_template_language"),
            paired("retired", name="message_template_retired_at_by"),
        ]
        triggers = [
            pgtrigger.Protect(name="message_template_kept", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(name="message_template_as_written", exclude=["retired_at", "retired_by"]),
        ]


class TemplateTrial(Keyed):
    """A message somebody sent to themselves to see it as it arrives. It speaks of an invented person."""

    channel = models.CharField(max_length=8)
    address = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField()
    template = models.CharField(max_length=60)
    template_digest = models.CharField(max_length=16)
    language = models.CharField(max_length=2)
    status = models.CharField(max_length=10, default="planned")
    detail_code = models.CharField(max_length=60, blank=True)
    provider = models.CharField(max_length=16, blank=True)
    provider_id = models.CharField(max_length=128, blank=True)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    status_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=TRIAL_STATUSES), name="template_trial_status"),
            models.CheckConstraint(condition=models.Q(channel__in=CHANNELS), name="template_trial_channel"),
        ]
        indexes = [
            models.Index(fields=["asked_at"], condition=models.Q(status="planned"), name="template_trial_waiting")
        ]
