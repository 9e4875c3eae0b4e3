"""What holds messages back: a pause somebody ordered, and a provider that is given time to recover."""

from django.db import models

from clinic.models import Actor, Keyed, Site
from clinic.models.pairs import paired

SCOPES = ("all", "site", "channel", "template")
MISSED = ("send", "skip", "ask")


class DeliveryPause(Keyed):
    """No automatic message of this scope goes out until it is lifted. `missed` says what became of those due meanwhile:
    sent, skipped, or each decided by a person."""

    scope = models.CharField(max_length=8)
    site = models.ForeignKey(Site, models.PROTECT, null=True, blank=True, related_name="+")
    channel = models.CharField(max_length=8, blank=True)
    template = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=200)
    paused_at = models.DateTimeField()
    paused_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")
    missed = models.CharField(max_length=4, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope="all", site__isnull=True, channel="", template="")
                | models.Q(scope="site", site__isnull=False, channel="", template="")
                | (models.Q(scope="channel", site__isnull=True, template="") & ~models.Q(channel=""))
                | (models.Q(scope="template", site__isnull=True, channel="") & ~models.Q(template="")),
                name="delivery_pause_scope",
            ),
            models.UniqueConstraint(
                fields=["scope", "site", "channel", "template"],
                condition=models.Q(lifted_at__isnull=True),
                nulls_distinct=False,
                name="delivery_paused_once",
            ),
            models.CheckConstraint(
                condition=models.Q(lifted_at__isnull=True, missed="")
                | (models.Q(lifted_at__isnull=False) & models.Q(missed__in=MISSED)),
                name="delivery_pause_missed",
            ),
            paired("lifted", name="delivery_pause_lifted_at_by"),
        ]


class ProviderStanding(models.Model):
    """How a provider has been doing: rows of a provider that rests are left in line until `rests_until`."""

    provider = models.CharField(max_length=16, primary_key=True)
    troubles = models.PositiveIntegerField(default=0, help_text="Windows in a row that came to nothing.")
    rests_until = models.DateTimeField(null=True, blank=True)
    detail_code = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField()
