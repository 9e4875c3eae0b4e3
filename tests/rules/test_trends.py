"""A trend plot shows every reading on its bands, prints the ones that matter, and never leaves its box."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.trends import Band, Reading, Trend, highest, plot, printed, shared_span

TODAY = date(2026, 6, 18)
START = date(2026, 2, 2)
PHQ9_BANDS = (
    Band(0, 0, "minimal"),
    Band(5, 1, "mild"),
    Band(10, 2, "moderate"),
    Band(15, 3, "mod. severe"),
    Band(20, 4, "severe"),
)


def trend(values: list[int], **changes: object) -> Trend:
    readings = tuple(Reading(START + timedelta(30 * index), value) for index, value in enumerate(values))
    facts: dict[str, object] = {
        "label": "PHQ-9",
        "start": START,
        "end": date(2026, 7, 12),
        "today": TODAY,
        "top": 22,
        "readings": readings,
        "bands": PHQ9_BANDS,
    }
    return Trend(**{**facts, **changes})  # type: ignore[arg-type]


def test_every_reading_is_a_point_and_the_last_one_is_filled() -> None:
    svg = plot(trend([18, 14, 9, 16, 11]))
    assert svg.count('class="pt"') == 4
    assert svg.count('class="pt last"') == 1


def test_first_last_and_highest_later_value_are_printed() -> None:
    assert re.findall(r'class="v"[^>]*>(\d+)<', plot(trend([18, 14, 9, 16, 11]))) == ["18", "16", "11"]


def test_values_that_only_fall_print_first_and_last() -> None:
    readings = trend([18, 14, 9, 4]).readings
    assert printed(readings) == (0, 3)


def test_bands_are_filled_and_named() -> None:
    svg = plot(trend([18, 11]))
    assert all(f'class="b{severity}"' in svg for severity in range(5))
    assert ">mod. severe<" in svg
    assert ">severe<" not in svg  # too low a strip for its word


def test_gate_limit_next_due_phase_change_and_step_back_are_drawn() -> None:
    svg = plot(
        trend(
            [18, 11],
            cut=9,
            due=date(2026, 6, 26),
            changes=(date(2026, 2, 26),),
            back=((date(2026, 4, 22), date(2026, 5, 6)),),
        )
    )
    assert 'class="cut"' in svg
    assert 'class="due"' in svg
    assert svg.count('y1="6" y2="110"') == 2
    assert 'height="10"' in svg


def test_the_plot_is_named_with_its_values() -> None:
    assert 'aria-label="PHQ-9: 2 Feb 18, 4 Mar 11"' in plot(trend([18, 11]))


def test_no_reading_still_draws_the_bands() -> None:
    svg = plot(trend([]))
    assert 'class="pt' not in svg
    assert 'class="b0"' in svg


def test_the_top_leaves_room_for_one_band_more() -> None:
    assert highest(trend([11]).readings, PHQ9_BANDS, 27) == pytest.approx(16.5)
    assert highest(trend([27]).readings, PHQ9_BANDS, 27) == 27


def test_all_plots_of_a_patient_share_one_axis() -> None:
    start, end = shared_span(START, TODAY, date(2026, 9, 1))
    assert (start, end) == (START, date(2026, 9, 1))


@pytest.mark.parametrize(
    "change",
    [
        {"top": 0},
        {"readings": (Reading(TODAY, 1), Reading(START, 2))},
        {"bands": (Band(0, 7, "x"),)},
    ],
)
def test_facts_that_cannot_be_drawn_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"highest|readings|band"):
        trend([1], **change)


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(-40, 400))
def test_the_same_facts_give_the_same_well_formed_bytes_inside_the_box(values: list[int], ahead: int) -> None:
    facts = trend(values, due=TODAY + timedelta(ahead), cut=9)
    svg = plot(facts)
    assert svg == plot(facts)
    assert "style=" not in svg
    ElementTree.fromstring(svg)
    assert all(0 <= float(value) <= 100 for value in re.findall(r'="(-?[\d.]+)%"', svg))
    assert all(-9 <= float(value) <= 132 for value in re.findall(r' y="(-?[\d.]+)"', svg))
