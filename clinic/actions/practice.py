"""Practice data: marking it as such, and moving its clock on (decisions.md 3)."""

from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Installation, StaffMember
from clinic.queries.installation import forget_reading, latch_open
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence

# Far enough to see a year of somebody's way, near enough that dates stay dates.
LONGEST_STEP = timedelta(days=31)
FARTHEST = timedelta(days=5 * 366)


@action(None, "practice.mark")
def mark_practice(*, by: Actor, now: datetime) -> Installation:
    """Say that this database holds invented people: nothing real can leave it from here on, for good."""
    row = _locked()
    row.practice = True
    row.save(update_fields=["practice"])
    forget_reading()
    audit.record(action="practice.mark", by=by, now=now)
    return row


@action(Permission.PRACTICE_CLOCK, "practice.move_clock")
def move_clock(*, by: Actor, now: datetime, days: int = 0, hours: int = 0) -> Installation:
    """Move the clinic's clock on. Raises Refused 409 unless this is practice data behind a shut latch, 422 for a step
    that is not forward, longer than 31 days, or leads more than five years away."""
    step = timedelta(days=days, hours=hours)
    row = _locked()
    _only_practice(row)
    if not timedelta(0) < step <= LONGEST_STEP or row.clock_offset + step > FARTHEST:
        raise bad_input(step=sentence("practice.step", days=LONGEST_STEP.days))
    return _set_clock(row, row.clock_offset + step, by, now)


@action(Permission.PRACTICE_CLOCK, "practice.reset_clock")
def reset_clock(*, by: Actor, now: datetime) -> Installation:
    """Back to real time. What was recorded meanwhile keeps its dates."""
    row = _locked()
    _only_practice(row)
    return _set_clock(row, timedelta(0), by, now)


@action(None, "practice.give_password")
def give_password(*, member: StaffMember, password: str, by: Actor, now: datetime) -> StaffMember:
    """Let a member of staff of a demonstration sign in with a known password. Raises Refused 409 on real data, 422
    for a password that the house would not take from a person."""
    _only_practice(_locked())
    try:
        validate_password(password, member.user)
    except ValidationError as error:
        raise bad_input(password=sentence("opening.weak_password")) from error
    member.user.set_password(password)
    member.user.save(update_fields=["password"])
    audit.record(action="practice.give_password", by=by, now=now, subject=("staff", member.public_id))
    return member


def _locked() -> Installation:
    return Installation.objects.select_for_update(no_key=True).get()


def _only_practice(row: Installation) -> None:
    if not row.practice or latch_open():
        raise Refused("not_practice", sentence("practice.real"))


def _set_clock(row: Installation, offset: timedelta, by: Actor, now: datetime) -> Installation:
    row.clock_offset, row.clock_moved_at, row.clock_moved_by = offset, now, by
    row.save(update_fields=["clock_offset", "clock_moved_at", "clock_moved_by"])
    forget_reading()
    audit.record(action="practice.clock", by=by, now=now, details={"hours": offset.total_seconds() / 3600})
    return row
