"""What the pages of a program show of its parts: each as one row with the path where it stands in the document."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from clinic.rules.sentences import Sentence, sentence
from clinic.wording import say
from pathways.rules.gates import Criterion, Gate, instrument_name
from pathways.rules.gates.groups import Group
from pathways.rules.levels import Level
from pathways.rules.moves import REASONS, MoveKind
from pathways.rules.programs import (
    FollowUpRule,
    GateSide,
    Ladder,
    PhaseDef,
    ProgramDocument,
    TransitionRule,
)
from pathways.rules.programs.picture import WayBack
from pathways.rules.programs.wording import anchored, if_unmet, is_local, length, rung, schedule, wait
from pathways.web.boxes import boxed

Shown = dict[str, Any]
TURN = 2.5  # percent of a way's width in which its corner is rounded
LABEL_BELOW = 15


def gate_row(gate: Gate, path: str, language: str) -> Shown:
    """A gate with every requirement at every depth."""
    rows = [row for each in gate.criteria for row in _criterion(each, 0, language)]
    return {"gate": gate, "path": path, "criteria": rows}


def _criterion(criterion: Criterion, depth: int, language: str) -> Iterator[Shown]:
    """The requirement, then what stands in it."""
    yield {
        "depth": depth,
        "path": criterion.path,
        "key": criterion.key,
        "asks": boxed(criterion.kind.asks(), language) or say(criterion.kind.label(), language),
        "group": isinstance(criterion.kind, Group),
        "unmet": if_unmet(criterion) if depth == 0 else None,
        "source": criterion.source,
        "local": is_local(criterion.source),
    }
    for child in criterion.children:
        yield from _criterion(child, depth + 1, language)


def phase_row(phase: PhaseDef) -> Shown:
    """A phase with its activities and assessments."""
    return {
        "phase": phase,
        "path": phase.path,
        "length": length(phase.typical_days),
        "level": level_of(phase.level),
        "local": is_local(phase.source),
        "minutes": sum(each.weekly_minutes for each in phase.activities),
        "activities": [
            {
                "activity": each,
                "path": f"{phase.path}.activities[{place}]",
                "minutes": each.per_week * each.minutes,
                "local": is_local(each.source),
            }
            for place, each in enumerate(phase.activities)
        ],
        "assessments": [
            {
                "rule": each,
                "path": each.path,
                "name": instrument_name(each.instrument),
                "local": is_local(each.source),
            }
            for each in phase.assessments
        ],
    }


def level_of(code: str) -> StrEnum | str:
    """The level of care a document writes as "1" or "2M"; another word as it is."""
    try:
        return Level(f"L{code}")
    except ValueError:
        return code


def transition_row(document: ProgramDocument, rule: TransitionRule) -> Shown:
    """A way: what it does, from where to where, who takes it, why, and what is asked."""
    reasons = REASONS.get(rule.kind)
    return {
        "rule": rule,
        "path": rule.path,
        "from": _phase_name(document, rule.from_phase),
        "to": _phase_name(document, rule.to_phase),
        "reasons": [reasons(each) for each in rule.reasons] if reasons else [],
        "gate": gate_of(document, rule),
    }


def gate_of(document: ProgramDocument, rule: TransitionRule) -> list[Shown]:
    """The gates a way asks, by side, with their titles and how many requirements they have."""
    found = []
    for side in rule.gate:
        key = rule.from_phase if side is GateSide.EXIT else rule.to_phase
        phase = document.find_phase(key) if key else None
        gate = phase.gate(side) if phase else None
        found.append({"side": side, "gate": gate, "count": len(gate.criteria) if gate else 0})
    return found


def _phase_name(document: ProgramDocument, key: str | None) -> str | None:
    phase = document.find_phase(key) if key else None
    return phase.short_title or phase.title or key if phase else key


def way_words(document: ProgramDocument, rule: TransitionRule) -> Sentence:
    """A way in a few words: "step back, Therapy to Stabilization"."""
    here, there = _phase_name(document, rule.from_phase), _phase_name(document, rule.to_phase)
    if here and there:
        return sentence("studio.way.between", kind=rule.kind, here=here, there=there)
    if here:
        return sentence("studio.way.from", kind=rule.kind, here=here)
    return sentence("studio.way.to", kind=rule.kind, there=there) if there else sentence("studio.way", kind=rule.kind)


def follow_up_row(document: ProgramDocument, rule: FollowUpRule) -> Shown:
    """A contact owed: when, how, and what silence does."""
    ladder = next((each for each in document.ladders if each.key == rule.ladder), None)
    return {
        "rule": rule,
        "path": rule.path,
        "when": schedule(rule),
        "after": anchored(document, rule),
        "ladder": ladder,
        "ladder_key": rule.ladder,
        "instrument": instrument_name(rule.instrument) if rule.instrument else None,
        "local": is_local(rule.source),
    }


def ladder_row(ladder: Ladder) -> Shown:
    """A ladder with its steps."""
    last = len(ladder.rungs) - 1
    rungs = [
        {
            "kind": step.kind,
            "path": f"{ladder.path}.rungs[{place}]",
            "what": rung(step),
            "role": step.role,
            "wait": wait(step) if place < last else None,
        }
        for place, step in enumerate(ladder.rungs)
    ]
    return {"ladder": ladder, "path": ladder.path, "rungs": rungs, "local": is_local(ladder.source)}


def way_back_row(way: WayBack) -> Shown:
    """A way back as it is drawn, and in words."""
    reasons = [REASONS[MoveKind.STEP_BACK](each) for each in way.rule.reasons]
    said = sentence(
        "program.ways.back", leaving=way.from_phase.short_title, arriving=way.to_phase.short_title, reasons=reasons
    )
    return {
        "way": way,
        "reasons": len(reasons),
        "said": said,
        "mid": f"{(way.arrives + way.leaves) / 2:.1f}",
        "turn_left": f"{way.arrives + TURN:.1f}",
        "turn_right": f"{way.leaves - TURN:.1f}",
        "label_at": way.depth + LABEL_BELOW,
    }


def local_defaults(document: ProgramDocument) -> int:
    """How many numbers of a program are a choice of the clinic's own, which a clinician must confirm."""
    sources = [
        *(phase.source for phase in document.phases),
        *(each.source for phase in document.phases for each in phase.activities),
        *(each.source for phase in document.phases for each in phase.assessments),
        *(each.source for each in document.criteria()),
        *(each.source for each in document.follow_ups),
        *(each.source for each in document.ladders),
    ]
    return sum(is_local(each) for each in sources)
