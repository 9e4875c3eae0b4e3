"""Holding automatic messages back, and letting them go again."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, not_found
from clinic.models import Actor, Site
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.reminders.locking import hold_pauses
from pathways.messages.library import keys
from pathways.models import DeliveryPause, Reminder
from pathways.queries.pauses import held_by, in_force, missed
from pathways.queries.providers import CHANNELS
from pathways.rules.reminders import ReminderStatus
from pathways.rules.reminders.pauses import Missed, PauseScope
from patients.rules.texts import plain, text_problem

REASON_LIMIT = 200


@action(Permission.DELIVERY_PAUSE, "delivery.pause")
def pause(
    *,
    by: Actor,
    now: datetime,
    scope: PauseScope,
    reason: str,
    site_id: UUID | None = None,
    channel: str = "",
    template: str = "",
) -> DeliveryPause:
    """From now on no automatic message of this scope is claimed, and none that is claimed already goes.

    Raises Refused: 404 for a site one does not work at, 409 where it is paused already, 422.
    """
    if problem := text_problem(reason, limit=REASON_LIMIT, required=True):
        raise bad_input(reason=problem)
    row = DeliveryPause(scope=scope, reason=plain(reason), paused_at=now, paused_by=by)
    match scope:
        case PauseScope.SITE:
            row.site = _site(by, site_id)
        case PauseScope.CHANNEL:
            row.channel = _offered("channel", channel, CHANNELS)
        case PauseScope.TEMPLATE:
            row.template = _offered("template", template, keys())
    hold_pauses(alone=True)
    row.save()
    _note("delivery.pause", row, by, now)
    return row


@action(Permission.DELIVERY_PAUSE, "delivery.resume")
def resume(*, by: Actor, now: datetime, pause_id: UUID, missed_ones: Missed) -> tuple[DeliveryPause, int]:
    """Messages of the pause's scope go again, unless another pause holds them. Returns it and how many had been missed.

    Those due meanwhile: `send` leaves them in line, and each is asked again whether it is still of use; `skip` ends
    them, so that their ladders climb; `ask` puts them among the messages that need a person. Raises Refused: 404 for a
    site one does not work at, 409 where it was lifted before.
    """
    row = DeliveryPause.objects.filter(public_id=pause_id).select_for_update(no_key=True, of=("self",)).first()
    if row is None:
        raise not_found()
    if row.site_id is not None:
        _site(by, row.site.public_id if row.site else None)
    if row.lifted_at is not None:
        raise Refused("pause_lifted", sentence("delivery.refused.lifted"))
    row.lifted_at, row.lifted_by, row.missed = now, by, missed_ones
    row.save(update_fields=["lifted_at", "lifted_by", "missed"])
    number = _settle(missed(row, now).exclude(held_by(in_force())), missed_ones, now)
    _note("delivery.resume", row, by, now, missed=missed_ones.value, messages=number)
    return row, number


def _settle(rows: QuerySet[Reminder], missed_ones: Missed, now: datetime) -> int:
    match missed_ones:
        case Missed.SEND:
            return rows.count()
        case Missed.SKIP:
            code = "reminder.suppressed.pause"
            return rows.update(status=ReminderStatus.SUPPRESSED, status_code=code, status_params={}, status_at=now)
        case Missed.ASK:
            code = "reminder.postponed.missed"
            return rows.update(needs_person=True, status_code=code, status_params={}, status_at=now)


def _site(by: Actor, site_id: UUID | None) -> Site:
    """One the actor works at; those who look after the sites reach all."""
    sites = Site.objects.all() if by.may(Permission.SITE_WRITE) else by.sites.all()
    found = sites.filter(public_id=site_id).first() if site_id else None
    if found is None:
        raise not_found()
    return found


def _offered(name: str, value: str, offered: Collection[str]) -> str:
    if value not in offered:
        raise bad_input(**{name: sentence("refused.not_offered")})
    return value


def _note(name: str, row: DeliveryPause, by: Actor, now: datetime, **details: object) -> None:
    scope = {"scope": row.scope, "channel": row.channel, "template": row.template}
    subject = ("delivery_pause", row.public_id)
    audit.record(action=name, by=by, now=now, subject=subject, reason=row.reason, details={**scope, **details})
