"""Whose a follow-up is."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor, ActorKind
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.follow_ups.locking import all_locked, locked, must_be_open
from pathways.models import FollowUp

MOST_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Assigned:
    """What came of giving several away: those that have their new owner, and those left as they are because they ended
    or changed since they were looked at."""

    given: tuple[FollowUp, ...]
    left: tuple[FollowUp, ...]


@action(Permission.FOLLOW_UP_ASSIGN, "follow_up.assign")
def assign(
    *, by: Actor, now: datetime, follow_up_id: UUID, owner_id: UUID | None, expected_version: int | None = None
) -> FollowUp:
    """Give an open follow-up to a member of staff of its site, or to nobody in particular."""
    row = locked(by, follow_up_id, expected_version)
    must_be_open(row)
    _give(row, _member(owner_id, row) if owner_id else None, by, now)
    return row


@action(Permission.FOLLOW_UP_ASSIGN, "follow_up.assign_many")
def assign_many(*, by: Actor, now: datetime, follow_ups: Mapping[UUID, int | None], owner_id: UUID | None) -> Assigned:
    """Give several open follow-ups to one member of staff, or to nobody in particular, all at once.

    `follow_ups`: public id and the version that was seen (None: whichever). Raises Refused: none or too many (422), a
    foreign one (404), an owner who does not work at every one of their sites (422): then nothing is given.
    """
    if not 1 <= len(follow_ups) <= MOST_AT_ONCE:
        raise bad_input(follow_ups=sentence("follow_up.refused.how_many", most=MOST_AT_ONCE))
    rows = all_locked(by, follow_ups)
    left = [row for row in rows if row.outcome or follow_ups[row.public_id] not in (None, row.version)]
    given = [row for row in rows if row not in left]
    owner = _member_of_all(owner_id, given) if owner_id else None
    for row in given:
        _give(row, owner, by, now)
    return Assigned(tuple(given), tuple(left))


def _give(row: FollowUp, owner: Actor | None, by: Actor, now: datetime) -> None:
    row.owner = owner
    row.version += 1
    row.save(update_fields=["owner", "version"])
    audit.record(
        action="follow_up.assign",
        by=by,
        now=now,
        subject=("follow_up", row.public_id),
        patients=[row.patient.public_id],
        details={"owner": str(owner.public_id) if owner else ""},
    )


def _member_of_all(owner_id: UUID, rows: Collection[FollowUp]) -> Actor | None:
    members = {row.site_id: _member(owner_id, row) for row in {row.site_id: row for row in rows}.values()}
    return next(iter(members.values()), None)


def _member(owner_id: UUID, row: FollowUp) -> Actor:
    at_site = Actor.objects.filter(kind=ActorKind.STAFF, is_active=True, sites=row.site)
    found = at_site.filter(public_id=owner_id).first()
    if found is None:
        raise bad_input(owner=sentence("follow_up.refused.owner"))
    return found
