"""The ribbon keeps the drawing rules of the look: to scale, in words too, and no label on another."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathways.rules.ribbon import SPANISH, Course, Gate, Hold, Level, Mark, Stay, full, row, text, words_in
from pathways.rules.ribbon.scale import MIN_WIDTH, horizon, origin
from tests.rules.ribbon_courses import COURSES, PHASES, TODAY, day

STEP_BACK = COURSES["twenty weeks, one step back"]
EVERY_COURSE = pytest.mark.parametrize("course", COURSES.values(), ids=COURSES.keys())


# -- what is drawn ----------------------------------------------------------------------------------------------------


def test_the_text_tells_the_whole_course_in_sentences() -> None:
    assert text(STEP_BACK) == (
        "2 Feb to 26 Feb: Assessment & Stabilization, 24 d. "
        "26 Feb to 22 Apr: Behavioral Therapy & Relapse Prevention, 55 d. "
        "22 Apr to 6 May: back in Assessment & Stabilization, 14 d. "
        "6 May to today: Behavioral Therapy & Relapse Prevention, 43 d. "
        "20 Apr: Return to use, told us herself, same day. "
        "Next gate, to Aftercare & Maintenance: 2 of 4 met; drug screen lapses Friday."
    )


def test_the_text_names_years_that_are_not_this_one() -> None:
    assert text(COURSES["completed"]).endswith("4 Aug 2025 to 11 May: Aftercare & Maintenance, 40 wk. Ended 11 May.")


def test_the_text_can_be_spanish() -> None:
    said = text(STEP_BACK, SPANISH)
    assert said.startswith("Del 2 feb al 26 feb: Assessment & Stabilization, 24 d.")
    assert words_in("es-mx") is SPANISH


def test_the_picture_is_named_by_its_text() -> None:
    svg = ElementTree.fromstring(full(STEP_BACK, "r1"))
    assert svg.get("aria-labelledby") == "r1-t"
    assert svg.find("title").text == text(STEP_BACK)  # type: ignore[union-attr]


def test_stays_are_drawn_to_scale() -> None:
    svg = full(STEP_BACK, "r")
    bands = re.findall(r'<svg x="([\d.]+)%" y="\d+" width="([\d.]+)%" height="30"><rect class="band past"', svg)
    (_, first), (_, second) = bands
    assert float(second) / float(first) == pytest.approx(55 / 24, abs=0.01)


def test_a_step_back_runs_in_the_lower_lane_and_keeps_its_place_with_a_rail() -> None:
    svg = full(STEP_BACK, "r")
    assert svg.count('class="loop"') == 1
    assert svg.count('class="rail"') == 1
    assert "Stabilization again · 14 d" in svg


def test_a_step_back_of_one_day_is_still_wide_enough_to_be_seen() -> None:
    stays = (
        Stay(1, day("2 Feb"), day("1 Apr")),
        Stay(0, day("1 Apr"), day("2 Apr"), back=True),
        Stay(1, day("2 Apr")),
    )
    svg = full(replace(STEP_BACK, stays=stays), "r")
    assert re.search(r'width="4.2%" height="\d+" viewBox', svg)


def test_steps_back_that_follow_one_another_are_one_curve() -> None:
    svg = full(COURSES["step back again and again"], "r")
    assert svg.count('class="loop live"') == 1
    assert "Therapy, Stabilization again · 17 d" in svg


def test_a_step_back_as_the_first_stay_is_drawn_on_the_path() -> None:
    svg = full(COURSES["step back as the first stay, then a move the same day"], "r")
    assert 'class="loop' not in svg


def test_a_return_to_use_is_a_curl_and_a_ring() -> None:
    assert full(STEP_BACK, "r").count('class="curl"') == 1
    assert row(STEP_BACK, "s").count('class="sev"') == 1


def test_every_hold_lightens_the_band_and_an_open_one_leaves_no_gate() -> None:
    held = COURSES["on hold now, after another hold"]
    assert full(held, "r").count('class="hold"') == 2
    assert 'class="door"' not in full(held, "r")
    assert "sdoor" not in row(held, "s")


def test_beyond_its_typical_length_the_gate_stands_at_today() -> None:
    svg = full(COURSES["longer than typical"], "r")
    assert 'class="plan over"' in svg
    today = re.search(r'class="today" x1="([\d.]+)%"', svg).group(1)  # type: ignore[union-attr]
    assert re.search(rf'<svg x="{today}%" y="\d+" overflow="visible"><rect class="door"', svg)


def test_an_ended_course_has_a_closing_post_and_no_today() -> None:
    svg = full(COURSES["completed"], "r")
    assert 'class="end"' in svg
    assert "today" not in svg


def test_the_door_of_the_small_ribbon_is_open_when_all_is_met() -> None:
    ready = replace(STEP_BACK, gate=Gate(2, 4, 4))
    assert 'class="sdoor open"' in row(ready, "s")


def test_the_newest_six_marks_keep_their_words_and_older_ones_their_dot() -> None:
    marks = tuple(Mark(day("2 Feb") + timedelta(14 * n), f"Mark {n}") for n in range(9))
    svg = full(replace(STEP_BACK, marks=marks, events=()), "r")
    assert svg.count('class="mark small"') >= 3
    assert "Mark 2<" not in svg
    assert "Mark 8<" in svg


def test_a_short_history_is_never_blown_up() -> None:
    course = COURSES["third day of care"]
    assert horizon(replace(course, due=None)) == course.start + timedelta(28)


def test_more_than_six_years_start_at_the_last_readmission() -> None:
    long = COURSES["nine years, back in care since 2024"]
    assert origin(long) == day("15 Jan 2024")
    svg = full(long, "r")
    assert "since 2017" in svg
    assert "Admitted" not in svg.split("</title>")[1]


def test_more_than_six_years_without_a_readmission_show_the_last_six() -> None:
    long = replace(COURSES["nine years, back in care since 2024"], readmitted=())
    assert origin(long) == TODAY - timedelta(2192)


def test_words_from_people_cannot_become_markup() -> None:
    course = replace(STEP_BACK, marks=(Mark(day("2 Feb"), "<script>x</script>", 'a "quote" & more'),))
    for svg in (full(course, '"><b'), row(course, '"><b')):
        assert "<script" not in svg
        ElementTree.fromstring(svg)


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"stays": ()},
        {"phases": ()},
        {"stays": (Stay(3, TODAY),)},
        {"stays": (Stay(0, TODAY), Stay(1, TODAY))},
        {"start": TODAY + timedelta(1)},
        {"gate": Gate(9, 0, 1)},
        {"levels": (Level(TODAY, None, 5, "X", "X"),)},
    ],
)
def test_facts_that_contradict_each_other_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"course|stay|gate|level"):
        replace(STEP_BACK, **change)  # type: ignore[arg-type]


# -- properties, on courses nobody thought of -------------------------------------------------------------------------


@st.composite
def courses(draw: st.DrawFn) -> Course:
    """Any course of up to ten years: repeated steps back, stays of no days, holds, many marks, open or ended."""
    lengths = draw(st.lists(st.integers(0, draw(st.sampled_from([9, 60, 500]))), min_size=1, max_size=9))
    start = TODAY - timedelta(sum(lengths))
    stays, on = [], start
    for index, length in enumerate(lengths):
        last = index == len(lengths) - 1
        back = index > 0 and draw(st.booleans())
        stays.append(Stay(draw(st.integers(0, 2)), on, None if last else on + timedelta(length), back))
        on += timedelta(length)
    days = st.integers(0, sum(lengths)).map(lambda n: start + timedelta(n))
    words = st.text("abcdefghij ", max_size=60)
    closed = TODAY if draw(st.booleans()) and lengths[-1] else None
    return Course(
        start=start,
        today=TODAY,
        phases=PHASES,
        stays=tuple(stays),
        marks=tuple(
            sorted((Mark(draw(days), draw(words), draw(words)) for _ in range(draw(st.integers(0, 9)))), key=_on)
        ),
        events=tuple(
            sorted((Mark(draw(days), "Return to use", draw(words)) for _ in range(draw(st.integers(0, 3)))), key=_on)
        ),
        holds=tuple(Hold(draw(days), draw(st.sampled_from([None, TODAY]))) for _ in range(draw(st.integers(0, 2)))),
        levels=(Level(start, None, draw(st.integers(1, 4)), "OP", "Outpatient"),),
        gate=draw(st.sampled_from([None, Gate(None, 1, 3), Gate(1, 2, 4, "line"), Gate(2, 4, 4)])),
        due=TODAY + timedelta(draw(st.integers(-90, 200))),
        closed=closed,
        readmitted=tuple(draw(st.lists(days, max_size=2).map(sorted))),
    )


def _on(mark: Mark) -> date:
    return mark.on


@dataclass(frozen=True)
class Box:
    words: str
    left: float
    right: float
    top: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        across = self.left < other.right - 0.01 and other.left < self.right - 0.01
        return across and self.top < other.bottom and other.top < self.bottom


CHARACTER = {"lab": 6.9, "todaytext": 6.5, "doortext": 8.0, "doorsub": 6.0}


def label_boxes(svg: str) -> list[Box]:
    """Every printed word of the ribbon at 720 px, with the width its characters take on the safe side."""
    return list(_boxes(ElementTree.fromstring(svg), 0.0, 0.0, float(MIN_WIDTH)))


def _boxes(element: ElementTree.Element, left: float, top: float, width: float) -> Iterator[Box]:
    for child in element:
        if child.tag == "svg":
            inner = _length(child.get("width", "100%"), width)
            yield from _boxes(child, left + _length(child.get("x", "0"), width), top + float(child.get("y", 0)), inner)
        elif child.tag == "text" and " w" not in child.get("class", ""):
            yield _box(child, left + _length(child.get("x", "0"), width), top + float(child.get("y", 0)))


def _box(element: ElementTree.Element, x: float, y: float) -> Box:
    words = "".join(element.itertext())
    wide = len(words) * CHARACTER.get(element.get("class", "").split()[0], 6.3)
    anchored = x + float(element.get("dx", 0))
    left = anchored - {"start": 0.0, "middle": wide / 2, "end": wide}[element.get("text-anchor", "start")]
    return Box(words, left, left + wide, y - 10, y + 3)


def _length(value: str, width: float) -> float:
    return float(value[:-1]) / 100 * width if value.endswith("%") else float(value)


def assert_no_label_touches_another(svg: str) -> None:
    boxes = label_boxes(svg)
    for index, box in enumerate(boxes):
        assert box.left >= -1, box
        assert box.right <= MIN_WIDTH + 1, box
        for other in boxes[index + 1 :]:
            assert not box.touches(other), (box, other)


@EVERY_COURSE
def test_no_label_touches_another_in_the_known_states(course: Course) -> None:
    assert_no_label_touches_another(full(course, "r"))
    assert_no_label_touches_another(full(course, "r", SPANISH))


@settings(max_examples=150, deadline=None)
@given(courses())
def test_no_label_touches_another_at_720_px(course: Course) -> None:
    assert_no_label_touches_another(full(course, "r"))


@settings(max_examples=100, deadline=None)
@given(courses())
def test_the_same_facts_give_the_same_well_formed_bytes(course: Course) -> None:
    for draw in (full, row):
        svg = draw(course, "r")
        assert svg == draw(course, "r")
        ElementTree.fromstring(svg)
        assert "style=" not in svg


@settings(max_examples=100, deadline=None)
@given(courses())
def test_nothing_lies_outside_the_picture(course: Course) -> None:
    for draw in (full, row):
        svg = draw(course, "r")
        percents = [float(value) for value in re.findall(r'="(-?[\d.]+)%"', svg)]
        assert all(0 <= value <= 100 for value in percents), [value for value in percents if not 0 <= value <= 100]
        for left, width in re.findall(r' x="([\d.]+)%"[^>]*? width="([\d.]+)%"', svg):
            assert float(left) + float(width) <= 100.02
