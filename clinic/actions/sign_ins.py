"""The record of who came in, who went, and who tried."""

from datetime import datetime

from clinic.actions import audit
from clinic.actions.jobs import job
from clinic.actions.verbs import action
from clinic.models import Actor, AuditEntry, StaffMember

DOOR = "sign-in door"


@action(None, "sign_in")
def record_sign_in(*, what: str, by: Actor, now: datetime) -> AuditEntry:
    """Something a person did to their own access: `in`, `out`, `password_changed`, `second_factor_added` …"""
    member = StaffMember.objects.filter(actor=by).first()
    return audit.record(
        action=f"sign_in.{what}", by=by, now=now, subject=("staff", member.public_id) if member else None
    )


def record_failure(*, what: str, email: str, now: datetime) -> AuditEntry:
    """Somebody unknown tried an account; kept with the person it belongs to, never with what was typed."""
    return _record_failure(what=what, email=email, by=job(DOOR), now=now)


@action(None, "sign_in.failure")
def _record_failure(*, what: str, email: str, by: Actor, now: datetime) -> AuditEntry:
    """The entry names the account only where there is one: a mistyped address may be a password."""
    member = StaffMember.objects.filter(user__email__iexact=email).first()
    return audit.record(
        action=f"sign_in.{what}",
        by=by,
        now=now,
        outcome="refused",
        subject=("staff", member.public_id) if member else None,
    )
