"""Who has the work of somebody who is away."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.absences import Away, absence_problems, covers

TODAY = date(2026, 6, 18)
ADA, BEN, CLEO, DEV = 1, 2, 3, 4
EVERYBODY = {ADA, BEN, CLEO, DEV}


def away(actor: int, cover: int, starts: int = 0, ends: int = 0) -> Away:
    return Away(actor, cover, TODAY + timedelta(days=starts), TODAY + timedelta(days=ends))


def problems(wanted: Away, *known: Away, colleagues: set[int] = EVERYBODY) -> set[str]:
    return set(absence_problems(wanted, known, today=TODAY, colleagues=colleagues))


def test_the_cover_has_the_work_on_the_days_and_on_no_other():
    absence = away(ADA, BEN, 0, 2)
    assert covers([absence], TODAY, working=EVERYBODY) == {ADA: BEN}
    assert covers([absence], TODAY + timedelta(days=2), working=EVERYBODY) == {ADA: BEN}
    assert covers([absence], TODAY + timedelta(days=3), working=EVERYBODY) == {}
    assert covers([absence], TODAY - timedelta(days=1), working=EVERYBODY) == {}


def test_where_the_cover_is_away_too_the_work_goes_on_to_theirs():
    found = covers([away(ADA, BEN), away(BEN, CLEO), away(CLEO, DEV)], TODAY, working=EVERYBODY)
    assert found == {ADA: DEV, BEN: DEV, CLEO: DEV}


def test_a_circle_leaves_the_work_to_whoever_has_the_role():
    assert covers([away(ADA, BEN), away(BEN, ADA)], TODAY, working=EVERYBODY) == {ADA: None, BEN: None}
    found = covers([away(ADA, BEN), away(BEN, CLEO), away(CLEO, BEN)], TODAY, working=EVERYBODY)
    assert found == {ADA: None, BEN: None, CLEO: None}


def test_who_has_left_covers_for_nobody():
    assert covers([away(ADA, BEN)], TODAY, working={ADA, CLEO}) == {ADA: None}


some_absences = st.lists(
    st.tuples(st.integers(1, 6), st.integers(1, 6)).filter(lambda pair: pair[0] != pair[1]), max_size=8
)


@given(some_absences, st.sets(st.integers(1, 6)))
def test_nobody_away_or_gone_ever_has_the_work_of_another(pairs, working):
    found = covers([away(*pair) for pair in pairs], TODAY, working=working)
    assert set(found) == {actor for actor, _cover in pairs}
    assert all(cover is None or (cover in working and cover not in found) for cover in found.values())


def test_an_absence_has_its_days_in_order_not_over_and_not_for_years():
    assert problems(away(ADA, BEN, 0, 3)) == set()
    assert problems(away(ADA, BEN, -3, 0)) == set()
    assert problems(away(ADA, BEN, 3, 1)) == {"ends_on"}
    assert problems(away(ADA, BEN, -3, -1)) == {"ends_on"}
    assert problems(away(ADA, BEN, 0, 367)) == {"ends_on"}
    assert problems(away(ADA, BEN, 731, 740)) == {"ends_on"}


def test_somebody_is_away_once_on_a_day():
    assert problems(away(ADA, BEN, 2, 4), away(ADA, CLEO, 0, 2)) == {"starts_on"}
    assert problems(away(ADA, BEN, 3, 4), away(ADA, CLEO, 0, 2)) == set()


def test_a_cover_is_another_who_works_here_and_is_there():
    assert problems(away(ADA, ADA)) == {"cover"}
    assert problems(away(ADA, BEN), colleagues={ADA, CLEO}) == {"cover"}
    assert problems(away(ADA, BEN, 2, 4), away(BEN, CLEO, 0, 2)) == {"cover"}
    assert problems(away(ADA, BEN, 3, 4), away(BEN, CLEO, 0, 2)) == set()


def test_whoever_covers_for_others_may_be_away_themselves():
    assert problems(away(BEN, CLEO, 0, 4), away(ADA, BEN, 0, 4)) == set()


def test_no_circle_can_be_recorded():
    assert problems(away(BEN, ADA, 0, 4), away(ADA, BEN, 2, 6)) == {"cover"}
