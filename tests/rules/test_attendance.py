"""Minutes of a week, series in wall time, places, clashes: the rules of sessions."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import say
from pathways import modalities
from pathways.modalities import UnknownModality, modality
from pathways.rules.attendance import LevelSpan, Pause, Place, Week, WeekState, meets, review_due, weeks
from pathways.rules.levels import Level
from pathways.rules.modalities import parse_modalities, parse_modality
from pathways.rules.sessions import (
    CHANGES,
    MOST_OCCURRENCES,
    AttendanceStatus,
    Booked,
    ClashKind,
    Occurrence,
    Recurrence,
    Seating,
    SessionKind,
    SessionMode,
    SessionStatus,
    Slot,
    change_problem,
    check_in_problem,
    clashes,
    document_problem,
    minutes_problem,
    no_show_problem,
    occurrences,
    recurrence_problems,
    seating_problems,
    status_of,
    time_problems,
    usual_capacity,
    who_is_named,
)

ZONE = ZoneInfo("America/New_York")
MONDAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 24, 12, tzinfo=ZONE)
A = AttendanceStatus


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=ZONE)


def came(minutes: int, day: date = MONDAY, *, counts: bool = True, status: A = A.ATTENDED, planned: int = 60) -> Place:
    return Place(at(day), planned, minutes, status, counts)


def one_week(*places: Place, level: Level = Level.L2, since: date = date(2026, 1, 1)) -> Week:
    spans = [LevelSpan(level, at(since))]
    return weeks(places, spans, zone=ZONE, first=MONDAY, last=MONDAY, now=NOW)[0]


# -- minutes against the level ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "minutes", "met"),
    [
        (Level.L2, 540, True),
        (Level.L2, 539, False),
        (Level.L2H, 1199, False),
        (Level.L2H, 1200, True),
        (Level.L3, 299, False),
        (Level.L3, 300, True),
        (Level.L3H, 1200, True),
        (Level.L1, 0, None),
        (Level.L3M, 0, None),
        (Level.L4, 0, None),
        (Level.L0, 900, None),
    ],
)
def test_so_many_minutes_a_week_make_the_level(level: Level, minutes: int, met: bool | None) -> None:
    assert meets(level, minutes) is met


def test_minutes_below_none_are_refused() -> None:
    with pytest.raises(ValueError, match="-1 minutes"):
        meets(Level.L2, -1)


def test_nine_hours_in_a_week_meet_intensive_outpatient_and_a_minute_less_does_not() -> None:
    assert one_week(*[came(180)] * 3).state is WeekState.MET
    short = one_week(came(180), came(180), came(179))
    assert (short.state, short.minutes, short.missing) == (WeekState.SHORT, 539, 1)


def test_who_came_for_a_part_is_counted_for_that_part() -> None:
    assert one_week(came(25, planned=90)).minutes == 25


def test_who_did_not_come_is_counted_for_nothing() -> None:
    week = one_week(came(60), came(0, status=A.NO_SHOW), came(0, status=A.CANCELLED_BY_PATIENT))
    assert (week.minutes, week.came, week.expected) == (60, 1, 2)


def test_an_adjunct_stands_beside_the_count() -> None:
    week = one_week(came(60), came(45, counts=False))
    assert (week.minutes, week.beside) == (60, 45)


def test_what_is_still_booked_is_shown_and_not_counted() -> None:
    week = one_week(came(0, status=A.BOOKED, planned=90), came(0, status=A.CHECKED_IN, planned=50))
    assert (week.minutes, week.booked) == (0, 140)


def test_a_week_is_that_of_the_site_not_of_greenwich() -> None:
    sunday_evening = Place(datetime(2026, 6, 22, 2, tzinfo=UTC), 60, 60, A.ATTENDED, True)
    assert one_week(sunday_evening).minutes == 60


def test_a_week_begins_on_monday_and_goes_over_the_turn_of_the_year() -> None:
    found = weeks(
        [came(60, date(2025, 12, 29)), came(60, date(2026, 1, 4)), came(60, date(2026, 1, 5))],
        [], zone=ZONE, first=date(2025, 12, 31), last=date(2026, 1, 6), now=NOW,
    )  # fmt: skip
    assert [(each.monday, each.minutes) for each in found] == [(date(2025, 12, 29), 120), (date(2026, 1, 5), 60)]


def test_a_week_in_which_the_level_changed_is_held_against_neither() -> None:
    spans = [LevelSpan(Level.L2H, at(date(2026, 1, 1)), at(MONDAY + timedelta(days=2))),
             LevelSpan(Level.L2, at(MONDAY + timedelta(days=2)))]  # fmt: skip
    found = weeks([came(60)], spans, zone=ZONE, first=MONDAY, last=MONDAY + timedelta(7), now=NOW)
    assert [each.state for each in found] == [WeekState.PARTIAL, WeekState.UNDER_WAY]
    assert [each.level for each in found] == [None, Level.L2]


def test_somebody_admitted_on_monday_morning_has_a_whole_week() -> None:
    assert one_week(came(60), since=MONDAY).state is WeekState.SHORT


def test_a_week_with_a_hold_in_it_is_not_held_against_the_level() -> None:
    pause = Pause(at(MONDAY + timedelta(days=3)), at(MONDAY + timedelta(days=4)))
    found = weeks([], [LevelSpan(Level.L2, at(date(2026, 1, 1)))], zone=ZONE, first=MONDAY, last=MONDAY, now=NOW,
                  pauses=[pause])  # fmt: skip
    assert found[0].state is WeekState.PARTIAL


def test_the_week_under_way_is_not_short_yet_and_may_be_met_already() -> None:
    this_monday = date(2026, 6, 22)
    spans = [LevelSpan(Level.L2, at(date(2026, 1, 1)))]
    given = {"zone": ZONE, "first": this_monday, "last": this_monday, "now": NOW}
    assert weeks([came(60, this_monday)], spans, **given)[0].state is WeekState.UNDER_WAY
    assert weeks([came(540, this_monday)], spans, **given)[0].state is WeekState.MET


def test_a_level_without_hours_asks_for_none() -> None:
    assert one_week(came(10), level=Level.L4).state is WeekState.NOT_ASKED


def row_of(*minutes: int | None) -> tuple[Week, ...]:
    """So many minutes in consecutive weeks; None: a hold."""
    first = date(2026, 5, 4)
    mondays = [first + timedelta(weeks=number) for number in range(len(minutes))]
    pauses = [Pause(at(day), at(day + timedelta(days=1))) for day, each in zip(mondays, minutes, strict=True)
              if each is None]  # fmt: skip
    places = [came(each, day) for day, each in zip(mondays, minutes, strict=True) if each]
    spans = [LevelSpan(Level.L2, at(date(2026, 1, 1)))]
    return weeks(places, spans, zone=ZONE, first=first, last=mondays[-1], now=NOW, pauses=pauses)


def test_three_short_weeks_in_a_row_call_for_a_review_of_the_level() -> None:
    said = review_due(row_of(540, 539, 0, 120))
    assert said is not None
    assert say(said).startswith("Minutes stayed below")
    assert "3 weeks in a row, since Mon 11 May" in say(said)


@pytest.mark.parametrize(
    "minutes", [(539, 0), (0, 0, 540), (0, None, 0, 0), (0, 540, 0, 0), (540, 540, 540), (0, 0, None)]
)
def test_fewer_or_broken_rows_do_not(minutes: tuple[int | None, ...]) -> None:
    assert review_due(row_of(*minutes)) is None


def test_the_week_under_way_neither_breaks_nor_lengthens_the_row() -> None:
    this = date(2026, 6, 22)
    spans = [LevelSpan(Level.L2, at(date(2026, 1, 1)))]
    found = weeks([], spans, zone=ZONE, first=this - timedelta(weeks=3), last=this, now=NOW)
    assert [each.state for each in found] == [WeekState.SHORT] * 3 + [WeekState.UNDER_WAY]
    assert review_due(found) is not None
    assert review_due(found[1:]) is None


@given(st.lists(st.integers(1, 600), max_size=20), st.integers(1, 600))
def test_another_minute_never_makes_a_week_worse(minutes: list[int], more: int) -> None:
    rank = [WeekState.SHORT, WeekState.MET]
    before, after = one_week(*map(came, minutes)), one_week(*map(came, [*minutes, more]))
    assert after.minutes == before.minutes + more
    assert rank.index(after.state) >= rank.index(before.state)


# -- series -----------------------------------------------------------------------------------------------------------


def weekly(
    starts_on: date, ends_on: date, *weekdays: int, every: int = 1, hour: int = 9, minute: int = 0
) -> Recurrence:
    return Recurrence(every, weekdays, starts_on, ends_on, time(hour, minute), 60)


def local(found: tuple[Occurrence, ...]) -> list[str]:
    return [f"{each.slot.starts_at.astimezone(ZONE):%m-%d %H:%M}" for each in found]


def test_a_series_keeps_its_wall_time_through_both_changes_of_the_clock() -> None:
    spring = occurrences(weekly(date(2026, 3, 1), date(2026, 3, 15), 6), "America/New_York")
    assert local(spring) == ["03-01 09:00", "03-08 09:00", "03-15 09:00"]
    assert [each.slot.starts_at.astimezone(UTC).hour for each in spring] == [14, 13, 13]
    autumn = occurrences(weekly(date(2026, 10, 25), date(2026, 11, 8), 6), "America/New_York")
    assert local(autumn) == ["10-25 09:00", "11-01 09:00", "11-08 09:00"]
    assert [each.slot.starts_at.astimezone(UTC).hour for each in autumn] == [13, 14, 14]


def test_a_time_the_clock_jumps_over_is_the_next_valid_minute_and_says_so() -> None:
    found = occurrences(weekly(date(2026, 3, 8), date(2026, 3, 15), 6, hour=2, minute=30), "America/New_York")
    assert local(found) == ["03-08 03:00", "03-15 02:30"]
    assert [each.moved for each in found] == [True, False]


def test_a_repeated_hour_is_its_first_run_and_a_session_lasts_as_long_as_it_says() -> None:
    found = occurrences(weekly(date(2026, 11, 1), date(2026, 11, 1), 6, hour=1, minute=30), "America/New_York")
    assert found[0].slot.starts_at == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert found[0].slot.ends_at - found[0].slot.starts_at == timedelta(minutes=60)


def test_every_second_week_counts_from_the_week_of_the_first_day() -> None:
    found = occurrences(weekly(date(2026, 6, 18), date(2026, 7, 10), 0, 3, every=2), "America/New_York")
    assert local(found) == ["06-18 09:00", "06-29 09:00", "07-02 09:00"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"every_weeks": 0}, "every_weeks"),
        ({"every_weeks": 13}, "every_weeks"),
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
        ({"minutes": 4}, "minutes"),
        ({"minutes": 721}, "minutes"),
        ({"weekdays": (6,), "ends_on": date(2026, 6, 16)}, "ends_on"),
        ({"ends_on": date(2140, 1, 1)}, "ends_on"),
        ({"weekdays": tuple(range(7)), "ends_on": date(2027, 6, 16)}, "ends_on"),
    ],
)
def test_a_series_that_cannot_be_is_refused_by_field(changed: dict[str, object], field: str) -> None:
    whole = {"every_weeks": 1, "weekdays": (0,), "starts_on": MONDAY, "ends_on": MONDAY + timedelta(weeks=4),
             "starts_time": time(9), "minutes": 60}  # fmt: skip
    wanted = Recurrence(**(whole | changed))  # type: ignore[arg-type]
    assert set(recurrence_problems(wanted)) == {field}
    with pytest.raises(ValueError, match=field):
        occurrences(wanted, "America/New_York")


@given(
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 400),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(1, 12),
    st.times(),
)
def test_a_series_lies_within_its_days_on_its_weekdays_in_order(
    starts_on: date, days: int, weekdays: set[int], every: int, hour: time
) -> None:
    wanted = Recurrence(
        every, tuple(weekdays), starts_on, starts_on + timedelta(days=days), hour.replace(second=0, microsecond=0), 60
    )
    if recurrence_problems(wanted):
        return
    found = occurrences(wanted, "Europe/Madrid")
    assert 1 <= len(found) <= MOST_OCCURRENCES
    assert [each.on for each in found] == sorted({each.on for each in found})
    assert all(wanted.starts_on <= each.on <= wanted.ends_on and each.on.weekday() in weekdays for each in found)


# -- places -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (A.BOOKED, A.CHECKED_IN),
        (A.CHECKED_IN, A.BOOKED),
        (A.CHECKED_IN, A.ATTENDED),
        (A.BOOKED, A.ATTENDED),
        (A.BOOKED, A.NO_SHOW),
        (A.CHECKED_IN, A.NO_SHOW),
        (A.NO_SHOW, A.CHECKED_IN),
        (A.NO_SHOW, A.ATTENDED),
        (A.BOOKED, A.CANCELLED_BY_PATIENT),
        (A.CHECKED_IN, A.CANCELLED_BY_CLINIC),
    ],
)
def test_a_place_may_become(was: A, becomes: A) -> None:
    assert change_problem(was, becomes) is None


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (A.ATTENDED, A.BOOKED),
        (A.ATTENDED, A.CANCELLED_BY_CLINIC),
        (A.CANCELLED_BY_PATIENT, A.BOOKED),
        (A.CANCELLED_BY_CLINIC, A.ATTENDED),
        (A.NO_SHOW, A.BOOKED),
        (A.NO_SHOW, A.CANCELLED_BY_PATIENT),
        (A.BOOKED, A.BOOKED),
    ],
)
def test_a_place_may_not_become(was: A, becomes: A) -> None:
    said = change_problem(was, becomes)
    assert said is not None
    assert "cannot become" in say(said)


def test_every_status_has_its_row_in_the_table_of_changes() -> None:
    assert set(CHANGES) == set(A)


@pytest.mark.parametrize(
    ("was", "becomes"), [(A.ATTENDED, A.NO_SHOW), (A.NO_SHOW, A.ATTENDED), (A.ATTENDED, A.ATTENDED)]
)
def test_once_documented_only_the_account_is_corrected(was: A, becomes: A) -> None:
    assert change_problem(was, becomes, documented=True) is None


def test_nothing_is_booked_anew_in_a_documented_session() -> None:
    assert change_problem(A.NO_SHOW, A.CHECKED_IN, documented=True) is not None
    assert change_problem(A.CANCELLED_BY_CLINIC, A.ATTENDED, documented=True) is not None


def test_people_are_checked_in_on_the_day_itself_by_the_clock_of_the_site() -> None:
    begins = datetime(2026, 6, 16, 1, tzinfo=UTC)  # the evening of the 15th in New York
    assert check_in_problem(begins, datetime(2026, 6, 15, 12, tzinfo=UTC), ZONE) is None
    assert check_in_problem(begins, datetime(2026, 6, 15, 3, tzinfo=UTC), ZONE) is not None
    assert check_in_problem(begins, begins + timedelta(days=2), ZONE) is None


def test_nothing_is_said_about_a_session_before_it_began() -> None:
    begins = at(MONDAY)
    early, there = begins - timedelta(seconds=1), begins
    assert no_show_problem(begins, early) is not None
    assert no_show_problem(begins, there) is None
    assert document_problem(SessionStatus.BOOKED, begins, early, documented=False) is not None
    assert document_problem(SessionStatus.BOOKED, begins, there, documented=False) is None
    assert document_problem(SessionStatus.NO_SHOW, begins, there, documented=False) is None
    assert document_problem(SessionStatus.CANCELLED, begins, there, documented=False) is not None
    assert document_problem(SessionStatus.HELD, begins, there, documented=True) is not None


@pytest.mark.parametrize(
    ("kind", "places", "documented", "status"),
    [
        (SessionKind.INDIVIDUAL, [A.BOOKED], False, SessionStatus.BOOKED),
        (SessionKind.INDIVIDUAL, [A.CHECKED_IN], False, SessionStatus.CHECKED_IN),
        (SessionKind.INDIVIDUAL, [A.NO_SHOW], False, SessionStatus.NO_SHOW),
        (SessionKind.GROUP, [A.NO_SHOW], False, SessionStatus.BOOKED),
        (SessionKind.GROUP, [], False, SessionStatus.BOOKED),
        (SessionKind.GROUP, [A.BOOKED, A.CHECKED_IN], False, SessionStatus.CHECKED_IN),
        (SessionKind.GROUP, [A.ATTENDED, A.NO_SHOW], True, SessionStatus.HELD),
        (SessionKind.GROUP, [A.NO_SHOW], True, SessionStatus.NO_SHOW),
        (SessionKind.GROUP, [], True, SessionStatus.NO_SHOW),
    ],
)
def test_a_session_is_what_its_places_make_it(
    kind: SessionKind, places: list[A], documented: bool, status: SessionStatus
) -> None:
    assert status_of(kind, places, documented=documented) is status


# -- who fits, and when -----------------------------------------------------------------------------------------------


def seating(**changed: object) -> Seating:
    whole = {"kind": SessionKind.GROUP, "mode": SessionMode.IN_PERSON, "people": 8, "capacity": 10, "has_leader": True,
             "seats": 11}  # fmt: skip
    return Seating(**(whole | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, set()),
        ({"kind": SessionKind.INDIVIDUAL, "people": 1, "capacity": 1}, set()),
        ({"kind": SessionKind.INDIVIDUAL, "people": 0, "capacity": 1}, {"people"}),
        ({"kind": SessionKind.INDIVIDUAL, "people": 2, "capacity": 1}, {"people"}),
        ({"kind": SessionKind.INDIVIDUAL, "people": 1, "capacity": 2}, {"capacity"}),
        ({"people": 11}, {"people"}),
        ({"capacity": 16, "seats": None}, {"capacity"}),
        ({"capacity": 0, "people": 0}, {"capacity"}),
        ({"has_leader": False}, {"leader"}),
        ({"has_leader": False, "kind": SessionKind.EXTERNAL}, set()),
        ({"seats": 10}, {"room"}),
        ({"seats": 10, "mode": SessionMode.VIDEO}, set()),
    ],
)
def test_people_places_and_seats_fit_together(changed: dict[str, object], fields: set[str]) -> None:
    assert set(seating_problems(seating(**changed), most=15)) == fields


@pytest.mark.parametrize(
    ("kind", "most", "given_", "places"),
    [
        (SessionKind.INDIVIDUAL, 1, {"people": 1, "seats": 20, "has_leader": True}, 1),
        (SessionKind.GROUP, 15, {"people": 0, "seats": None, "has_leader": True}, 10),
        (SessionKind.GROUP, 15, {"people": 0, "seats": 7, "has_leader": True}, 6),
        (SessionKind.GROUP, 15, {"people": 12, "seats": None, "has_leader": True}, 12),
        (SessionKind.FAMILY, 15, {"people": 1, "seats": None, "has_leader": True}, 4),
        (SessionKind.GROUP, 15, {"people": 0, "seats": 1, "has_leader": True}, 1),
    ],
)
def test_places_where_nobody_said_how_many(
    kind: SessionKind, most: int, given_: dict[str, object], places: int
) -> None:
    assert usual_capacity(kind, most, **given_) == places  # type: ignore[arg-type]


def test_a_session_lies_within_the_years_one_plans_in() -> None:
    hour = timedelta(hours=1)
    for starts_at, fields in (
        (NOW, set()),
        (NOW + timedelta(days=731), {"starts_at"}),
        (NOW - timedelta(days=93), {"starts_at"}),
        (NOW - timedelta(days=91), set()),
    ):
        assert set(time_problems(starts_at=starts_at, ends_at=starts_at + hour, now=NOW)) == fields
    assert set(time_problems(starts_at=NOW, ends_at=NOW, now=NOW)) == {"minutes"}
    with pytest.raises(ValueError, match="zone"):
        time_problems(starts_at=datetime(2026, 6, 1), ends_at=NOW, now=NOW)


def test_somebody_can_have_stayed_an_hour_longer_than_planned_and_no_longer() -> None:
    assert minutes_problem(0, 50) is not None
    assert minutes_problem(1, 50) is None
    assert minutes_problem(110, 50) is None
    assert minutes_problem(111, 50) is not None


def test_a_shared_note_that_names_somebody_is_found() -> None:
    people = [("Fictive", "Basil", "", "SW-00451"), ("Mock", "Al", "", "SW-00452")]
    assert who_is_named("We spoke of sleep. Basil was late.", people) == "Basil"
    assert who_is_named("About SW-00452.", people) == "SW-00452"
    assert who_is_named("Fictive's triggers", people) == "Fictive"
    assert who_is_named("All al fresco; basilica; a fictive story.", people) is None


# -- clashes ----------------------------------------------------------------------------------------------------------


def slot(hour: int, length: int = 60, day: date = MONDAY) -> Slot:
    return Slot(at(day, hour), at(day, hour) + timedelta(minutes=length))


def test_what_begins_as_the_other_ends_does_not_clash() -> None:
    assert (
        clashes(
            [slot(10)], [Booked(ClashKind.ROOM, "Willow", slot(9)), Booked(ClashKind.ROOM, "Willow", slot(11))], ZONE
        )
        == {}
    )


def test_a_clash_is_said_by_name_and_time() -> None:
    found = clashes([slot(10)], [Booked(ClashKind.LEADER, "Ada Samplewright", slot(9, 90))], ZONE)
    said = [say(each.sentence) for each in found[slot(10)]]
    assert said == ["Ada Samplewright has another session from Mon 15 Jun 09:00 to 10:30."]


def test_a_slot_that_ends_before_it_begins_is_none() -> None:
    with pytest.raises(ValueError, match="ends after"):
        Slot(at(MONDAY, 10), at(MONDAY, 9))


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), max_size=12),
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), max_size=12),
)
def test_every_clash_is_found_and_nothing_else(wanted: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    start = at(MONDAY)
    slots = [Slot(start + timedelta(minutes=a), start + timedelta(minutes=a + n)) for a, n in wanted]
    booked = [Booked(ClashKind.ROOM, str(k), Slot(start + timedelta(minutes=a), start + timedelta(minutes=a + n)))
              for k, (a, n) in enumerate(taken)]  # fmt: skip
    found = clashes(slots, booked, ZONE)
    for each in slots:
        assert {clash.booked for clash in found.get(each, ())} == {one for one in booked if one.slot.overlaps(each)}


# -- modalities -------------------------------------------------------------------------------------------------------


def test_every_modality_has_its_name_in_both_languages() -> None:
    for each in modalities.modalities():
        assert say(each.title, "en") != say(each.title, "es") or each.key in ("dbt-skills", "cbt"), each.key


def test_adjuncts_and_what_takes_place_elsewhere_do_not_count() -> None:
    not_counting = {each.key for each in modalities.modalities() if not each.counts_toward_hours}
    assert {
        "acupuncture",
        "massage",
        "meditation",
        "yoga",
        "art-therapy",
        "equine-therapy",
        "recreation",
    } <= not_counting
    assert {"mutual-help", "smart-recovery", "alumni", "contingency-management"} <= not_counting
    assert not {"cbt", "group-therapy", "psychoeducation", "individual-counseling"} & not_counting


def test_a_modality_that_is_none_is_refused() -> None:
    with pytest.raises(UnknownModality):
        modality("horoscopes")
    with pytest.raises(ValueError, match="does not take place as group"):
        modality("massage").setting(SessionKind.GROUP)


PLAIN = {"key": "x", "settings": {"individual": {"minutes": 50}}, "credential": "any", "basis": "local_default"}


@pytest.mark.parametrize(
    "changed",
    [
        {"adjunct": True},
        {"settings": {"external": {"minutes": 50}}},
        {"settings": {"individual": {"minutes": 0}}},
        {"settings": {"individual": {"minutes": 50, "most": 2}}},
        {"settings": {"crowd": {"minutes": 50}}},
        {"credential": "wizard"},
        {"colour": "blue"},
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_modality(PLAIN | changed)


def test_a_key_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice: x"):
        parse_modalities([PLAIN, PLAIN])
