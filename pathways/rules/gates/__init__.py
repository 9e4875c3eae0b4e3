"""Gates: what must be so before a patient moves on, and why not yet.

A gate is a list of criteria; each evaluates to met, unmet, missing or expired, with the evidence, when it lapses and
what to do next. `decide` is the one evaluator. Adding a kind of criterion: one class with `@kind` in this package
(imported below), and one query that fills its facts (`pathways.queries.facts`).
"""

from pathways.rules.gates import (
    attendance,
    bookings,
    consents,
    groups,
    kinds,
    levels,
    observations,
    plans,
    scores,
)
from pathways.rules.gates.criteria import Criterion, Gate, read_gate
from pathways.rules.gates.evaluate import decide, is_open, may_override, override_problems
from pathways.rules.gates.facts import (
    Attested,
    GateFacts,
    InstrumentName,
    OpenFlag,
    PhaseEntered,
    Reading,
    instrument_name,
)
from pathways.rules.gates.overrides import Override, OverrideReason
from pathways.rules.gates.params import Param, ParamType, Reference, Refers
from pathways.rules.gates.record import as_record, from_record, sentence_as_record, sentence_from_record
from pathways.rules.gates.registry import KINDS, FactKind, Kind, Look, Named
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
    "FactKind",
    "Finding",
    "Gate",
    "GateFacts",
    "InstrumentName",
    "Kind",
    "Lapse",
    "Look",
    "Named",
    "OpenFlag",
    "Override",
    "OverrideReason",
    "Param",
    "ParamType",
    "PhaseEntered",
    "Reading",
    "Reference",
    "Refers",
    "Requirement",
    "State",
    "as_record",
    "at_least",
    "attendance",
    "bookings",
    "consents",
    "decide",
    "from_record",
    "groups",
    "instrument_name",
    "is_open",
    "kinds",
    "levels",
    "may_override",
    "observations",
    "override_problems",
    "plans",
    "read_gate",
    "scores",
    "sentence_as_record",
    "sentence_from_record",
]
