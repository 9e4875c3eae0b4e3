"""Calls made on a follow-up."""

from django.db.models import QuerySet

from pathways.models import CallResult, FollowUp


def call_results(row: FollowUp) -> QuerySet[CallResult]:
    """Every call on it, the newest first, those taken back included."""
    return row.call_results.select_related("made_by", "undone_by").order_by("-made_at", "-pk")
