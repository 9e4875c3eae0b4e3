"""Planned and sent by the rules alone, in any zone, at any hours, across both changes of clock, by a worker that lags:
never outside contact hours, never twice, never lost, never after the appointment.

A case is played from the planning of its messages to long after them. The loop of a million is run by `make faults`.
"""

import random
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from multiprocessing import get_context
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.rules.opening_hours import ContactHours, ContactTime, contact_window, to_local, to_utc
from clinic.wording import codes
from pathways.rules.reminders import (
    USUAL,
    SendAction,
    SendFacts,
    due,
    due_before,
    send_check,
    staleness,
    why_none,
)

ZONES = (
    "America/New_York", "America/Los_Angeles", "America/Phoenix", "America/St_Johns", "America/Havana",
    "America/Santiago", "Pacific/Honolulu", "Pacific/Apia", "Pacific/Chatham", "Pacific/Auckland",
    "Australia/Lord_Howe", "Europe/London", "Europe/Berlin", "Africa/Casablanca", "Africa/Cairo", "Asia/Beirut",
    "Asia/Tehran", "Asia/Kathmandu", "Asia/Kolkata", "Atlantic/Azores", "Antarctica/Troll", "Etc/GMT+12",
)  # fmt: skip
FIRST, LAST = date(2010, 1, 1), date(2035, 12, 31)
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
SEED = 20_260_616
MILLION, SHARES = 1_000_000, 20


@cache
def changes(zone: str) -> tuple[date, ...]:
    """The days on which the clock of a zone is put forward or back (a skipped day too)."""
    info, found, noon = ZoneInfo(zone), [], datetime(FIRST.year, 1, 1, 12, tzinfo=UTC)
    while noon.date() < LAST:
        following = noon + DAY
        if noon.astimezone(info).utcoffset() != following.astimezone(info).utcoffset():
            found.append(following.astimezone(info).date())
        noon = following
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Case:
    """An appointment, or a contact due at `begins`, and what surrounds it.

    In minutes: `lags` of each look at what is due, `written` before it was planned, `replied` before it begins.
    """

    zone: str
    hours: ContactHours
    own: ContactHours | None
    begins: datetime
    booked: timedelta
    is_appointment: bool
    offsets: tuple[timedelta, ...]
    lags: tuple[int, ...]
    written: tuple[int, ...] = ()
    replied: int | None = None

    @property
    def window(self) -> ContactHours:
        return contact_window(self.hours, self.own)

    @property
    def now(self) -> datetime:
        return self.begins - self.booked


@dataclass(slots=True)
class Message:
    """One message of a case: when it was due, when it is next looked at, and how it ended."""

    due_at: datetime
    next_at: datetime
    stale_after: timedelta
    sent_at: datetime | None = None
    reason: str = ""

    @property
    def is_over(self) -> bool:
        return self.sent_at is not None or bool(self.reason)


@dataclass(slots=True)
class Played:
    """What became of each offset of a case."""

    messages: list[Message] = field(default_factory=list)
    not_planned: list[str] = field(default_factory=list)

    @property
    def sent(self) -> list[datetime]:
        return [each.sent_at for each in self.messages if each.sent_at is not None]


def play(case: Case) -> Played:
    """Plan, then look at what is due whenever the worker gets to it, until nothing is left or long after."""
    played = planned(case)
    base = facts_of(case)
    before = [case.now - minutes * MINUTE for minutes in case.written]
    lags = iter(case.lags * 200)
    for _look in range(400):
        waiting = [each for each in played.messages if not each.is_over]
        if not waiting:
            break
        message = min(waiting, key=lambda each: each.next_at)
        at = message.next_at + next(lags) * MINUTE
        look(message, replace(base, written_at=tuple(before + played.sent), due_at=message.due_at), at)
    return played


def planned(case: Case) -> Played:
    played = Played()
    if not case.is_appointment:
        local = to_local(case.begins, case.zone)
        when = due(on=local.date(), at=local.time(), zone=case.zone, window=case.window, not_before=case.now)
        keep(played, when, staleness(None))
        return played
    for offset in case.offsets:
        given = {"starts_at": case.begins, "offset": offset, "zone": case.zone, "window": case.window}
        when = due_before(**given, not_before=case.now)  # type: ignore[arg-type]
        past = isinstance(when, ContactTime) and when.at <= case.now
        keep(played, why_none(**given, now=case.now) if past else when, staleness(offset))  # type: ignore[arg-type]
    return played


def keep(played: Played, when: object, stale_after: timedelta) -> None:
    if isinstance(when, ContactTime):
        assert to_utc(when.local, when.zone) == when.at
        played.messages.append(Message(when.at, when.at, stale_after))
    else:
        played.not_planned.append(when.code)  # type: ignore[attr-defined]


def facts_of(case: Case) -> SendFacts:
    return SendFacts(
        due_at=case.begins,
        stale_after=staleness(None),
        zone=case.zone,
        window=case.window,
        subject_open=True,
        planned_version=1,
        subject_version=1,
        consent_in_force=True,
        address_suppressed=False,
        person_suppressed=False,
        contact_point_in_use=True,
        contact_point_verified=True,
        last_reply_at=None if case.replied is None else case.begins - case.replied * MINUTE,
        appointment_at=case.begins if case.is_appointment else None,
    )


def look(message: Message, facts: SendFacts, at: datetime) -> None:
    """One worker's look at a message that is due."""
    known = replace(facts, stale_after=message.stale_after)
    if known.last_reply_at is not None and known.last_reply_at > at:
        known = replace(known, last_reply_at=None)
    decision = send_check(known, at)
    if decision.action is SendAction.SEND:
        message.sent_at = at
    elif decision.action is SendAction.POSTPONE:
        assert decision.until is not None and decision.until > at, "it would be asked again for ever"
        message.next_at = decision.until
    else:
        assert decision.reason is not None
        message.reason = decision.reason.code


def holds(case: Case) -> None:
    """What must be true however it was played."""
    played = play(case)
    window, days = case.window, [to_local(at, case.zone).date() for at in played.sent]
    assert all(window.contains(to_local(at, case.zone)) for at in played.sent), "outside contact hours"
    assert len(set(days)) == len(days), "twice on a day"
    assert all(sum(day - 7 * DAY < each <= day for each in days) <= 3 for day in days), "four in a week"
    assert all(each.is_over for each in played.messages), "lost"
    told = {each.reason for each in played.messages if each.reason} | set(played.not_planned)
    assert told <= codes(), "dropped without a word"
    if case.is_appointment:
        assert len(played.messages) + len(played.not_planned) == len(case.offsets), "lost when it was planned"
        assert all(at < case.begins for at in played.sent), "after the appointment"


# -- cases -------------------------------------------------------------------------------------------------------------


def hours(a: int, b: int) -> ContactHours:
    """Hours between two minutes of a day, in order."""
    first, last = sorted((a, b))
    return ContactHours(time(first // 60, first % 60), time(last // 60, last % 60))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    zone = draw(st.sampled_from(ZONES))
    day = draw(st.dates(FIRST, LAST))
    if (near := changes(zone)) and draw(st.booleans()):
        day = draw(st.sampled_from(near)) + draw(st.integers(-2, 2)) * DAY
    minute = st.integers(0, 24 * 60 - 1)
    begins = to_utc(datetime.combine(day, time(draw(st.integers(0, 23)), draw(st.integers(0, 59)))), zone)
    return Case(
        zone=zone,
        hours=hours(draw(minute), draw(minute)) if draw(st.booleans()) else ContactHours(time(9), time(19)),
        own=draw(st.none() | st.builds(hours, minute, minute)),
        begins=begins,
        booked=draw(st.timedeltas(timedelta(0), 20 * DAY)),
        is_appointment=draw(st.booleans()),
        offsets=draw(st.sampled_from([USUAL, (DAY,), (30 * MINUTE, 6 * HOUR, 3 * DAY), (2 * HOUR,)])),
        lags=tuple(draw(st.lists(st.sampled_from([0, 0, 0, 1, 5, 29, 31, 90, 700, 3000]), min_size=1, max_size=6))),
        written=tuple(draw(st.lists(st.integers(0, 9 * 24 * 60), max_size=4))),
        replied=draw(st.none() | st.integers(-60, 200) | st.integers(0, 20 * 24 * 60)),
    )


def invented(dice: random.Random) -> Case:
    """A case of the loop."""
    zone = dice.choice(ZONES)
    near = changes(zone)
    day = FIRST + dice.randrange((LAST - FIRST).days) * DAY
    if near and dice.random() < 0.5:
        day = dice.choice(near) + dice.randint(-2, 2) * DAY
    begins = to_utc(datetime.combine(day, time(dice.randrange(24), dice.randrange(60))), zone)
    any_hours = hours(dice.randrange(1440), dice.randrange(1440))
    return Case(
        zone=zone,
        hours=any_hours if dice.random() < 0.5 else ContactHours(time(9), time(19)),
        own=hours(dice.randrange(1440), dice.randrange(1440)) if dice.random() < 0.3 else None,
        begins=begins,
        booked=dice.random() * 20 * DAY,
        is_appointment=dice.random() < 0.6,
        offsets=dice.choice([USUAL, (DAY,), (30 * MINUTE, 6 * HOUR, 3 * DAY), (2 * HOUR,)]),
        lags=tuple(dice.choice([0, 0, 0, 1, 5, 29, 31, 90, 700, 3000]) for _ in range(dice.randint(1, 6))),
        written=tuple(dice.randrange(9 * 1440) for _ in range(dice.randrange(4))),
        replied=dice.choice([None, dice.randint(-60, 200), dice.randrange(20 * 1440)]),
    )


def loop(number: int, seed: int = SEED) -> Iterator[Case]:
    dice = random.Random(seed)
    for _ in range(number):
        yield invented(dice)


@settings(max_examples=2000, deadline=None, derandomize=True, database=None)
@given(cases())
def test_never_outside_contact_hours_never_twice_never_lost_never_after_the_appointment(case: Case) -> None:
    holds(case)


def broken(cases: Iterable[Case]) -> list[Case]:
    found = []
    for case in cases:
        try:
            holds(case)
        except AssertionError:
            found.append(case)
    return found


def broken_from(seed: int) -> list[Case]:
    """Those of a share of the million."""
    return broken(loop(MILLION // SHARES, seed))


@pytest.mark.long
def test_a_million_invented_cases_hold() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as two:
        found = [case for share in two.map(broken_from, range(SEED, SEED + SHARES)) for case in share]
    print(f"\nhours and zones: cases={MILLION} seeds={SEED}+{SHARES} broken={len(found)}", flush=True)
    assert not found


def test_some_of_the_invented_cases_send_and_some_drop_for_every_cause() -> None:
    """The loop would hold of cases in which nothing ever happens."""
    played = [play(case) for case in loop(3000)]
    reasons = {each.reason for one in played for each in one.messages} | {
        code for one in played for code in one.not_planned
    }
    assert sum(len(one.sent) for one in played) > 2000
    assert reasons >= {
        "hours.never_open", "hours.too_late_to_help", "reminder.not_planned.past", "reminder.expired.late",
        "reminder.expired.appointment", "reminder.suppressed.frequency", "reminder.expired.conversation",
    }  # fmt: skip
