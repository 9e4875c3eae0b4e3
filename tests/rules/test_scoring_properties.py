"""What holds for any answers: every total has its band, missing never scores, nothing makes the engine raise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.instruments import definition, definitions
from patients.rules.instruments import Band, Definition, ScoringType
from patients.rules.scoring import ScoringStatus, drop_hidden, score, visible_items


def reaching(each: Definition) -> dict[int, dict[str, object]]:
    """For every total that answers can give, answers that give it, every lead question answered."""
    led = {item.key: "yes" for item in each.items if not item.scored and item.required}
    found: dict[int, dict[str, object]] = {0: dict(led)}
    for key in each.scoring.scores[0].items:
        found = {
            total + option.value: answers | {key: option.code}
            for total, answers in found.items()
            for option in each.item(key).options
        }
    return {total: drop_hidden(each, answers) for total, answers in found.items()}


@pytest.mark.parametrize("sex", ["male", "female"])
@pytest.mark.parametrize("key", [each.key for each in definitions() if each.scoring.type is ScoringType.SUM])
def test_every_total_has_the_band_that_holds_it(key: str, sex: str) -> None:
    each = definition(key)
    reached = set()
    for answers in reaching(each).values():
        result = score(each, answers, {"sex": sex})
        assert result.status is ScoringStatus.COMPLETE
        assert result.total is not None
        held = [band.label for band in each.bands_for("total", sex) if covers(band, result.total)]
        assert held == [result.band]
        reached.add(result.total)
    assert reached == set(range(each.score("total").minimum, each.score("total").maximum + 1))


def covers(band: Band, total: int) -> bool:
    assert band.minimum is not None
    assert band.maximum is not None
    return band.minimum <= total <= band.maximum


@st.composite
def forms(draw: st.DrawFn, complete: bool = True) -> tuple[Definition, dict[str, object]]:
    """A form filled in from top to bottom, as a page would have it."""
    each = draw(st.sampled_from(definitions()))
    answers: dict[str, object] = {}
    for item in each.items:
        if item.key not in visible_items(each, answers):
            continue
        if not item.required and draw(st.booleans()):
            continue
        if not complete and draw(st.booleans()):
            continue
        if item.is_number:
            answers[item.key] = draw(st.floats(item.minimum or 0, item.maximum or 0))
        else:
            answers[item.key] = draw(st.sampled_from([option.code for option in item.options]))
    return each, answers


@given(forms(), st.sampled_from(["male", "female", "unknown"]), st.booleans())
def test_a_form_filled_in_as_asked_is_complete_and_in_range(
    form: tuple[Definition, dict[str, object]], sex: str, prescribed: bool
) -> None:
    each, answers = form
    result = score(each, answers, {"sex": sex, "taken_as_prescribed": prescribed})
    assert result.status is ScoringStatus.COMPLETE
    assert dict(result.answers) == answers
    sums = {"total": result.total} if each.scoring.type is ScoringType.SUM else dict(result.subscores)
    for spec in each.scoring.scores:
        value = sums[spec.key]
        assert value is not None
        assert spec.minimum <= value <= spec.maximum


@given(forms(), st.data())
def test_removing_a_required_answer_never_leaves_a_complete_form(
    form: tuple[Definition, dict[str, object]], data: st.DataObject
) -> None:
    each, answers = form
    removed = data.draw(st.sampled_from([key for key in answers if each.item(key).required]))
    left = {key: value for key, value in answers.items() if key != removed}
    result = score(each, left, {})
    assert result.status is not ScoringStatus.COMPLETE
    assert (result.total, dict(result.subscores), result.band) == (None, {}, None)


@given(st.dictionaries(st.sampled_from([f"phq9_{at}" for at in range(1, 9)]), st.one_of(st.integers(), st.none())))
def test_the_suicide_alert_fires_whatever_else_is_missing_or_wrong(others: dict[str, object]) -> None:
    assert "phq9_suicide" in score(definition("phq9"), others | {"phq9_9": 1}, {}).alerts


@given(forms(complete=False), st.data())
def test_an_answer_outside_its_options_is_always_invalid(
    form: tuple[Definition, dict[str, object]], data: st.DataObject
) -> None:
    each, answers = form
    item = data.draw(st.sampled_from(each.items))
    codes = {option.code for option in item.options}
    wrong = st.one_of(st.booleans(), st.just("no such code"), st.integers(-(10**6), -1), st.lists(st.integers()))
    value = data.draw(wrong.filter(lambda each: isinstance(each, bool | list) or each not in codes))
    assert score(each, answers | {item.key: value}, {}).status is ScoringStatus.INVALID


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=8,
)


@given(st.sampled_from(definitions()), st.data())
def test_no_input_makes_the_engine_raise(each: Definition, data: st.DataObject) -> None:
    keys = st.one_of(st.text(), st.sampled_from([item.key for item in each.items]))
    answers = data.draw(st.one_of(anything, st.dictionaries(keys, anything)))
    context = data.draw(st.one_of(anything, st.dictionaries(st.sampled_from(["sex", "taken_as_prescribed"]), anything)))
    result = score(each, answers, context)  # type: ignore[arg-type]
    assert result.alerts == tuple(sorted(result.alerts))
    assert (result.status is ScoringStatus.INVALID) == bool(result.problems)


@given(forms(complete=False), st.data())
def test_dropping_hidden_answers_leaves_none_that_is_refused_as_hidden(
    form: tuple[Definition, dict[str, object]], data: st.DataObject
) -> None:
    each, answers = form
    extra = {
        item.key: data.draw(st.sampled_from([option.code for option in item.options]))
        for item in each.items
        if item.options and data.draw(st.booleans())
    }
    left = drop_hidden(each, answers | extra)
    assert score(each, left, {}).status is not ScoringStatus.INVALID
    assert drop_hidden(each, left) == left
