"""What this installation is, and whether it may send anything real."""

from datetime import timedelta

from django.conf import settings
from django.db import connection

from clinic.models import DeliveryArming, Installation


def installation() -> Installation | None:
    """The one row, or None before `migrate` has made it."""
    return Installation.objects.first()


def system_identifier() -> str:
    """Identity of the database cluster: a copy elsewhere has another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        return str(cursor.fetchone()[0])


def latch_open() -> bool:
    """True only where the environment, the installation row and an arming row bound to this cluster agree."""
    wanted = str(settings.LIVE_DELIVERY or "")
    if not wanted:
        return False
    row = installation()
    if row is None or row.practice or str(row.installation_id) != wanted:
        return False
    return DeliveryArming.objects.filter(
        installation_id=row.installation_id,
        system_identifier=system_identifier(),
        database=connection.settings_dict["NAME"],
        disarmed_at__isnull=True,
    ).exists()


def clock_offset() -> timedelta:
    """How far the practice clock has been moved on; nothing while real messages could leave."""
    row = installation()
    if row is None or not row.clock_offset or latch_open():
        return timedelta(0)
    return row.clock_offset
