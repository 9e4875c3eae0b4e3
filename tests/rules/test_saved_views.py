"""What a list can be narrowed to: codes and public ids, checked before they are kept."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.saved_views import MOST_VIEWS, NOBODY, ViewPage, Wanted, keeps, name_problem, read
from pathways.rules.worklist import Item, Line, LineGroup, LineKind, LineType, Risk
from tests.rules.test_worklist import NOW, ZONE

SOMEBODY = str(UUID(int=7))


@pytest.mark.parametrize(
    ("page", "given_filters"),
    [
        (ViewPage.TODAY, {"scope": "team", "kind": "call", "risk": "early_warning"}),
        (ViewPage.TODAY, {"owner": SOMEBODY, "program": "kratom-outpatient", "phase": "behavioral-therapy"}),
        (ViewPage.TODAY, {"owner": NOBODY}),
        (ViewPage.PATIENTS, {"level": "L2", "counselor": SOMEBODY, "risk": "missed_contacts", "site": SOMEBODY}),
    ],
)
def test_what_the_page_knows_is_read(page: ViewPage, given_filters: dict[str, str]) -> None:
    wanted, problems = read(page, given_filters)
    assert (wanted.given, problems) == (given_filters, {})


@pytest.mark.parametrize(
    ("page", "name", "value"),
    [
        (ViewPage.TODAY, "patient", SOMEBODY),
        (ViewPage.TODAY, "q", "Ruiz"),
        (ViewPage.TODAY, "kind", "calls"),
        (ViewPage.TODAY, "kind", ["call"]),
        (ViewPage.TODAY, "kind", 1),
        (ViewPage.TODAY, "owner", "Ada Samplewright"),
        (ViewPage.TODAY, "owner", SOMEBODY.replace("-", "")),
        (ViewPage.TODAY, "program", "../secret"),
        (ViewPage.TODAY, "phase", "x" * 61),
        (ViewPage.TODAY, "level", "L2"),
        (ViewPage.PATIENTS, "risk", "early_warning"),
        (ViewPage.PATIENTS, "level", "L9"),
    ],
)
def test_what_it_does_not_know_is_named_and_left_out(page: ViewPage, name: str, value: object) -> None:
    wanted, problems = read(page, {name: value})
    assert problems.keys() == {name}
    assert wanted.given == {}


def test_what_is_empty_means_anything() -> None:
    wanted, problems = read(ViewPage.TODAY, {"kind": "", "owner": None})
    assert (wanted, problems) == (Wanted(), {})
    assert not wanted.narrows and not Wanted(scope="site").narrows and Wanted(kind="call").narrows


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=40) | st.integers() | st.none() | st.lists(st.text())))
def test_whatever_is_given_only_known_codes_and_ids_come_through(given_filters: dict[str, object]) -> None:
    for page in ViewPage:
        wanted, _problems = read(page, given_filters)
        assert read(page, wanted.given) == (wanted, {})


def _line(kind: LineKind = LineKind.CALL, *risks: Risk) -> Line:
    item = Item(LineType.FOLLOW_UP, kind, UUID(int=1), UUID(int=2), NOW, ZONE)
    return Line(item, LineGroup.DUE_TODAY, risks, 0)


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (Wanted(), True),
        (Wanted(kind="call"), True),
        (Wanted(kind="visit"), False),
        (Wanted(owner=SOMEBODY), True),
        (Wanted(owner=NOBODY), False),
        (Wanted(program="p", phase="one"), True),
        (Wanted(program="p", phase="two"), False),
        (Wanted(risk="missed_contacts"), True),
        (Wanted(risk="return_to_use"), False),
        (Wanted(kind="call", program="other"), False),
    ],
)
def test_a_line_is_kept_where_every_wish_fits(wanted: Wanted, kept: bool) -> None:
    line = _line(LineKind.CALL, Risk.MISSED_CONTACTS)
    assert keeps(wanted, line, holder=SOMEBODY, program="p", phase="one") is kept


def test_a_view_has_a_name_of_its_own_and_there_are_not_too_many() -> None:
    assert name_problem("Calls", taken=False, number=0) is None
    assert name_problem("  ", taken=False, number=0) is not None
    assert name_problem("x" * 61, taken=False, number=0) is not None
    assert name_problem("Calls", taken=True, number=1) is not None
    assert name_problem("Calls", taken=False, number=MOST_VIEWS) is not None
