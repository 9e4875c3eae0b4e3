"""Keys every table shares: a bigint that is never shown, and a public id that is."""

import uuid

from django.db import models


class Keyed(models.Model):
    """`public_id` is what URLs, the API, task arguments and the audit use (decisions.md 1)."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True


class Versioned(models.Model):
    """An editable row: `version` is raised only by actions and is the ETag (decisions.md 13)."""

    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True
