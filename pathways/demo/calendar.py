"""The clinic's calendar: groups and weekly talks, booked ahead on Mondays and written up when they are over."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import NamedTuple

from clinic.models import Actor, Room, Site
from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Role
from pathways.actions import sessions
from pathways.actions.sessions import Came, Person, What
from pathways.demo import words
from pathways.demo.cast import HILL_STREET, RIVERBEND
from pathways.demo.house import LARGE, SMALL
from pathways.demo.players import Player
from pathways.demo.stage import Stage
from pathways.demo.steps import INTENSIVE, OUTPATIENT
from pathways.demo.verbs import Later
from pathways.models import Attendance, Enrollment, Session
from pathways.rules.moves import EnrollmentStatus
from pathways.rules.sessions import (
    OPEN_PLACES,
    AttendanceStatus,
    CancelledBy,
    Recurrence,
    SessionKind,
    SessionStatus,
)

KEPT_FOR = timedelta(weeks=9)
"""How long sessions have been kept here; before that they are on paper."""
WEEKS_AHEAD = 2
"""A series is booked for so many weeks at a time."""
MOST = 12
WRITTEN_UP_AFTER, CHECKED_IN_BEFORE, CALLED_OFF_BEFORE = (
    timedelta(minutes=12),
    timedelta(minutes=4),
    timedelta(hours=20),
)
CALLED_OFF = 0.06
THERAPY, AFTERCARE = "behavioral-therapy", "aftercare"


@dataclass(frozen=True, slots=True)
class Group:
    """A group that meets every week: for whom, where, when, led by whom."""

    key: str
    title: str
    modality: str
    site: str
    weekdays: tuple[int, ...]
    at: time
    minutes: int
    leader: Role
    program: str
    phases: tuple[str, ...] = ()


_INTENSIVE_DAYS = (0, 2, 4)
GROUPS: tuple[Group, ...] = (
    Group("evening", "Relapse prevention", "group-therapy", RIVERBEND, (1,), time(17), 90, Role.COUNSELOR,
          OUTPATIENT, (THERAPY,)),
    Group("evening", "Relapse prevention", "group-therapy", HILL_STREET, (2,), time(17), 90, Role.COUNSELOR,
          OUTPATIENT, (THERAPY,)),
    Group("intensive", "Intensive group", "group-therapy", RIVERBEND, _INTENSIVE_DAYS, time(9), 120, Role.COUNSELOR,
          INTENSIVE),
    Group("learning", "Learning about kratom", "psychoeducation", RIVERBEND, _INTENSIVE_DAYS, time(11, 15), 60,
          Role.NURSE, INTENSIVE),
    Group("open-house", "Open house", "peer-support", RIVERBEND, (5,), time(11), 60, Role.PEER_SUPPORTER,
          OUTPATIENT, (AFTERCARE,)),
    Group("open-house", "Open house", "peer-support", HILL_STREET, (6,), time(11), 60, Role.PEER_SUPPORTER,
          OUTPATIENT, (AFTERCARE,)),
)  # fmt: skip
# When the counselor has time for a talk each week: the mornings of the intensive program and the noon hour are taken.
TALKS: tuple[tuple[int, time], ...] = tuple(
    (weekday, at)
    for at in (time(13, 30), time(10), time(14, 30), time(11), time(15, 30), time(9))
    for weekday in (range(4) if at.hour > 12 else (1, 3))
)
TALK_MINUTES = 50


class Slot(NamedTuple):
    """The hour somebody comes each week."""

    site: int
    place: int


@dataclass(slots=True)
class Calendar:
    """Every session of the story. `week` is called on Mondays, in the order of time."""

    stage: Stage
    players: Mapping[int, Player]
    rooms: Mapping[tuple[str, str], Room]
    moment: datetime
    _talks: dict[int, Slot] = field(default_factory=dict)

    def week(self, site: Site, monday: date, now: datetime) -> Iterator[Later]:
        """Book what is not booked yet for the weeks to come, and what follows from it."""
        members = self._members(site)
        for group in GROUPS:
            if group.site == site.code:
                yield from self._group(group, site, monday, [each for each in members if _joins(each, group)], now)
        in_therapy = [each for each in members if _has_talks(each)]
        self._forget_talks(site, {each.patient_id for each in in_therapy})
        for each in in_therapy:
            yield from self._talks_of(each, site, monday, now)

    def _members(self, site: Site) -> list[Enrollment]:
        rows = Enrollment.objects.filter(site=site, status=EnrollmentStatus.ACTIVE)
        return list(rows.select_related("patient", "program", "current_phase").order_by("pk"))

    # -- groups -------------------------------------------------------------------------------------------------------

    def _group(
        self, group: Group, site: Site, monday: date, members: list[Enrollment], now: datetime
    ) -> Iterator[Later]:
        """A new series where the last one has run out; who came to it since is added to this week's."""
        starts, ends = _instant(site, monday, time()), _instant(site, monday + timedelta(days=7), time())
        booked = Session.objects.filter(
            site=site, modality=group.modality, title=group.title, starts_at__gte=starts, starts_at__lt=ends
        ).exclude(status=SessionStatus.CANCELLED)
        standing = list(booked.order_by("starts_at"))
        if standing:
            self._add_newcomers(standing, members, now)
        elif members:
            yield from self._series(group, site, monday, members[:MOST], now)

    def _series(
        self, group: Group, site: Site, monday: date, members: list[Enrollment], now: datetime
    ) -> Iterator[Later]:
        last = monday + timedelta(days=7 * WEEKS_AHEAD - 1)
        made = sessions.book_series(
            by=self.stage.who(Role.FRONT_DESK, site.code), now=now, site_id=site.public_id,
            what=What(group.modality, SessionKind.GROUP, title=group.title, capacity=MOST),
            when=Recurrence(1, group.weekdays, monday, last, group.at, group.minutes),
            leader_id=self.stage.who(group.leader, site.code).public_id,
            room_id=self.rooms[site.code, LARGE].public_id, people=[_person(each) for each in members],
            those_that_fit=True,
        )  # fmt: skip
        for session in made.sessions:
            yield from self._becomes(session)

    def _add_newcomers(self, standing: list[Session], members: list[Enrollment], now: datetime) -> None:
        places = Attendance.objects.filter(session__in=standing).values_list("patient_id", flat=True)
        known = set(places)
        for session in standing:
            free = session.capacity - len(known)
            for each in [each for each in members if each.patient_id not in known][: max(0, free)]:
                sessions.add_person(
                    by=self.stage.who(Role.FRONT_DESK, session.site.code), now=now, session_id=session.public_id,
                    patient_id=each.patient.public_id, enrollment_id=each.public_id,
                )  # fmt: skip

    # -- talks --------------------------------------------------------------------------------------------------------

    def _talks_of(self, row: Enrollment, site: Site, monday: date, now: datetime) -> Iterator[Later]:
        """Their hour for the next weeks, where none is booked."""
        ahead = Attendance.objects.filter(
            enrollment=row, session__modality="cbt", starts_at__gte=now, status__in=OPEN_PLACES
        )
        slot = self._talks.get(row.patient_id) or self._free_talk(site, monday)
        if slot is None or ahead.exists():
            return
        self._talks[row.patient_id] = slot
        weekday, at = TALKS[slot.place]
        made = sessions.book_series(
            by=self.stage.who(Role.COUNSELOR, site.code), now=now, site_id=site.public_id, what=What("cbt"),
            when=Recurrence(1, (weekday,), monday, monday + timedelta(days=7 * WEEKS_AHEAD - 1), at, TALK_MINUTES),
            leader_id=self.stage.who(Role.COUNSELOR, site.code).public_id,
            room_id=self.rooms[site.code, SMALL].public_id, people=[_person(row)], those_that_fit=True,
        )  # fmt: skip
        for session in made.sessions:
            yield from self._becomes(session)

    def _free_talk(self, site: Site, monday: date) -> Slot | None:
        """An hour nobody has, and in which nothing of an earlier series is left in the weeks to come."""
        taken, booked = set(self._talks.values()), self._booked_talks(site, monday)
        for place in range(len(TALKS)):
            slot = Slot(site.pk, place)
            if slot not in taken and booked.isdisjoint(_instants(site, monday, place)):
                return slot
        return None

    def _booked_talks(self, site: Site, monday: date) -> set[datetime]:
        rows = Session.objects.filter(site=site, modality="cbt", starts_at__gte=_instant(site, monday, time()))
        return set(rows.exclude(status=SessionStatus.CANCELLED).values_list("starts_at", flat=True))

    def _forget_talks(self, site: Site, in_therapy: set[int]) -> None:
        gone = [who for who, slot in self._talks.items() if slot.site == site.pk and who not in in_therapy]
        for who in gone:
            del self._talks[who]

    # -- what becomes of them -----------------------------------------------------------------------------------------

    def _becomes(self, session: Session) -> Iterator[Later]:
        """Called off the day before by some, opened at the door on the day of the load, written up afterwards."""
        yield session.starts_at - CALLED_OFF_BEFORE, partial(self._called_off, session)
        if session.starts_at.astimezone(session.site.zone).date() == self.moment.astimezone(session.site.zone).date():
            yield session.starts_at - CHECKED_IN_BEFORE, partial(self._checked_in, session)
        yield session.ends_at + WRITTEN_UP_AFTER, partial(self._written_up, session)

    def _called_off(self, session: Session, now: datetime) -> None:
        for place in _places(session, AttendanceStatus.BOOKED):
            dice = self._dice(place, "called off")
            if not self._reliable(place) and dice.random() < CALLED_OFF:
                sessions.take_off(
                    by=self.stage.who(Role.FRONT_DESK, session.site.code), now=now, attendance_id=place.public_id,
                    wish=CancelledBy.PATIENT, note=dice.choice(words.WHY_NOT),
                )  # fmt: skip

    def _checked_in(self, session: Session, now: datetime) -> None:
        for place in _places(session, AttendanceStatus.BOOKED):
            if self._comes(place):
                sessions.check_in(
                    by=self.stage.who(Role.FRONT_DESK, session.site.code), now=now, attendance_id=place.public_id
                )

    def _written_up(self, session: Session, now: datetime) -> None:
        """Who came, with a note; what was over last evening at the first site still waits for it."""
        places = _places(session, *OPEN_PLACES)
        if not places:
            self._nobody_left(session, now)
        if not places or self._still_waits(session):
            return
        minutes = round((session.ends_at - session.starts_at).total_seconds() / 60)
        came = [Came(each.public_id, minutes) for each in places if self._comes(each)]
        notes = words.GROUP_NOTES if session.kind == SessionKind.GROUP else words.TALK_NOTES
        sessions.document(
            by=_leader(session), now=now, session_id=session.public_id, came=came,
            note=self._dice(places[0], "note").choice(notes) if came else "",
        )  # fmt: skip

    def _nobody_left(self, session: Session, now: datetime) -> None:
        """A group whose people have all given their places up does not take place."""
        standing = Session.objects.filter(pk=session.pk, status=SessionStatus.BOOKED)
        if session.kind == SessionKind.GROUP and standing.exists():
            sessions.cancel(
                by=self.stage.who(Role.FRONT_DESK, session.site.code), now=now, session_id=session.public_id,
                wish=CancelledBy.CLINIC, note="Nobody was booked any more.",
            )  # fmt: skip

    def _still_waits(self, session: Session) -> bool:
        lately = self.moment - session.ends_at < timedelta(days=4)
        return lately and session.site.code == RIVERBEND and session.modality == "psychoeducation"

    def _comes(self, place: Attendance) -> bool:
        if self._reliable(place):
            return True
        player = self.players[place.patient_id]
        usually = 0.96 - 0.3 * player.chance("comes").random()
        return self._dice(place, "came").random() < usually

    def _reliable(self, place: Attendance) -> bool:
        return self.players[place.patient_id].told.tale.reliable

    def _dice(self, place: Attendance, what: str) -> Random:
        return self.players[place.patient_id].chance("session", place.starts_at, what)


def _joins(row: Enrollment, group: Group) -> bool:
    phase = row.current_phase.key if row.current_phase else ""
    return row.program.key == group.program and (not group.phases or phase in group.phases)


def _has_talks(row: Enrollment) -> bool:
    phase = row.current_phase.key if row.current_phase else ""
    return row.program.key in (OUTPATIENT, INTENSIVE) and phase == THERAPY


def _person(row: Enrollment) -> Person:
    return Person(row.patient.public_id, row.public_id)


def _places(session: Session, *statuses: AttendanceStatus) -> list[Attendance]:
    rows = Attendance.objects.filter(session=session, status__in=statuses)
    return list(rows.select_related("patient").order_by("pk"))


def _leader(session: Session) -> Actor:
    if session.leader is None:
        raise ValueError("every session here has a leader")
    return session.leader


def _instants(site: Site, monday: date, place: int) -> set[datetime]:
    """The moments of an hour in the weeks that are booked at a time."""
    weekday, at = TALKS[place]
    return {_instant(site, monday + timedelta(days=weekday + 7 * each), at) for each in range(WEEKS_AHEAD)}


def _instant(site: Site, on: date, at: time) -> datetime:
    return to_utc(datetime.combine(on, at), site.time_zone).astimezone(UTC)
