"""What a program may name: instruments with their scores and bands, as the rules of programs ask for them."""

from collections.abc import Mapping
from functools import cache

from clinic.rules.roles import Role
from pathways.messages import library as messages
from pathways.rules.programs import KnownInstrument, Problem, ProgramDocument, problems
from patients.instruments import definitions
from patients.rules.instruments import Definition

PEOPLE = frozenset(Role)


@cache
def known_instruments() -> Mapping[str, KnownInstrument]:
    """Every instrument there is, by key."""
    return {each.key: _known(each) for each in definitions()}


def document_problems(document: ProgramDocument) -> tuple[Problem, ...]:
    """Everything that stands against publishing, checked against what there is here; empty when nothing does."""
    return problems(document, known_instruments(), messages.keys(), PEOPLE)


def _known(definition: Definition) -> KnownInstrument:
    scores = {score.key: (score.minimum, score.maximum) for score in definition.scoring.scores}
    named = {band.label for band in definition.bands} | {rule.band for rule in definition.scoring.rules}
    return KnownInstrument(definition.key, scores, frozenset(named))
