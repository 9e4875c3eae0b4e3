"""The words of old messages and replies are let go, by the setting; that they were, and what became of them, stays."""

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.models import Actor
from pathways.models import Attempt, Reply

AT_ONCE = 2_000


@action(None, "reminder.purge_words")
def purge_words(*, by: Actor, now: datetime, before: datetime, after: int = 0) -> tuple[int, int]:
    """Empty the words and addresses of up to two thousand attempts begun before `before`, in the order they were made.

    Returns how many, and the id to go on `after` (0: nothing is left). Doing it again changes nothing.
    """
    rows = Attempt.objects.filter(pk__gt=after, started_at__lt=before, purged_at__isnull=True).order_by("pk")
    ids = _taken(rows)
    Attempt.objects.filter(pk__in=ids).update(text="", subject="", address="", purged_at=now)
    _note("reminder.purge_words", len(ids), before, by, now)
    return len(ids), ids[-1] if ids else 0


@action(None, "reply.purge_words")
def purge_replies(*, by: Actor, now: datetime, before: datetime, after: int = 0) -> tuple[int, int]:
    """As `purge_words` does, the words of replies; those that wait for a person are kept until they were looked at."""
    rows = Reply.objects.filter(pk__gt=after, received_at__lt=before, purged_at__isnull=True).order_by("pk")
    looked_at = rows.exclude(needs_person=True, handled_at__isnull=True)
    ids = _taken(looked_at)
    Reply.objects.filter(pk__in=ids).update(text="", handling_note="", purged_at=now)
    _note("reply.purge_words", len(ids), before, by, now)
    return len(ids), ids[-1] if ids else 0


def _taken(rows: QuerySet[Any]) -> list[int]:
    """One batch, locked; what somebody else works on is left to the next night."""
    locked = rows.select_for_update(no_key=True, of=("self",), skip_locked=True)
    return list(locked.values_list("pk", flat=True)[:AT_ONCE])


def _note(name: str, number: int, before: datetime, by: Actor, now: datetime) -> None:
    if number:
        audit.record(action=name, by=by, now=now, details={"rows": number, "before": before.isoformat()})
