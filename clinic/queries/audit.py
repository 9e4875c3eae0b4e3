"""Who did what and who looked at whom, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from clinic.models import Actor, AuditEntry

PAGE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter; what is None or empty is not asked. `until` is the first moment that no longer counts."""

    actor: UUID | None = None
    patient: UUID | None = None
    action: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """One page of entries; `before` is where the next, older one begins."""

    entries: Sequence[AuditEntry]
    before: tuple[datetime, int] | None


def entries(wanted: Wanted, before: tuple[datetime, int] | None = None) -> Stretch:
    """Newest first, a page at a time; the hundredth page costs what the first does."""
    rows = _matching(wanted).select_related("actor", "on_behalf_of").order_by("-recorded_at", "-id")
    if before is not None:
        moment, entry_id = before
        rows = rows.filter(Q(recorded_at__lt=moment) | Q(recorded_at=moment, id__lt=entry_id))
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    return Stretch(shown, (shown[-1].recorded_at, shown[-1].pk) if len(found) > PAGE else None)


def _matching(wanted: Wanted) -> QuerySet[AuditEntry]:
    rows = AuditEntry.objects.all()
    if wanted.actor is not None:
        rows = rows.filter(actor__public_id=wanted.actor)
    if wanted.patient is not None:
        rows = rows.filter(
            Q(patient_ids__contains=[wanted.patient]) | Q(subject_type="patient", subject_id=wanted.patient)
        )
    if wanted.action:
        rows = rows.filter(action__startswith=wanted.action)
    if wanted.outcome:
        rows = rows.filter(outcome=wanted.outcome)
    if wanted.since is not None:
        rows = rows.filter(recorded_at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(recorded_at__lt=wanted.until)
    return rows


def actors() -> QuerySet[Actor]:
    """Everybody who can appear in the record, by name."""
    return Actor.objects.order_by("name", "id")
