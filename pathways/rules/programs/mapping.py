"""From the phases of one version to those of another: where somebody stands who is moved to it."""

from collections.abc import Iterable, Mapping

from clinic.rules.sentences import sentence
from pathways.rules.documents import Problem
from pathways.rules.programs.document import ProgramDocument

PhaseMap = Mapping[str, str | None]


def suggest(old: ProgramDocument, new: ProgramDocument) -> dict[str, str | None]:
    """For each phase of the old version the one of the same key; None where a person must say."""
    return {phase.key: phase.key if new.find_phase(phase.key) else None for phase in old.phases}


def map_problems(
    old: ProgramDocument, new: ProgramDocument, mapping: PhaseMap, needed: Iterable[str] | None = None
) -> tuple[Problem, ...]:
    """What stands against moving people this way; the paths are `phase_map.<old phase>`.

    Every phase in `needed` (left out: every phase of the old version) must lead to a phase of the new one.
    """
    found = []
    for key, to in mapping.items():
        if old.find_phase(key) is None:
            found.append(Problem(f"phase_map.{key}", sentence("program.problem.no_such_phase", phase=key)))
        elif to is not None and new.find_phase(to) is None:
            found.append(Problem(f"phase_map.{key}", sentence("program.problem.no_such_phase", phase=to)))
    for key in (phase.key for phase in old.phases) if needed is None else needed:
        phase = old.find_phase(key)
        if phase is not None and mapping.get(key) is None:
            found.append(Problem(f"phase_map.{key}", sentence("program.map.undecided", phase=phase.title)))
    return tuple(found)
