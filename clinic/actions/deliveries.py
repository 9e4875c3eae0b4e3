"""The third key of the sandbox latch (decisions.md 18)."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused
from clinic.models import Actor, DeliveryArming, Installation
from clinic.queries.installation import database_name, system_identifier
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence


@action(Permission.SITE_WRITE, "delivery.arm")
def arm(*, by: Actor, now: datetime) -> DeliveryArming:
    """Let this copy, in this cluster and database, send real messages. Raises Refused 409 on practice data, where the
    environment's LIVE_DELIVERY is not this installation's id, or where it is armed already."""
    row = Installation.objects.select_for_update(no_key=True).get()
    if row.practice:
        raise Refused("practice_data", sentence("practice.not_armed"))
    if str(settings.LIVE_DELIVERY) != str(row.installation_id):
        raise Refused("other_installation", sentence("practice.other_installation", id=str(row.installation_id)))
    if _armed(row).exists():
        raise Refused("already_armed", sentence("practice.already_armed"))
    _disarm_all(by, now)  # an arming that came with a copy from elsewhere ends here
    arming = DeliveryArming.objects.create(
        installation_id=row.installation_id,
        system_identifier=system_identifier(),
        database=database_name(),
        armed_at=now,
        armed_by=by,
    )
    audit.record(action="delivery.arm", by=by, now=now, subject=("delivery_arming", arming.public_id))
    return arming


@action(None, "delivery.disarm")
def disarm(*, by: Actor, now: datetime) -> int:
    """Shut the latch. Anybody who can run a command may; it is always the safe direction. Returns what was open."""
    ended = _disarm_all(by, now)
    audit.record(action="delivery.disarm", by=by, now=now, details={"ended": ended})
    return ended


def _armed(row: Installation) -> QuerySet[DeliveryArming]:
    return DeliveryArming.objects.filter(
        installation_id=row.installation_id,
        system_identifier=system_identifier(),
        database=database_name(),
        disarmed_at__isnull=True,
    )


def _disarm_all(by: Actor, now: datetime) -> int:
    return DeliveryArming.objects.filter(disarmed_at__isnull=True).update(disarmed_at=now, disarmed_by=by)
