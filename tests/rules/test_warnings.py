"""Early warnings: each by its plain rule, with its reason and what it rests on."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.rules.warnings import (
    CravingReading,
    EarlyWarning,
    GroupPlace,
    MissedContact,
    ScreenResult,
    Unanswered,
    WarningFacts,
    WarningKind,
    warnings,
)
from patients.rules.observations import ObservationResult

NOW = datetime(2026, 6, 18, 13, 42, tzinfo=UTC)
ZONE = "America/New_York"
DAY = timedelta(days=1)
P, N = ObservationResult.POSITIVE, ObservationResult.NEGATIVE
TEST = sentence("worklist.last_day")


def groups(*came: bool, newest: int = 1) -> WarningFacts:
    """Places in a weekly group, the newest first."""
    places = [GroupPlace(UUID(int=n), "DBT skills", NOW - (newest + 7 * n) * DAY, each) for n, each in enumerate(came)]
    return WarningFacts(ZONE, groups=places)


def cravings(*values: int, newest: int = 1) -> WarningFacts:
    """Weekly readings, the newest first."""
    readings = [CravingReading(UUID(int=n), NOW - (newest + 7 * n) * DAY, each) for n, each in enumerate(values)]
    return WarningFacts(ZONE, cravings=readings)


def screens(*results: ObservationResult, newest: int = 1) -> WarningFacts:
    """Weekly screens by one test, the newest first."""
    rows = [ScreenResult(UUID(int=n), TEST, NOW - (newest + 7 * n) * DAY, each) for n, each in enumerate(results)]
    return WarningFacts(ZONE, screens=[rows])


def calls(number: int, newest: int = 1) -> WarningFacts:
    """Calls without an answer, one a day, the newest first."""
    return WarningFacts(ZONE, missed=[MissedContact(UUID(int=n), NOW - (newest + n) * DAY) for n in range(number)])


def silent(messages: int, days: float, heard: int | None = 20) -> WarningFacts:
    """So many messages since so many days, and when anything was last heard."""
    known = Unanswered(messages, NOW - days * DAY, None if heard is None else NOW - heard * DAY)
    return WarningFacts(ZONE, unanswered=known)


def kinds(facts: WarningFacts) -> list[WarningKind]:
    return [each.kind for each in warnings(facts, NOW)]


def only(facts: WarningFacts) -> EarlyWarning:
    (found,) = warnings(facts, NOW)
    return found


# Two missed groups


@pytest.mark.parametrize(
    ("came", "warned"),
    [
        ((False, False), True),
        ((False, False, True), True),
        ((False, True, False), False),
        ((True, False, False), False),
        ((False,), False),
        ((), False),
    ],
)
def test_two_missed_groups_in_a_row_warn(came: tuple[bool, ...], warned: bool):
    assert (kinds(groups(*came)) == [WarningKind.MISSED_GROUPS]) is warned


def test_the_warning_says_which_groups_and_names_their_sessions():
    found = only(groups(False, False))
    assert say(found.reason) == "Did not come to the last two groups: DBT skills, Wed 17 Jun and Wed 10 Jun."
    assert [(each.type, each.public_id.int) for each in found.evidence] == [("session", 0), ("session", 1)]
    assert (found.key, found.at) == (str(UUID(int=0)), NOW - DAY)


def test_groups_missed_longer_ago_are_history():
    assert kinds(groups(False, False, newest=14)) == [WarningKind.MISSED_GROUPS]
    assert kinds(groups(False, False, newest=15)) == []


# Craving


@pytest.mark.parametrize(
    ("newest_first", "warned"),
    [
        ((5, 4, 3), True),
        ((5, 5, 3), False),
        ((5, 3, 4), False),
        ((5, 4), False),
        ((6,), False),
        ((7,), True),
        ((10, 2, 2), True),
        ((6, 9, 9), False),
    ],
)
def test_two_rises_in_a_row_or_seven_and_more_warn(newest_first: tuple[int, ...], warned: bool):
    assert (kinds(cravings(*newest_first)) == [WarningKind.RISING_CRAVING]) is warned


def test_rising_craving_tells_its_readings_in_the_order_of_time():
    found = only(cravings(5, 4, 2))
    assert say(found.reason) == "Craving rose twice in a row: 2, 4 and 5, the last on Wed 17 Jun."
    assert [say(each.sentence) for each in found.evidence] == [
        "5 of 10, Wed 17 Jun", "4 of 10, Wed 10 Jun", "2 of 10, Wed 3 Jun",
    ]  # fmt: skip


def test_high_craving_rests_on_the_newest_reading_alone():
    found = only(cravings(8, 9))
    assert say(found.reason) == "Craving was 8 of 10 on Wed 17 Jun."
    assert len(found.evidence) == 1


def test_an_old_reading_does_not_warn():
    assert kinds(cravings(9, newest=15)) == []


# Drug screens


@pytest.mark.parametrize(
    ("newest_first", "warned"),
    [
        ((P, N, N), True),
        ((P, N, N, P), True),
        ((P, N), False),
        ((P,), False),
        ((P, P, N), False),
        ((P, N, P), False),
        ((N, N, N), False),
    ],
)
def test_a_positive_result_after_two_negatives_in_a_row_warns(
    newest_first: tuple[ObservationResult, ...], warned: bool
):
    assert (kinds(screens(*newest_first)) == [WarningKind.POSITIVE_SCREEN]) is warned


def test_each_test_is_looked_at_apart():
    mixed = WarningFacts(ZONE, screens=[*screens(P, N).screens, *screens(N, N).screens])
    assert kinds(mixed) == []
    both = WarningFacts(ZONE, screens=[*screens(P, N, N).screens, *screens(P, N, N).screens])
    assert kinds(both) == [WarningKind.POSITIVE_SCREEN] * 2


def test_the_newest_screen_names_the_warning():
    found = only(screens(P, N, N, newest=3))
    assert (found.key, found.at) == (str(UUID(int=0)), NOW - 3 * DAY)
    assert [each.type for each in found.evidence] == ["observation"] * 3


# Missed contacts


@pytest.mark.parametrize(("number", "warned"), [(0, False), (1, False), (2, True), (5, True)])
def test_two_contacts_without_an_answer_warn(number: int, warned: bool):
    assert (kinds(calls(number)) == [WarningKind.MISSED_CONTACTS]) is warned


def test_every_further_call_without_an_answer_is_something_new():
    before, after = only(calls(2, newest=2)), only(calls(3))
    assert before.key != after.key or before.at != after.at
    assert say(after.reason) == "3 calls without an answer since Mon 15 Jun."


# Silence


@pytest.mark.parametrize(
    ("messages", "days", "warned"),
    [(2, 7, True), (2, 6.9, False), (1, 20, False), (5, 8, True)],
)
def test_a_week_in_which_messages_went_out_and_nothing_was_heard_warns(messages: int, days: float, warned: bool):
    assert (kinds(silent(messages, days)) == [WarningKind.SILENCE]) is warned


def test_silence_says_since_when_and_how_many_messages_went_out():
    assert say(only(silent(3, 8, 11)).reason) == "Nothing heard since Sun 7 Jun; 3 messages went out since Wed 10 Jun."
    assert say(only(silent(3, 8, None)).reason) == "Nothing heard yet; 3 messages went out since Wed 10 Jun."


def test_silence_once_noted_comes_back_after_another_week_and_not_before():
    keys = [only(silent(3, days)).key for days in (7, 8, 13, 14, 20, 21)]
    assert [keys.index(each) for each in keys] == [0, 0, 0, 3, 3, 5]


# Together


def test_the_gravest_stands_first_whatever_was_known_in_which_order():
    everything = WarningFacts(
        ZONE,
        groups=groups(False, False).groups,
        cravings=cravings(9).cravings,
        screens=screens(P, N, N).screens,
        unanswered=silent(2, 9).unanswered,
        missed=calls(2).missed,
    )
    assert kinds(everything) == list(WarningKind)


def test_nothing_known_warns_of_nothing():
    assert warnings(WarningFacts(ZONE), NOW) == ()


moments = st.timedeltas(-3 * DAY, 40 * DAY).map(lambda ago: NOW - ago)
some_facts = st.builds(
    WarningFacts,
    st.just(ZONE),
    groups=st.lists(st.builds(GroupPlace, st.uuids(), st.text(max_size=5), moments, st.booleans()), max_size=4),
    cravings=st.lists(st.builds(CravingReading, st.uuids(), moments, st.integers(0, 10)), max_size=4),
    screens=st.lists(
        st.lists(
            st.builds(ScreenResult, st.uuids(), st.just(TEST), moments, st.sampled_from([P, N])),
            min_size=1, max_size=4,
        ),
        max_size=2,
    ),
    unanswered=st.none() | st.builds(Unanswered, st.integers(1, 6), moments, st.none() | moments),
    missed=st.lists(st.builds(MissedContact, st.uuids(), moments), max_size=4),
)  # fmt: skip


@given(some_facts)
def test_every_warning_can_be_told_and_named_in_its_column(facts: WarningFacts):
    for each in warnings(facts, NOW):
        assert say(each.reason) and say(each.reason, "es")
        assert 0 < len(each.key) <= 80 and len(each.kind) <= 24
        assert each.at <= NOW


@given(some_facts)
def test_the_same_facts_always_warn_of_the_same(facts: WarningFacts):
    assert warnings(facts, NOW) == warnings(facts, NOW)
