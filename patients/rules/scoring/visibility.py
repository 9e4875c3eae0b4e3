"""Which items are asked, given the answers so far; and what to do with answers nobody asked for.

A form is read once, from top to bottom (definitions guarantee that an item depends only on earlier ones). An item is
asked when its condition is true. While its lead question is unanswered it is *not asked yet*, which is not the same as
hidden for good: both refuse an answer, but a safety alert still listens to the first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from clinic.rules.sentences import Sentence, sentence
from patients.rules.instruments import Definition, Facts, Item, holds
from patients.rules.scoring.answers import Answer, Given, Problem, printable, understand


@dataclass(slots=True)
class Reading:
    """A form as read: per item whether it is asked (None: not yet), what was given, and what was wrong."""

    asked: dict[str, bool | None] = field(default_factory=dict)
    given: dict[str, Given] = field(default_factory=dict)
    early: dict[str, Given] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def facts(self) -> Facts:
        """What conditions may use of the form: everything understood, even an answer given too early."""
        known = {key: each.measure for key, each in (self.given | self.early).items()}
        return Facts(items=known, hidden=self.hidden())

    def hidden(self) -> frozenset[str]:
        """Items surely not asked."""
        return frozenset(key for key, asked in self.asked.items() if asked is False)


def read_form(definition: Definition, answers: Mapping[str, object]) -> Reading:
    """Every item in order: asked or not, answered or not, and how. An answer of null is no answer."""
    reading = Reading()
    for item in definition.items:
        reading.asked[item.key] = _asked(definition, item, reading)
        raw = answers.get(item.key)
        if raw is None:
            reading.unanswered.append(item.key)
        else:
            _take(definition, item, raw, reading)
    known = {item.key for item in definition.items}
    for key in answers:
        if key not in known:
            name = printable(key)
            reading.problems.append(Problem(name, sentence("scoring.problem.unknown_item", item=name)))
    return reading


def visible_items(definition: Definition, answers: Mapping[str, object]) -> tuple[str, ...]:
    """The items to ask, in order, given the answers so far. Never raises for odd answers."""
    asked = read_form(definition, answers if isinstance(answers, Mapping) else {}).asked
    return tuple(key for key, shown in asked.items() if shown is True)


def drop_hidden(definition: Definition, answers: Mapping[str, object]) -> dict[str, object]:
    """The answers without those to items that are not asked: what a page keeps when a lead question changes.

    Everything else stays as it was, wrong values and unknown names included, so that they can still be refused.
    """
    asked = read_form(definition, answers).asked
    return {key: value for key, value in answers.items() if asked.get(key, True) is True}


def kept(reading: Reading) -> dict[str, Answer]:
    """The answers as they are stored: asked and understood, nothing else."""
    return {key: each.answer for key, each in reading.given.items()}


def _asked(definition: Definition, item: Item, reading: Reading) -> bool | None:
    if item.visible_if is None:
        return True
    known = {key: each.measure for key, each in reading.given.items()}
    facts = Facts(items=known, hidden=reading.hidden(), scores=_so_far(definition, known))
    return holds(item.visible_if, facts)


def _so_far(definition: Definition, known: Mapping[str, float]) -> dict[str, float]:
    """Points given so far: "if you checked off any problem" is decided before the last item is answered."""
    return {score.key: sum(known.get(key, 0) for key in score.items) for score in definition.scoring.scores}


def _take(definition: Definition, item: Item, raw: object, reading: Reading) -> None:
    got, asked = understand(item, raw), reading.asked[item.key]
    if isinstance(got, Sentence):
        reading.problems.append(Problem(item.key, got))
    elif asked:
        reading.given[item.key] = got
    elif not item.hidden_by_score:
        _refuse(definition, item, got, reading)


def _refuse(definition: Definition, item: Item, got: Given, reading: Reading) -> None:
    gate = definition.item(item.gates[0]).label
    code = "scoring.problem.hidden"
    if reading.asked[item.key] is None:
        reading.early[item.key] = got
        code = "scoring.problem.too_early"
    reading.problems.append(Problem(item.key, sentence(code, item=item.label, gate=gate)))
