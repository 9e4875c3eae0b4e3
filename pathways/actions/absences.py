"""Who is away on which days, and who has their work meanwhile."""

from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, forbidden, not_found, stale
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.models import Absence
from pathways.queries.absences import away_of, colleagues
from pathways.rules.absences import Away, absence_problems


@action(Permission.ABSENCE_RECORD, "absence.record")
def record_absence(
    *,
    by: Actor,
    now: datetime,
    cover_id: UUID,
    starts_on: date,
    ends_on: date,
    actor_id: UUID | None = None,
    note: str = "",
) -> Absence:
    """Somebody is away from the first day to the last, and `cover_id` has their work. Without `actor_id`: oneself.

    Raises Refused: for others only by who may give work away (403), a foreign person (404), and every reason of
    `rules.absences.absence_problems`, by field (422).
    """
    away = by if actor_id is None or actor_id == by.public_id else _colleague(by, actor_id)
    if away.pk != by.pk and not by.may(Permission.FOLLOW_UP_ASSIGN):
        raise forbidden()
    near = {each.public_id: each for each in colleagues(away)}
    cover = near.get(cover_id)
    if cover is None:
        raise bad_input(cover=sentence("absence.refused.cover"))
    _together(away, cover)
    wanted = Away(away.pk, cover.pk, starts_on, ends_on)
    known = Absence.objects.filter(actor__in=[away, cover], cancelled_at__isnull=True)
    problems = absence_problems(
        wanted,
        [away_of(*each) for each in known.values_list("actor_id", "cover_id", "starts_on", "ends_on")],
        today=now.astimezone(_zone(away)).date(),
        colleagues={each.pk for each in near.values()},
    )
    if problems:
        raise bad_input(**problems)
    row = Absence.objects.create(
        actor=away, cover=cover, starts_on=starts_on, ends_on=ends_on, note=note[:200], recorded_at=now, recorded_by=by
    )
    _audit("absence.record", row, by, now)
    return row


@action(Permission.ABSENCE_RECORD, "absence.cancel")
def cancel_absence(*, by: Actor, now: datetime, absence_id: UUID, expected_version: int | None = None) -> Absence:
    """The absence does not take place, or ends now: the work is its owner's again.

    Raises Refused: not theirs and no right to give work away (403), a foreign one (404), cancelled or over (409).
    """
    row = Absence.objects.select_related("actor", "cover").filter(public_id=absence_id)
    found = row.select_for_update(no_key=True, of=("self",)).first()
    if found is None or (found.actor_id != by.pk and not colleagues(by).filter(pk=found.actor_id).exists()):
        raise not_found()
    if found.actor_id != by.pk and not by.may(Permission.FOLLOW_UP_ASSIGN):
        raise forbidden()
    if expected_version is not None and found.version != expected_version:
        raise stale()
    if found.cancelled_at is not None:
        raise Refused("absence_cancelled", sentence("absence.refused.cancelled"))
    if found.ends_on < now.astimezone(_zone(found.actor)).date():
        raise Refused("absence_over", sentence("absence.refused.over"))
    found.cancelled_at, found.cancelled_by, found.version = now, by, found.version + 1
    found.save(update_fields=["cancelled_at", "cancelled_by", "version"])
    _audit("absence.cancel", found, by, now)
    return found


def _colleague(by: Actor, public_id: UUID) -> Actor:
    found = colleagues(by).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def _together(*people: Actor) -> None:
    """Absences of the same people are recorded one after the other, so that nobody covers for somebody away."""
    ids = sorted({each.pk for each in people})
    list(Actor.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True, of=("self",)))


def _zone(actor: Actor) -> ZoneInfo:
    """The zone their days are counted in: that of their first site by name."""
    site = actor.sites.order_by("name", "pk").first()
    return site.zone if site else ZoneInfo("UTC")


def _audit(name: str, row: Absence, by: Actor, now: datetime) -> None:
    details: dict[str, object] = {
        "actor": str(row.actor.public_id),
        "cover": str(row.cover.public_id),
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
    }
    audit.record(action=name, by=by, now=now, subject=("absence", row.public_id), details=details)
