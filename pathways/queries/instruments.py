"""What a program may name: everything that exists here, as the rules of programs ask for it."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache

from pathways.messages import library as messages
from pathways.modalities import keys as modality_keys
from pathways.programs.library import TextError, read_text
from pathways.rules.programs import Known, KnownInstrument, Problem, ProgramDocument, problems
from pathways.rules.programs.checks import check
from pathways.rules.programs.positions import PlacedProblem, placed
from patients.instruments import definitions
from patients.observations import codes as observation_codes
from patients.rules.instruments import Definition


@cache
def known() -> Known:
    """Everything a program may name."""
    return Known(known_instruments(), known_templates(), observation_codes(), modality_keys())


@cache
def known_instruments() -> Mapping[str, KnownInstrument]:
    """Every instrument there is, by key."""
    return {each.key: _known(each) for each in definitions()}


@cache
def known_templates() -> Mapping[str, frozenset[str]]:
    """Every message template, with the languages in which it is written on every channel it has."""
    written: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for each in messages.templates():
        written[each.key][each.channel].add(each.language)
    return {key: frozenset(set.intersection(*channels.values())) for key, channels in written.items()}


def document_problems(document: ProgramDocument) -> tuple[Problem, ...]:
    """Everything that stands against publishing, checked against what there is here; empty when nothing does."""
    return problems(document, known())


def check_document(document: Mapping[str, object]) -> tuple[Problem, ...]:
    """Everything wrong with a document in whatever state it is: of form, and of sense where the form allows to tell."""
    return check(document, known())


def check_text(text: str) -> tuple[PlacedProblem, ...]:
    """Everything wrong with the text of a program file, each with its line and column."""
    try:
        read = read_text(text)
    except TextError as error:
        return error.placed
    return placed(check_document(read.document), read.positions)


def _known(definition: Definition) -> KnownInstrument:
    scores = {score.key: (score.minimum, score.maximum) for score in definition.scoring.scores}
    named = {band.label for band in definition.bands} | {rule.band for rule in definition.scoring.rules}
    return KnownInstrument(definition.key, scores, frozenset(named))
