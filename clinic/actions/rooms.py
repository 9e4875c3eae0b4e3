"""The rooms of a site: opened, changed, closed."""

from datetime import datetime

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input, stale
from clinic.models import Actor, Room, Site
from clinic.rules.roles import Permission
from clinic.rules.rooms import room_problems
from clinic.rules.sentences import sentence


@action(Permission.SITE_WRITE, "room.open")
def open_room(*, by: Actor, now: datetime, site: Site, name: str, seats: int) -> Room:
    """A new room of an open site. Raises Refused 422 with `name`, `seats`; 409 for a name that is in use there."""
    if site.closed_at is not None:
        raise Refused("site_closed", sentence("sites.already_closed", name=site.name))
    _check(name, seats)
    row = Room.objects.create(site=site, name=_plain(name), seats=seats)
    return _recorded(row, by, now, "room.open")


@action(Permission.SITE_WRITE, "room.change")
def change_room(
    *, by: Actor, now: datetime, room: Room, name: str, seats: int, expected_version: int | None = None
) -> Room:
    """Another name, or another number of seats. Raises Refused as `open_room`; 412 where somebody was quicker."""
    row = _locked(room, expected_version)
    _check(name, seats)
    row.name, row.seats = _plain(name), seats
    row.version += 1
    row.save()
    return _recorded(row, by, now, "room.change")


@action(Permission.SITE_WRITE, "room.close")
def close_room(*, by: Actor, now: datetime, room: Room, expected_version: int | None = None) -> Room:
    """Nothing is booked there from now on; its name is free again."""
    row = _locked(room, expected_version)
    row.closed_at, row.closed_by = now, by
    row.version += 1
    row.save()
    return _recorded(row, by, now, "room.close")


def _locked(room: Room, expected_version: int | None) -> Room:
    """The room as it is now. Raises Refused 412, or 409 for one that is closed."""
    row = Room.objects.select_for_update(no_key=True, of=("self",)).select_related("site").get(pk=room.pk)
    if expected_version is not None and row.version != expected_version:
        raise stale()
    if row.closed_at is not None:
        raise Refused("room_closed", sentence("rooms.already_closed", name=row.name))
    return row


def _check(name: str, seats: int) -> None:
    if wrong := room_problems(name, seats):
        raise bad_input(**wrong)


def _plain(name: str) -> str:
    return " ".join(name.split())


def _recorded(row: Room, by: Actor, now: datetime, name: str) -> Room:
    audit.record(
        action=name, by=by, now=now, subject=("room", row.public_id), details={"site": str(row.site.public_id)}
    )
    return row
