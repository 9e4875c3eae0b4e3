"""A moment and a person belong together: the constraint every `_at` with its `_by` carries."""

from django.db import models


def paired(noun: str, *, name: str) -> models.CheckConstraint:
    """`<noun>_at` and `<noun>_by` are both set or both empty."""
    both = models.Q(**{f"{noun}_at__isnull": False, f"{noun}_by__isnull": False})
    none = models.Q(**{f"{noun}_at__isnull": True, f"{noun}_by__isnull": True})
    return models.CheckConstraint(condition=both | none, name=name)
