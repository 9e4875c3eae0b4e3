"""A move that was made, and the rule of the program it was made by."""

from dataclasses import dataclass
from datetime import datetime

from pathways.rules.moves import TO_A_PHASE, EnrollmentStatus, MoveKind
from pathways.rules.programs import TransitionRule


@dataclass(frozen=True, slots=True)
class Moved:
    """A transition that was written; phases by their keys."""

    at: datetime
    kind: MoveKind
    from_phase: str | None
    to_phase: str | None
    to_status: EnrollmentStatus
    reason: str = ""

    def by(self, rule: TransitionRule) -> bool:
        """Whether the rule is one this move is made by."""
        if rule.kind is not self.kind or (rule.reasons and self.reason not in rule.reasons):
            return False
        if self.kind in TO_A_PHASE and rule.to_phase != self.to_phase:
            return False
        return rule.from_phase in (None, self.from_phase)
