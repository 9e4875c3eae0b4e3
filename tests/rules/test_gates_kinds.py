"""Kinds of criteria as a catalogue: each describes itself, and a new one is one class."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar

import pytest

from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say
from pathways.rules.documents import Fields
from pathways.rules.gates import (
    KINDS,
    FactKind,
    Finding,
    GateFacts,
    Look,
    Param,
    ParamType,
    Reading,
    Reference,
    Refers,
    State,
)
from pathways.rules.gates.groups import Group
from pathways.rules.gates.params import whole
from pathways.rules.gates.registry import kind
from tests.rules.gate_ground import NOW, asked, days, facts, found, gate, read

LANGUAGES = ("en", "es")
EVERY_KIND = list(KINDS.values())
EVERY_PARAM = [(each, param) for each in EVERY_KIND for param in each.params()]


@pytest.mark.parametrize("each", EVERY_KIND, ids=lambda each: each.KEY)
def test_a_kind_describes_each_of_its_parameters(each):
    assert {param.name for param in each.params()} == {field.name for field in fields(each)}
    assert all(say(each.label(), language) and say(each.about(), language) for language in LANGUAGES)


@pytest.mark.parametrize(("each", "param"), EVERY_PARAM, ids=lambda each: getattr(each, "KEY", None) or each.name)
def test_a_parameter_says_what_a_form_needs_to_know(each, param):
    assert all(say(param.label, language) for language in LANGUAGES)
    chosen = param.type in (ParamType.CHOICE, ParamType.CHOICES)
    assert chosen == (param.choices is not None)
    if param.type in (ParamType.WHOLE, ParamType.NUMBER):
        assert param.least < param.most
    if param.type is ParamType.KEYS:
        assert param.refers is not None


@pytest.mark.parametrize("each", EVERY_KIND, ids=lambda each: each.KEY)
def test_what_must_be_there_and_is_not_is_named(each):
    _, problems = read({"key": "a", "kind": each.KEY, "source": "x", "criteria": []})
    missing = {path.rsplit(".", 1)[1] for path, problem in problems if problem in ("missing", "empty_list")}
    wanted = {param.name for param in each.params() if param.required}
    assert wanted <= missing | ({"roles"} if each.KEY == "attestation" else set())


@pytest.mark.parametrize(
    "each", [each for each in EVERY_KIND if not issubclass(each, Group)], ids=lambda each: each.KEY
)
def test_a_kind_that_looks_at_facts_says_at_which(each):
    assert each.FACTS


def test_a_gate_looks_at_what_its_criteria_look_at():
    result, _ = read(
        {"key": "a", "kind": "any_of", "criteria": [
            {"key": "b", "kind": "assessment_done", "instrument": "phq9", "within_days": 3, "source": "x"},
            {"key": "c", "kind": "score_compared", "instrument": "cows", "op": "below", "value": 5, "last": 2,
             "hours_between": 24, "within_days": 7, "source": "x"},
        ]},
    )  # fmt: skip
    assert result.needs() == {Look(Reading, "phq9", 1), Look(Reading, "cows", 4, days=7)}
    assert result.criterion("b").kind.names() == (Reference(Refers.INSTRUMENT, "phq9", "instrument"),)


# A new kind: one class, and one sort of fact


@dataclass(frozen=True, slots=True)
class Bed:
    """Nights in a house, as nobody counts them but this test."""

    nights: int
    at: datetime


@pytest.fixture
def nights():
    """A kind of criterion that the product does not know."""

    @kind
    @dataclass(frozen=True, slots=True)
    class Nights(FactKind):
        """At least so many nights."""

        KEY: ClassVar[str] = "nights"
        FACTS: ClassVar[tuple[type, ...]] = (Bed,)
        PARAMS: ClassVar[tuple[Param, ...]] = (whole("at_least", 1, 9),)

        at_least: int

        def asks(self) -> Sentence:
            return sentence("gate.days.asks", days=self.at_least)

        def judge(self, facts: GateFacts) -> Finding:
            slept = sum(each.nights for each in facts.of(Bed))
            said = sentence("gate.sessions.found_count", n=slept, of=self.at_least)
            return Finding(State.MET if slept >= self.at_least else State.UNMET, said)

    yield Nights
    del KINDS["nights"]


def test_a_new_kind_is_one_class(nights):
    result, problems = read({"key": "a", "kind": "nights", "at_least": 3, "source": "x"})
    assert not problems
    assert result.criteria[0].kind == nights(3)
    assert gate(asked(nights(3))).needs() == {Look(Bed)}
    assert found(nights(3), Bed(2, NOW), Bed(1, NOW - days(1))).state is State.MET
    assert found(nights(3)).state is State.UNMET
    assert ("exit.criteria[0].at_least", "out_of_range") in read({"key": "a", "kind": "nights", "at_least": 10})[1]


def test_a_key_is_taken_once(nights):
    with pytest.raises(ValueError, match="two kinds of criteria are called nights"):
        kind(nights)


def test_facts_of_a_sort_nobody_looked_up_are_none():
    assert facts().of(Bed) == ()


def test_a_parameter_its_kind_reads_is_not_read_by_its_description():
    with pytest.raises(ValueError, match="read by its kind"):
        Param("value", ParamType.LIMIT).read(Fields({}, "", []))
