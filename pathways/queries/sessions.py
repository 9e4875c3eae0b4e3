"""Sessions as seen by somebody: the day of a site, one session with its places, and what is taken when."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.errors import not_found
from clinic.models import Actor, ActorKind, Room, Site
from pathways.models import Attendance, Enrollment, Reply, Session
from pathways.rules.replies import Intent
from pathways.rules.sessions import OCCUPYING_PLACES, OCCUPYING_SESSIONS, Booked, ClashKind, ConfirmedBy, Slot
from patients.models import Patient, PatientSite

TOGETHER = ("site", "leader", "room", "series", "booked_by", "documented_by", "cancelled_by")
MOST_ON_A_DAY = 400
LED_WITHIN = 60
"""Days before and after a day in which somebody led or leads a session, to be chosen as its leader (local default)."""


def sessions(actor: Actor) -> QuerySet[Session]:
    """Every session of the sites the actor works at, with what it is shown by; without its earlier accounts."""
    return Session.objects.visible_to(actor).select_related(*TOGETHER).defer("amendments")


def with_taken(rows: QuerySet[Session]) -> QuerySet[Session]:
    """With `taken`: how many places of each are taken, in the same query."""
    places = Attendance.objects.filter(session=OuterRef("pk"), status__in=OCCUPYING_PLACES).order_by()
    counted = places.values("session").annotate(n=Count("pk")).values("n")
    return rows.annotate(taken=Coalesce(Subquery(counted, output_field=IntegerField()), 0))


def session(actor: Actor, public_id: UUID) -> Session:
    """One session. Raises Refused not_found: one of another site looks like none."""
    found = Session.objects.visible_to(actor).select_related(*TOGETHER).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def on_day(
    actor: Actor, site: Site, day: date, *, leader: Actor | None = None, room: Room | None = None
) -> list[Session]:
    """Sessions that begin on a day at the site, by its own clock, in order; those of one leader or room if asked."""
    rows = sessions(actor).filter(site=site, **between(day, site))
    if leader is not None:
        rows = rows.filter(leader=leader)
    if room is not None:
        rows = rows.filter(room=room)
    return list(rows.order_by("starts_at", "id")[:MOST_ON_A_DAY])


def between(day: date, site: Site) -> dict[str, datetime]:
    """The day at the site as a filter of `starts_at`."""
    starts = datetime.combine(day, time(0), tzinfo=site.zone)
    ends = datetime.combine(day + timedelta(days=1), time(0), tzinfo=site.zone)
    return {"starts_at__gte": starts, "starts_at__lt": ends}


@dataclass(frozen=True, slots=True)
class Roster:
    """Who was booked into a session: the places of people the actor may see, how many are taken altogether, and which
    of the people wish for another time and wait for an answer (by place)."""

    places: tuple[Attendance, ...] = ()
    taken: int = 0
    wishes: Mapping[int, Reply] = field(default_factory=dict)


def rosters(actor: Actor, rows: Collection[Session]) -> Mapping[int, Roster]:
    """The roster of each session, by id, each in the order of names: three queries for any number of them."""
    ids = [each.pk for each in rows]
    seen = Attendance.objects.filter(session__in=ids, patient__in=Patient.objects.visible_to(actor))
    seen = seen.select_related("patient", "enrollment", "checked_in_by", "confirmed_by")
    grouped: dict[int, list[Attendance]] = defaultdict(list)
    for place in seen.order_by("patient__family_name", "patient__given_name", "pk"):
        grouped[place.session_id].append(place)
    counted = Attendance.objects.filter(session__in=ids, status__in=OCCUPYING_PLACES)
    taken = dict(counted.values("session").annotate(n=Count("pk")).values_list("session", "n"))
    wishes = _wishes([place.pk for places in grouped.values() for place in places])
    return {each: Roster(tuple(grouped[each]), taken.get(each, 0), wishes) for each in ids}


def _wishes(places: Collection[int]) -> dict[int, Reply]:
    """The newest wish for another time of each place that nobody has seen to yet."""
    rows = Reply.objects.waiting().filter(attendance__in=places, intent=Intent.RESCHEDULE).order_by("received_at", "pk")
    return {row.attendance_id: row for row in rows if row.attendance_id is not None}


def roster(actor: Actor, row: Session) -> Roster:
    """The roster of one session."""
    return rosters(actor, [row])[row.pk]


def place(actor: Actor, public_id: UUID) -> Attendance:
    """One place of somebody the actor may see, at a site of theirs. Raises Refused not_found."""
    rows = Attendance.objects.filter(
        session__in=Session.objects.visible_to(actor), patient__in=Patient.objects.visible_to(actor)
    )
    found = rows.select_related("patient", "session__site", "enrollment").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def leaders_at(site: Site, day: date) -> list[Actor]:
    """Who leads a session at the site about that day, by name."""
    since, until = (between(day + timedelta(days=by), site)["starts_at__gte"] for by in (-LED_WITHIN, LED_WITHIN))
    led = Session.objects.filter(site=site, leader=OuterRef("pk"), starts_at__range=(since, until))
    return list(Actor.objects.filter(Exists(led)).order_by("name", "pk"))


HOW_CONFIRMED = {
    ActorKind.STAFF: ConfirmedBy.STAFF,
    ActorKind.API_CLIENT: ConfirmedBy.PROGRAM,
    ActorKind.JOB: ConfirmedBy.REPLY,
    ActorKind.PATIENT_LINK: ConfirmedBy.LINK,
}


def how_confirmed(row: Attendance) -> ConfirmedBy | None:
    """How somebody said that they will come; None where nobody has. `confirmed_by` must be loaded."""
    return HOW_CONFIRMED[ActorKind(row.confirmed_by.kind)] if row.confirmed_by else None


def rooms_at(site: Site) -> list[Room]:
    """The rooms in use at a site, by name."""
    return list(Room.objects.filter(site=site, closed_at__isnull=True).order_by("name", "pk"))


def open_enrollments(patient: Patient) -> list[Enrollment]:
    """What somebody can be booked under, newest first."""
    return list(Enrollment.objects.open().filter(patient=patient).select_related("program").order_by("-opened_at"))


def is_seen_at(patient: Patient, site: Site) -> bool:
    """Whether the site sees the person now."""
    return PatientSite.objects.filter(patient=patient, site=site, until__isnull=True).exists()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who and what is wanted at some time: a leader, a room, people by row id with the name they are called by."""

    leader: Actor | None
    room: Room | None
    people: Mapping[int, str]


def taken(wanted: Wanted, within: Slot, *, but: Session | None = None) -> list[Booked]:
    """What already takes up the leader, the room or the people within a span of time. At most three queries."""
    rows = Session.objects.filter(status__in=OCCUPYING_SESSIONS, **_overlapping(within))
    if but is not None:
        rows = rows.exclude(pk=but.pk)
    found: list[Booked] = []
    for kind, name, one in _things(wanted):
        spans = rows.filter(one).order_by("starts_at").values_list("starts_at", "ends_at")
        found += [Booked(kind, name, Slot(*span)) for span in spans]
    return found + _people_taken(wanted.people, within, but)


def _things(wanted: Wanted) -> list[tuple[ClashKind, str, Q]]:
    found = []
    if wanted.leader is not None:
        found.append((ClashKind.LEADER, wanted.leader.name, Q(leader=wanted.leader)))
    if wanted.room is not None:
        found.append((ClashKind.ROOM, wanted.room.name, Q(room=wanted.room)))
    return found


def _people_taken(people: Mapping[int, str], within: Slot, but: Session | None) -> list[Booked]:
    if not people:
        return []
    rows = Attendance.objects.filter(patient__in=people, status__in=OCCUPYING_PLACES, **_overlapping(within))
    if but is not None:
        rows = rows.exclude(session=but)
    spans = rows.order_by("starts_at", "pk").values_list("patient_id", "starts_at", "ends_at")
    return [Booked(ClashKind.PATIENT, people[patient], Slot(starts, ends)) for patient, starts, ends in spans]


def _overlapping(span: Slot) -> dict[str, datetime]:
    return {"starts_at__lt": span.ends_at, "ends_at__gt": span.starts_at}
