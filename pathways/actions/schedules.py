"""How long before a session the people of a site are reminded: set, and left to what is usual again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import bad_input, not_found, stale
from clinic.models import Actor, Site
from clinic.queries.workplaces import site_for
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.modalities import keys
from pathways.models import ReminderSchedule
from pathways.queries.schedules import MINUTE
from pathways.rules.reminders import in_order, offsets_problem, spelled


@action(Permission.REMINDER_SCHEDULE, "schedule.set")
def set_schedule(
    *,
    by: Actor,
    now: datetime,
    site_id: UUID,
    modality: str,
    offsets: Sequence[timedelta],
    expected_version: int | None = None,
) -> ReminderSchedule:
    """Remind of the site's sessions of a modality ("": of every other) so long before; of none where it is empty.

    Messages planned already are brought in line by the worker (`message_plans`), not here. `expected_version=None`
    where nothing was set before. Raises Refused: 404, 412, 422 `modality` or `offsets`.
    """
    site = _site(by, site_id)
    wrong = {
        "modality": None if modality == "" or modality in keys() else sentence("session.refused.modality"),
        "offsets": offsets_problem(offsets),
    }
    if found := {name: said for name, said in wrong.items() if said is not None}:
        raise bad_input(**found)
    row = _locked(site, modality, expected_version) or ReminderSchedule(site=site, modality=modality, version=0)
    row.offsets_minutes = [each // MINUTE for each in in_order(offsets)]
    row.set_at, row.set_by = now, by
    row.version += 1
    row.save()
    _audit("schedule.set", site, modality, by, now, offsets=[spelled(each) for each in in_order(offsets)])
    return row


@action(Permission.REMINDER_SCHEDULE, "schedule.clear")
def clear_schedule(
    *, by: Actor, now: datetime, site_id: UUID, modality: str, expected_version: int | None = None
) -> None:
    """Leave it to what is set for every other session, or is usual. Raises Refused: 404, 412."""
    site = _site(by, site_id)
    row = _locked(site, modality, expected_version)
    if row is None:
        raise not_found()
    row.delete()
    _audit("schedule.clear", site, modality, by, now)


def _site(by: Actor, site_id: UUID) -> Site:
    """The site, locked, so that two who set the same thing for the first time wait for one another."""
    found = site_for(by, site_id)
    if found is None or found.closed_at is not None:
        raise not_found()
    return Site.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.pk)


def _locked(site: Site, modality: str, expected_version: int | None) -> ReminderSchedule | None:
    row = ReminderSchedule.objects.filter(site=site, modality=modality).first()
    if (row.version if row else None) != expected_version:
        raise stale()
    return row


def _audit(name: str, site: Site, modality: str, by: Actor, now: datetime, **details: object) -> None:
    known = {"modality": modality or "every other", **details}
    audit.record(action=name, by=by, now=now, subject=("site", site.public_id), details=known)
