"""Talks of two and groups, written up when they are over."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from clinic.errors import Refused
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.actions.sessions import Came, Person, What
from pathways.demo import steps, words
from pathways.demo.players import Player
from pathways.demo.verbs.later import Later
from pathways.models import Attendance, Session

WRITTEN_UP_AFTER = timedelta(minutes=6)


def meet(step: steps.Meet, player: Player, now: datetime) -> Iterator[Later]:
    """A talk now; where the hour is taken already (stories fall differently on every day), there is none."""
    by = player.who(step.role)
    try:
        made = sessions.book(
            by=by, now=now, site_id=player.site.public_id, what=What(step.modality), starts_at=now,
            leader_id=by.public_id, people=[Person(player.row.public_id)],
        )  # fmt: skip
    except Refused:
        return
    yield made.ends_at + WRITTEN_UP_AFTER, partial(_written_up, made, player)


def _written_up(made: Session, player: Player, now: datetime) -> None:
    place = Attendance.objects.get(session=made, patient=player.row)
    minutes = round((made.ends_at - made.starts_at).total_seconds() / 60)
    note = player.chance("talk", now).choice(words.TALK_NOTES)
    sessions.document(
        by=made.leader or player.who(Role.COUNSELOR), now=now, session_id=made.public_id,
        came=[Came(place.public_id, minutes)], note=note,
    )  # fmt: skip
