"""Whether a time is free, asked under the locks: what stands in the way is said by name and time."""

from collections.abc import Collection, Iterable, Sequence

from clinic.errors import Refused
from clinic.models import Actor, Site
from clinic.rules.sentences import Sentence, sentence
from pathways.actions.sessions.locking import Held
from pathways.models import Attendance, Session
from pathways.queries.sessions import Wanted, taken
from pathways.rules.sessions import OCCUPYING_PLACES, OCCUPYING_SESSIONS, Clash, ClashKind, Slot, clashes
from patients.models import Patient

FIELDS = {ClashKind.LEADER: "leader", ClashKind.ROOM: "room", ClashKind.PATIENT: "people"}


def in_the_way(
    slots: Sequence[Slot], wanted: Wanted, site: Site, *, but: Session | None = None
) -> dict[Slot, tuple[Clash, ...]]:
    """What stands in the way of each of these times; those that are free are left out."""
    whole = Slot(min(each.starts_at for each in slots), max(each.ends_at for each in slots))
    return clashes(slots, taken(wanted, whole, but=but), site.zone)


def must_be_free(slot: Slot, wanted: Wanted, site: Site, *, but: Session | None = None) -> None:
    """Raises Refused `session_clash` (409), with a sentence for each of leader, room and people that is taken."""
    found = in_the_way([slot], wanted, site, but=but).get(slot, ())
    if found:
        raise Refused("session_clash", found[0].sentence, fields=_by_field(found), details={"clashes": told(found)})


def must_be_free_again(session: Held, coming: Collection[Attendance], by: Actor) -> None:
    """Who was counted absent may have been booked elsewhere since: they are asked again, and so are the leader and the
    room of a session nobody had come to. Raises as `must_be_free`."""
    row = session.session
    back = [each.patient for each in coming if each.status not in OCCUPYING_PLACES]
    reopened = bool(coming) and row.status not in OCCUPYING_SESSIONS
    if back or reopened:
        leader, room = (row.leader, row.room) if reopened else (None, None)
        wanted = Wanted(leader, room, names_of(back, by))
        must_be_free(Slot(row.starts_at, row.ends_at), wanted, row.site, but=row)


def told(found: Iterable[Clash]) -> list[dict[str, object]]:
    """Clashes as parts of a refusal."""
    return [
        {
            "kind": each.booked.kind.value,
            "starts_at": each.wanted.starts_at,
            "ends_at": each.wanted.ends_at,
            "sentence": each.sentence,
        }
        for each in found
    ]


def names_of(people: Iterable[Patient], by: Actor) -> dict[int, str]:
    """What people are called in a refusal; somebody the actor may not see has no name there."""
    rows = list(people)
    seen = set(Patient.objects.visible_to(by).filter(pk__in=[each.pk for each in rows]).values_list("pk", flat=True))
    return {each.pk: each.display_name if each.pk in seen else "…" for each in rows}


def _by_field(found: Collection[Clash]) -> dict[str, Sentence]:
    fields: dict[str, Sentence] = {}
    for each in found:
        fields.setdefault(FIELDS[each.booked.kind], each.sentence)
    return fields


def too_many(found: dict[Slot, tuple[Clash, ...]], wanted: int) -> Refused:
    """The refusal of a series of which some dates are taken, each date with what stands in its way."""
    listed = [part for each in found.values() for part in told(each)]
    said = sentence("session.refused.dates_taken", taken=len(found), of=wanted)
    return Refused("session_clash", said, details={"clashes": listed})
