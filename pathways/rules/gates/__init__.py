"""Gates: what must be so before a patient moves on, and why not yet.

A gate is a list of criteria; each evaluates to met, unmet, missing or expired, with the evidence, when it lapses and
what to do next. `decide` is the one evaluator. Adding a kind of criterion: one class with `@kind` in this package
(imported below), and one query that fills its facts.
"""

from pathways.rules.gates import groups, kinds, scores
from pathways.rules.gates.criteria import Criterion, Gate, read_gate
from pathways.rules.gates.evaluate import decide, may_override, override_problems
from pathways.rules.gates.facts import Attested, GateFacts, InstrumentName, OpenFlag, Reading, instrument_name
from pathways.rules.gates.overrides import Override, OverrideReason
from pathways.rules.gates.record import as_record, from_record, sentence_as_record, sentence_from_record
from pathways.rules.gates.registry import KINDS, Kind, Named
from pathways.rules.gates.verdicts import (
    CriterionResult,
    Decision,
    Evidence,
    Finding,
    Lapse,
    Requirement,
    State,
    at_least,
)

__all__ = [
    "KINDS",
    "Attested",
    "Criterion",
    "CriterionResult",
    "Decision",
    "Evidence",
    "Finding",
    "Gate",
    "GateFacts",
    "InstrumentName",
    "Kind",
    "Lapse",
    "Named",
    "OpenFlag",
    "Override",
    "OverrideReason",
    "Reading",
    "Requirement",
    "State",
    "as_record",
    "at_least",
    "decide",
    "from_record",
    "groups",
    "instrument_name",
    "kinds",
    "may_override",
    "override_problems",
    "read_gate",
    "scores",
    "sentence_as_record",
    "sentence_from_record",
]
