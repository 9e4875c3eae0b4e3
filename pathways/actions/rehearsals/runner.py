"""Rehearsing a version of a program: an invented patient lives through a year in seconds, and none of it is kept.

The clock jumps from one thing that is due to the next: what the script says, what a gate could be asked on, a message,
a step of a ladder, a call. Each is done by the verbs everybody uses, with that moment as now.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from uuid import UUID

from clinic.actions.verbs import action
from clinic.errors import bad_input
from clinic.models import Actor, Site
from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.rehearsals.contacts import Contacts
from pathways.actions.rehearsals.course import Course
from pathways.actions.rehearsals.events import Events
from pathways.actions.rehearsals.replies import Replies
from pathways.actions.rehearsals.stage import Place, place_of, set_up, take_turn
from pathways.actions.rehearsals.telling import tell
from pathways.actions.rehearsals.undone import undone
from pathways.actions.rehearsals.world import Wanted, World
from pathways.models import ProgramVersion
from pathways.queries.programs import document_of
from pathways.rules.rehearsals import LARGEST_SEED, LONGEST, SHORTEST, Dice, Rehearsal

OPENS = time(9)
MOST_STEPS = 20_000
"""Things done in one rehearsal, far beyond what two years hold: a program that never comes to rest is stopped."""
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100


def rehearse(*, by: Actor, now: datetime, version: ProgramVersion, site: Site, wanted: Wanted) -> Rehearsal:
    """Walk an invented patient through a version, whatever its state, with the clock and hours of a site.

    Nothing is kept and nothing is sent: it happens on a connection of its own, in a transaction that is undone, and
    holds no row that is there. The same version, site and wish give the same rehearsal.
    Raises Refused: 403, 409 `rehearsal_running` while the same person's last one runs, 422 for a length, seed or day
    out of range or a site that is not the actor's, 422 `program_problems` while anything stands against the version.
    """
    _permit(by=by, now=now, site=site, wanted=wanted)
    # No transaction of the caller's waits for it: all that is taken along are values.
    place, document = place_of(site), version.document
    return undone(lambda: _live(by=by, now=now, place=place, document=document, wanted=wanted))


@action(Permission.PROGRAM_READ, "rehearsal.run")
def _permit(*, by: Actor, now: datetime, site: Site, wanted: Wanted) -> None:
    """Whether the actor may, and can be given what they wish."""
    wrong = {}
    if not SHORTEST <= wanted.days <= LONGEST:
        wrong["days"] = sentence("rehearsal.refused.days", least=SHORTEST, most=LONGEST)
    if not 0 <= wanted.seed <= LARGEST_SEED:
        wrong["seed"] = sentence("rehearsal.refused.seed", most=LARGEST_SEED)
    if not EARLIEST_YEAR <= wanted.start_on.year < LATEST_YEAR:
        wrong["start_on"] = sentence("rehearsal.refused.start_on", least=EARLIEST_YEAR, most=LATEST_YEAR)
    if not by.sites.filter(pk=site.pk, closed_at__isnull=True).exists():
        wrong["site"] = sentence("rehearsal.refused.site")
    if wrong:
        raise bad_input(**wrong)


@action(None, "rehearsal.live")
def _live(*, by: Actor, now: datetime, place: Place, document: Mapping[str, object], wanted: Wanted) -> Rehearsal:
    """The whole of it as one verb, so that what is done in it needs no savepoint; inside `undone` only."""
    take_turn(by.public_id)
    world = world_of(by.public_id, place, document, wanted)
    events = Events(world)
    course = Course(world, events.entered_phase)
    events.course = course
    course.begin()
    events.begin()
    _run(world, Contacts(world, Replies(world)))
    return tell(world)


def world_of(person: UUID, place: Place, document: Mapping[str, object], wanted: Wanted) -> World:
    """The world of a rehearsal on its first morning; inside `undone` only."""
    opens = to_utc(datetime.combine(wanted.start_on, OPENS), str(place.columns["time_zone"])).astimezone(UTC)
    stage = set_up(person=person, place=place, document=document, language=wanted.script.language.value, now=opens)
    return World(wanted, stage, document_of(stage.version), Dice(wanted.seed), opens)


def _run(world: World, contacts: Contacts) -> None:
    """From one thing that is due to the next, until the end."""
    for _ in range(MOST_STEPS):
        planned, due = world.next_at(), contacts.next_at()
        at = min((each for each in (planned, due) if each is not None), default=None)
        if at is None or at > world.end:
            return
        world.now = max(at, world.now)
        if planned is not None and planned <= at:
            world.take()(world.now)
            contacts.changed()
        else:
            contacts.act()
    world.could_not(sentence("rehearsal.could_not.end", steps=MOST_STEPS))
