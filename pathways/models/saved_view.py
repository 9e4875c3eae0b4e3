"""A choice of filters somebody keeps: named by an id, so that no address tells what was looked for."""

from django.db import models

from clinic.models import Actor, Keyed, Versioned

PAGES = ("today", "patients")


class SavedView(Keyed, Versioned):
    """The filters of one page under a name; `shared`: with everybody who may open the page."""

    owner = models.ForeignKey(Actor, models.PROTECT, related_name="saved_views")
    page = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    filters = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "page", "name"], name="saved_view_once"),
            models.CheckConstraint(condition=models.Q(page__in=PAGES), name="saved_view_page"),
        ]
