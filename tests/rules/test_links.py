"""A patient's own link: its address cannot be made up or altered, tells nothing, and works once for a while."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.rules.discretion import LINK, forbidden_words
from pathways.rules.links import (
    ASKS_WHO,
    EXAMPLE,
    HANDLE_LENGTH,
    LETTERS,
    LONGEST_BASE,
    TOKEN_LENGTH,
    WORKS_FOR,
    LinkPurpose,
    LinkState,
    address_of,
    expires,
    handle_of,
    key_from,
    knows_who,
    masked,
    new_handle,
    pass_for,
    pass_holds,
    state,
    token,
)
from pathways.rules.messages import LONGEST_LINK, LONGEST_MERGE

NOW = datetime(2026, 6, 16, 13, 30, tzinfo=UTC)
DAY = timedelta(days=1)
KEY, OLD_KEY = key_from("a secret of this installation"), key_from("the secret before it")
handles = st.text(alphabet=LETTERS, min_size=HANDLE_LENGTH, max_size=HANDLE_LENGTH)


@given(handle=handles)
def test_a_token_leads_back_to_its_handle(handle: str) -> None:
    made = token(handle, KEY)
    assert len(made) == TOKEN_LENGTH
    assert handle_of(made, [KEY]) == handle


@given(handle=handles)
def test_a_token_signed_before_the_key_was_changed_still_works(handle: str) -> None:
    assert handle_of(token(handle, OLD_KEY), [KEY, OLD_KEY]) == handle
    assert handle_of(token(handle, OLD_KEY), [KEY]) is None


@given(handle=handles, data=st.data())
def test_no_altered_token_is_ever_accepted(handle: str, data: st.DataObject) -> None:
    made = token(handle, KEY)
    place = data.draw(st.integers(0, TOKEN_LENGTH - 1))
    put = data.draw(st.text(max_size=3))
    altered = made[:place] + put + made[place + data.draw(st.integers(0, 3)) :]
    assume(altered != made)
    assert handle_of(altered, [KEY, OLD_KEY]) is None


@given(handle=handles)
def test_another_spelling_of_a_token_is_another_token(handle: str) -> None:
    made = token(handle, KEY)
    for other in (made.upper(), f" {made}", f"{made} ", f"{made}\n", made[::-1], made + made[0], made[:-1]):
        assume(other != made)
        assert handle_of(other, [KEY]) is None


@given(given=st.text(max_size=60))
def test_no_made_up_token_is_accepted(given: str) -> None:
    assert handle_of(given, [KEY, OLD_KEY]) is None


@given(one=handles, other=handles)
def test_the_signature_of_one_link_does_not_fit_another(one: str, other: str) -> None:
    assume(one != other)
    assert handle_of(other + token(one, KEY)[HANDLE_LENGTH:], [KEY]) is None


@given(seed=st.integers(0, 2**32))
def test_an_address_spells_no_word_and_fits_a_text_message(seed: int) -> None:
    made = token(new_handle(random.Random(seed).choice), KEY)
    address = address_of(made, "https://" + "a" * (LONGEST_BASE - 8))
    assert len(address) <= LONGEST_LINK == LONGEST_MERGE["link"]
    assert not forbidden_words(address)
    assert not set("aeiou01lo") & set(made)
    assert LINK.search(address)


@given(handle=handles)
def test_a_message_is_shown_without_the_token_of_its_link(handle: str) -> None:
    address = address_of(token(handle, KEY), "https://go.example")
    assert masked(f"See {address}, or call.") == "See https://go.example/l/••••/, or call."
    assert masked("Come to /l/ or /l/short/") == "Come to /l/ or /l/short/"


def test_what_is_no_handle_gets_no_token() -> None:
    for wrong in ("", "abc", "A" * HANDLE_LENGTH, "2" * (HANDLE_LENGTH + 1)):
        with pytest.raises(ValueError, match="handle"):
            token(wrong, KEY)
    assert len(EXAMPLE) == TOKEN_LENGTH
    assert handle_of(EXAMPLE, [KEY, OLD_KEY]) is None


@pytest.mark.parametrize(
    ("used", "revoked", "after", "wanted"),
    [
        (False, False, False, LinkState.OPEN),
        (False, False, True, LinkState.EXPIRED),
        (True, False, False, LinkState.USED),
        (True, False, True, LinkState.USED),
        (True, True, False, LinkState.REVOKED),
        (False, True, True, LinkState.REVOKED),
    ],
)
def test_where_a_link_stands(used: bool, revoked: bool, after: bool, wanted: LinkState) -> None:
    found = state(
        now=NOW, expires_at=NOW if after else NOW + DAY, used_at=NOW if used else None,
        revoked_at=NOW if revoked else None,
    )  # fmt: skip
    assert found is wanted


def test_a_link_works_until_its_appointment_begins_or_two_weeks() -> None:
    assert expires(now=NOW, begins_at=None) == NOW + WORKS_FOR
    assert expires(now=NOW, begins_at=NOW + DAY) == NOW + DAY
    with pytest.raises(ValueError, match="over"):
        expires(now=NOW, begins_at=NOW)


def test_what_says_more_than_the_message_asks_who_is_there() -> None:
    assert set(LinkPurpose) - {LinkPurpose.APPOINTMENT} == ASKS_WHO
    assert knows_who("1984-06-07", "1984-06-07")
    assert not knows_who("", "1984-06-07")
    assert not knows_who("1984-06-08", "1984-06-07")


@given(handle=handles, other=handles, late=st.integers(0, 10**9))
def test_a_pass_is_good_for_its_link_and_its_time_alone(handle: str, other: str, late: int) -> None:
    made = pass_for(handle, KEY, NOW + DAY)
    assert pass_holds(made, handle, [KEY, OLD_KEY], NOW)
    assert not pass_holds(made, handle, [KEY], NOW + DAY + timedelta(seconds=late))
    assert not pass_holds(made, handle, [OLD_KEY], NOW)
    assume(other != handle)
    assert not pass_holds(made, other, [KEY], NOW)


@given(handle=handles, given=st.text(max_size=40))
def test_a_pass_that_was_made_up_opens_nothing(handle: str, given: str) -> None:
    assert not pass_holds(given, handle, [KEY], NOW)
    moment, _, signature = pass_for(handle, KEY, NOW + DAY).partition(".")
    assert not pass_holds(f"{int(moment) + 1}.{signature}", handle, [KEY], NOW)
    assert not pass_holds(f"{moment}.{signature}x", handle, [KEY], NOW)
