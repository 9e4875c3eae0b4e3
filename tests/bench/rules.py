"""How fast the rules decide: no database, no clock."""

import json
from collections.abc import Iterator
from pathlib import Path

from clinic.models import Actor
from pathways.models import Enrollment
from pathways.queries.facts import facts_of
from pathways.queries.programs import document_of
from pathways.rules.gates import decide
from patients.instruments import definition
from patients.rules.scoring import score
from tests.bench.figures import Figure, latency, rate
from tests.factories import pathways
from tests.factories.course import LATER, ready_for_therapy

CASES = Path(__file__).parents[1] / "rules" / "data" / "scoring_cases.json"


def figures(by: Actor) -> Iterator[Figure]:
    yield _scoring()
    row = pathways.enrolled(by=by, site=by.sites.get())
    ready_for_therapy(row, by)
    yield _rules_alone(row)
    yield _with_facts(row)


def _scoring() -> Figure:
    """The worked cases of all instruments, complete and incomplete ones alike."""
    cases = [
        (definition(each["instrument"]), each["answers"], each["context"])
        for each in json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    ]

    def all_cases() -> int:
        for form, answers, context in cases:
            score(form, answers, context)
        return len(cases)

    return rate("scoring, all instruments", all_cases, "forms/s")


def _rules_alone(row: Enrollment) -> Figure:
    gate, facts = _first_gate(row), facts_of(row, as_of=LATER)

    def once() -> int:
        decide(gate, facts)
        return 1

    return rate("gate decision, rules alone", once, "decisions/s")


def _with_facts(row: Enrollment) -> Figure:
    gate = _first_gate(row)
    return latency("gate_decision, with its facts", lambda: decide(gate, facts_of(row, as_of=LATER)), times=100)


def _first_gate(row: Enrollment):
    return document_of(row.program_version).phases[0].exit
