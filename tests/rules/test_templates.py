"""Whose words a message takes, and what changed between two versions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.messages import LONGEST_MERGE, Template, lint, render
from pathways.rules.templates import (
    Change,
    Level,
    Wording,
    difference,
    in_force,
    longest_sample,
    short_sample,
    spoken,
)


def wording(level: Level, text: str) -> Wording:
    return Wording(level, Template("x.y", "sms", "en", 1, text, link="appointment"))


SITE, CLINIC = wording(Level.SITE, "of the site"), wording(Level.CLINIC, "of the clinic")
WITH_LINK, PLAIN = wording(Level.SHIPPED, "shipped {link}"), wording(Level.SHIPPED, "shipped")


@pytest.mark.parametrize(
    ("ladder", "link", "wanted"),
    [
        ([SITE, CLINIC, WITH_LINK, PLAIN], True, SITE),
        ([CLINIC, WITH_LINK, PLAIN], True, CLINIC),
        ([WITH_LINK, PLAIN], True, WITH_LINK),
        ([WITH_LINK, PLAIN], False, PLAIN),
        ([wording(Level.SITE, "{link}"), CLINIC, PLAIN], False, CLINIC),
        ([wording(Level.SITE, "{link}"), wording(Level.CLINIC, "{link}"), WITH_LINK, PLAIN], False, PLAIN),
    ],
)
def test_the_nearest_words_that_can_be_said_are_in_force(ladder: list[Wording], link: bool, wanted: Wording) -> None:
    assert in_force(ladder, link=link) == wanted


def test_words_that_need_a_link_are_never_said_without_one() -> None:
    with pytest.raises(ValueError, match="always there"):
        in_force([WITH_LINK], link=False)


def test_words_that_say_more_than_their_kind_may_are_passed_over() -> None:
    kept = Wording(Level.SITE, Template("reply.stopped", "sms", "en", 1, "Stopped, {given_name}."))
    shipped = Wording(Level.SHIPPED, Template("reply.stopped", "sms", "en", 1, "Stopped. {phone}"))
    assert in_force([kept, shipped], link=False) == shipped


def test_a_language_that_is_not_kept_is_answered_in_english() -> None:
    assert [spoken(each) for each in ("en", "es", "fr", "")] == ["en", "es", "en", "en"]


def test_a_difference_names_the_words_that_came_and_went() -> None:
    found = difference("Call {phone} today.", "Call {phone} soon, please.")
    assert [(each.change, each.text) for each in found if each.change is not Change.SAME] == [
        (Change.REMOVED, "today"),
        (Change.ADDED, "soon, please"),
    ]
    together = difference("so how are you", "a word from you")
    assert [each.text for each in together] == ["so how are", "a word from", " you"]


@given(old=st.text(max_size=200), new=st.text(max_size=200))
def test_a_difference_holds_both_versions_whole(old: str, new: str) -> None:
    pieces = difference(old, new)
    assert "".join(each.text for each in pieces if each.change is not Change.ADDED) == old
    assert "".join(each.text for each in pieces if each.change is not Change.REMOVED) == new
    assert all(each.text for each in pieces)


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_invented_people_fill_every_field_and_one_of_them_to_its_end(language: str) -> None:
    assert {name: len(value) for name, value in longest_sample(language).items()} == dict(LONGEST_MERGE)
    assert short_sample(language).keys() == LONGEST_MERGE.keys()
    every = Template("x.y", "email", language, 1, " ".join(f"{{{name}}}" for name in LONGEST_MERGE), link="appointment")
    assert render(every, longest_sample(language)).text.count(" ") >= len(LONGEST_MERGE) - 1
    assert lint(Template("x.y", "email", language, 1, f"{short_sample(language)['day']} {{discreet_name}} {{phone}}",
                         subject="A note")) == ()  # fmt: skip
