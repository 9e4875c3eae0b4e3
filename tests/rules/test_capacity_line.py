"""The line of a census."""

import pytest

from pathways.rules.capacity_line import FOOT, HEAD, HEIGHT, WIDTH, census_line

ZERO = HEIGHT - FOOT


def test_days_run_from_left_to_right_and_the_most_stands_at_the_top() -> None:
    line = census_line([0, 2, 4], [None, None, None])
    half = (ZERO + HEAD) / 2
    assert line.people == f"0.0,{ZERO:.1f} {WIDTH / 2:.1f},{half:.1f} {WIDTH:.1f},{HEAD:.1f}"
    assert (line.top, line.places) == (4, ())


def test_places_are_a_level_line_for_each_number() -> None:
    line = census_line([1, 1, 1, 1], [2, 2, None, 4])
    assert line.places == ("0.0,59.0 240.0,59.0", "720.0,4.0 720.0,4.0")
    assert line.top == 4


def test_an_empty_house_is_a_line_at_the_foot() -> None:
    assert census_line([0, 0], [0, 0]).people == f"0.0,{ZERO:.1f} {WIDTH:.1f},{ZERO:.1f}"


def test_a_day_has_its_people_and_its_places() -> None:
    with pytest.raises(ValueError, match="people and its places"):
        census_line([1], [])
