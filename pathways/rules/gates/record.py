"""A decision as it is kept: codes, parameters and facts, no text; and back again."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates.bookings import ContactType
from pathways.rules.gates.facts import InstrumentName
from pathways.rules.gates.levels import LevelBasis
from pathways.rules.gates.observations import ObservationOp
from pathways.rules.gates.overrides import Override, OverrideReason
from pathways.rules.gates.plans import PlanPart, PlanState
from pathways.rules.gates.scores import Comparison
from pathways.rules.gates.verdicts import CriterionResult, Decision, Evidence, Lapse, Requirement, State
from pathways.rules.levels import Level
from pathways.rules.plans import PlanElementKind, PlanKind
from pathways.rules.purposes import Purpose
from pathways.rules.sessions import AttendanceStatus
from patients.rules.consents import ConsentKind, ConsentPurpose, DisclosureCategory, RecipientClass
from patients.rules.instruments import Severity
from patients.rules.observations import ObservationResult

Record = dict[str, Any]
MEMBERS: dict[str, type[StrEnum]] = {
    each.__name__: each
    for each in (
        *(Role, Severity, InstrumentName, Comparison, State, Requirement, OverrideReason),
        *(ObservationOp, ObservationResult, AttendanceStatus),
        *(PlanKind, PlanPart, PlanElementKind, PlanState, ContactType, Purpose),
        *(ConsentKind, ConsentPurpose, RecipientClass, DisclosureCategory, Level, LevelBasis),
    )
}
"""Every enumeration whose members stand in a sentence of a gate."""
READERS: dict[str, Callable[[str], object]] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
}


def as_record(decision: Decision) -> Record:
    """The decision as plain JSON: what was asked, found and decided, with the records it rests on."""
    lapse = decision.lapses_next
    return {
        "gate": decision.gate,
        "as_of": decision.as_of.isoformat(),
        "met": decision.met,
        "met_count": decision.met_count,
        "of_count": decision.of_count,
        "earliest": _iso(decision.earliest),
        "lapses_next": {"criterion": lapse.criterion, "on": lapse.on.isoformat()} if lapse else None,
        "criteria": [_criterion(each) for each in decision.criteria],
    }


def from_record(record: Mapping[str, Any]) -> Decision:
    """The decision a record keeps. Raises ValueError or KeyError for a record that is none."""
    lapse = record["lapses_next"]
    return Decision(
        gate=record["gate"],
        as_of=datetime.fromisoformat(record["as_of"]),
        met=record["met"],
        criteria=tuple(_criterion_from(each) for each in record["criteria"]),
        met_count=record["met_count"],
        of_count=record["of_count"],
        earliest=_day(record["earliest"]),
        lapses_next=Lapse(lapse["criterion"], date.fromisoformat(lapse["on"])) if lapse else None,
    )


def sentence_as_record(said: Sentence) -> Record:
    """A sentence as plain JSON: its code and its typed parameters."""
    return {"code": said.code, "params": {key: _plain(value) for key, value in said.params.items()}}


def sentence_from_record(record: Mapping[str, Any]) -> Sentence:
    """The sentence a record keeps."""
    return sentence(record["code"], **{key: _typed(value) for key, value in record["params"].items()})


def _criterion(result: CriterionResult) -> Record:
    return {
        "key": result.key,
        "kind": result.kind,
        "state": result.state.value,
        "requirement": result.requirement.value,
        "sentence": sentence_as_record(result.sentence),
        "found": sentence_as_record(result.found),
        "evidence": [_evidence(each) for each in result.evidence],
        "lapses_on": _iso(result.lapses_on),
        "earliest": _iso(result.earliest),
        "next_step": sentence_as_record(result.next_step) if result.next_step else None,
        "overridable_by": [role.value for role in result.overridable_by],
        "needs_reason": result.needs_reason,
        "cosigned_by": [role.value for role in result.cosigned_by],
        "set_aside": _override(result.set_aside) if result.set_aside else None,
        "children": [_criterion(each) for each in result.children],
    }


def _criterion_from(record: Mapping[str, Any]) -> CriterionResult:
    return CriterionResult(
        key=record["key"],
        kind=record["kind"],
        state=State(record["state"]),
        requirement=Requirement(record["requirement"]),
        sentence=sentence_from_record(record["sentence"]),
        found=sentence_from_record(record["found"]),
        evidence=tuple(_evidence_from(each) for each in record["evidence"]),
        lapses_on=_day(record["lapses_on"]),
        earliest=_day(record["earliest"]),
        next_step=sentence_from_record(record["next_step"]) if record["next_step"] else None,
        overridable_by=tuple(Role(each) for each in record["overridable_by"]),
        needs_reason=record["needs_reason"],
        cosigned_by=tuple(Role(each) for each in record["cosigned_by"]),
        set_aside=_override_from(record["set_aside"]) if record["set_aside"] else None,
        children=tuple(_criterion_from(each) for each in record["children"]),
    )


def _evidence(evidence: Evidence) -> Record:
    return {
        "type": evidence.type,
        "public_id": str(evidence.public_id),
        "at": evidence.at.isoformat(),
        "sentence": sentence_as_record(evidence.sentence),
    }


def _evidence_from(record: Mapping[str, Any]) -> Evidence:
    at = datetime.fromisoformat(record["at"])
    return Evidence(record["type"], UUID(record["public_id"]), at, sentence_from_record(record["sentence"]))


def _override(override: Override) -> Record:
    return {
        "criterion": override.criterion,
        "by": str(override.by),
        "roles": [role.value for role in override.roles],
        "reason": override.reason.value if override.reason else None,
        "note": override.note,
        "cosigned_by": str(override.cosigned_by) if override.cosigned_by else None,
        "cosigner_roles": [role.value for role in override.cosigner_roles],
    }


def _override_from(record: Mapping[str, Any]) -> Override:
    return Override(
        criterion=record["criterion"],
        by=UUID(record["by"]),
        roles=tuple(Role(each) for each in record["roles"]),
        reason=OverrideReason(record["reason"]) if record["reason"] else None,
        note=record["note"],
        cosigned_by=UUID(record["cosigned_by"]) if record["cosigned_by"] else None,
        cosigner_roles=tuple(Role(each) for each in record["cosigner_roles"]),
    )


def _plain(value: object) -> object:
    """A parameter as JSON. What JSON has no word for is tagged: {"date": "2026-06-19"}."""
    match value:
        case Sentence():
            return {"sentence": sentence_as_record(value)}
        case StrEnum():
            return {"label": [type(value).__name__, value.value]}
        case None | bool() | int() | float() | str():
            return value
        case datetime() | date() | time():
            return {type(value).__name__: value.isoformat()}
        case Decimal() | UUID():
            return {type(value).__name__.lower(): str(value)}
        case list() | tuple():
            return [_plain(each) for each in value]
    raise ValueError(f"a sentence cannot hold {type(value).__name__}")


def _typed(value: object) -> object:
    if isinstance(value, list):
        return tuple(_typed(each) for each in value)
    if not isinstance(value, dict):
        return value
    ((tag, kept),) = value.items()
    if tag == "sentence":
        return sentence_from_record(kept)
    if tag == "label":
        return MEMBERS[kept[0]](kept[1])
    return READERS[tag](kept)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
