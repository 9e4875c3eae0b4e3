"""Search keys, believable birth dates, and the warning that two people may be one."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.wording import LANGUAGES, say
from patients.rules.identity import Match, Person, Strength, check_birth_date, fold_name, similarity

MARIA = Person(
    "María José",
    "Núñez-Ortega",
    date(1984, 3, 7),
    preferred="Majo",
    phones=("+14155550132",),
    emails=("Majo@example.org",),
)
STRANGER = Person("Lena", "Fischer", date(1990, 12, 30), phones=("+12125550100",), emails=("lena@example.org",))


def only(**changes: object) -> Person:
    """A stranger, but for what is given."""
    return replace(STRANGER, **changes)  # type: ignore[arg-type]


def reasons(match: Match | None) -> list[str]:
    assert match is not None
    return [said.code.removeprefix("identity.reason.") for said in match.reasons]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("María José", "maria jose"),
        ("  NÚÑEZ-ORTEGA ", "nunez ortega"),
        ("O’Brien", "obrien"),
        ("O'Brien", "obrien"),
        ("Straße", "strasse"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Nguyễn Thị Ánh", "nguyen thi anh"),
        ("St. John", "st john"),
        ("ＡＬＩＣＥ", "alice"),
        ("김철수", "김철수"),
        ("नीला", "नीला"),
        ("Иван", "иван"),
        ("a\x00b\ud800c", "a b c"),
        ("", ""),
        ("'’-", ""),
    ],
)
def test_a_name_is_folded_to_its_search_key(written: str, key: str) -> None:
    assert fold_name(written) == key


@given(st.text())
def test_folding_twice_changes_nothing(written: str) -> None:
    assert fold_name(fold_name(written)) == fold_name(written)


def test_the_same_name_and_birth_date_is_likely_the_same_person() -> None:
    match = similarity(only(given="maria jose", family="nunez ortega", birth_date=date(1984, 3, 7)), MARIA)
    assert match is not None
    assert match.strength is Strength.LIKELY
    assert reasons(match) == ["name_same", "birth_date_same"]


def test_given_and_family_name_swapped_is_likely() -> None:
    match = similarity(only(given="Núñez Ortega", family="María José", birth_date=date(1984, 3, 7)), MARIA)
    assert match is not None
    assert match.strength is Strength.LIKELY
    assert reasons(match) == ["name_swapped", "birth_date_same"]


def test_day_and_month_swapped_is_likely() -> None:
    match = similarity(replace(MARIA, birth_date=date(1984, 7, 3), phones=(), emails=()), MARIA)
    assert match is not None
    assert match.strength is Strength.LIKELY
    assert reasons(match) == ["name_same", "birth_date_swapped"]


def test_the_name_they_are_called_by_counts_in_both_directions() -> None:
    called = only(given="Majo", family="Nunez Ortega", birth_date=date(1984, 3, 7))
    assert reasons(similarity(called, MARIA)) == ["name_preferred", "birth_date_same"]
    assert reasons(similarity(MARIA, called)) == ["name_preferred", "birth_date_same"]


def test_the_same_name_and_phone_is_likely_whatever_the_birth_date() -> None:
    match = similarity(replace(MARIA, birth_date=date(1999, 9, 9), emails=()), MARIA)
    assert match is not None
    assert match.strength is Strength.LIKELY
    assert reasons(match) == ["name_same", "phone"]


def test_a_misspelt_name_with_the_birth_date_is_possible() -> None:
    match = similarity(only(given="Maria Jose", family="Nunes Ortega", birth_date=date(1984, 3, 7)), MARIA)
    assert match is not None
    assert match.strength is Strength.POSSIBLE
    assert reasons(match) == ["name_similar", "birth_date_same"]


def test_twins_are_possible_not_likely() -> None:
    twin = replace(MARIA, given="Rosa", preferred="", emails=())
    match = similarity(twin, MARIA)
    assert match is not None
    assert match.strength is Strength.POSSIBLE
    assert reasons(match) == ["name_family", "birth_date_same", "phone"]


def test_the_birth_date_and_a_shared_address_is_possible() -> None:
    match = similarity(only(birth_date=date(1984, 3, 7), emails=("MAJO@example.org",)), MARIA)
    assert match is not None
    assert match.strength is Strength.POSSIBLE
    assert reasons(match) == ["birth_date_same", "email"]


def test_the_same_name_alone_is_possible_where_a_birth_date_is_not_known() -> None:
    match = similarity(only(given="María José", family="Núñez Ortega", birth_date=None), MARIA)
    assert match is not None
    assert match.strength is Strength.POSSIBLE


@pytest.mark.parametrize(
    "other",
    [
        STRANGER,
        only(given="María José", family="Núñez Ortega"),
        only(family="Núñez Ortega"),
        only(birth_date=date(1984, 3, 7)),
        only(phones=("+14155550132",)),
        only(given="", family="", birth_date=date(1984, 3, 7)),
    ],
)
def test_one_thing_in_common_is_somebody_else(other: Person) -> None:
    assert similarity(other, MARIA) is None


def test_a_parent_on_the_same_phone_is_not_the_patient() -> None:
    assert similarity(only(family="Núñez Ortega", phones=("+14155550132",)), MARIA) is None


def test_two_nameless_records_are_not_one_person() -> None:
    nobody = Person("", "", None)
    assert similarity(nobody, nobody) is None


@given(st.builds(Person, given=st.text(max_size=8), family=st.text(max_size=8), birth_date=st.dates()))
def test_who_is_compared_with_whom_does_not_matter(other: Person) -> None:
    one, two = similarity(other, MARIA), similarity(MARIA, other)
    assert (one is None) == (two is None)
    assert one is None or two is None or one.strength == two.strength


def test_every_reason_has_words_in_both_languages() -> None:
    found = similarity(MARIA, MARIA)
    assert found is not None
    assert [say(said) for said in found.reasons] == [
        "same name",
        "same birth date",
        "same phone number",
        "same e-mail address",
    ]
    for likeness in ("name_swapped", "name_preferred", "name_similar", "name_family", "birth_date_swapped"):
        from_code = found.reasons[0].__class__(f"identity.reason.{likeness}")
        assert all(say(from_code, language) for language in LANGUAGES)


TODAY = date(2026, 6, 15)


def test_a_birth_date_in_the_future_is_refused() -> None:
    said = check_birth_date(date(2026, 6, 16), TODAY)
    assert said is not None
    assert say(said) == "The birth date 16 Jun 2026 is in the future."


def test_a_birth_date_more_than_120_years_ago_is_refused() -> None:
    said = check_birth_date(date(1905, 6, 15), TODAY)
    assert said is not None
    assert say(said) == "The birth date is more than 120 years ago."


@pytest.mark.parametrize("born", [date(2026, 6, 15), date(1905, 6, 16), date(1984, 2, 29)])
def test_any_other_birth_date_is_taken(born: date) -> None:
    assert check_birth_date(born, TODAY) is None
