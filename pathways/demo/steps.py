"""What happens in a story, as data: who does what, on which day, at which wall time of the site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from clinic.rules.roles import Role
from pathways.rules.levels import Level, PlacementReason
from pathways.rules.moves import Destination, DischargeReason, HoldReason, StepBackReason


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something at a moment: a day and a wall time, or so many minutes before the story is loaded."""

    on: date
    at: time
    minutes_ago: int | None = None


@dataclass(frozen=True, kw_only=True)
class Register(Step):
    """Somebody comes in for the first time."""


@dataclass(frozen=True, kw_only=True)
class TakeIntake(Step):
    """An intake sitting; `sections` are answered in order, and it is signed at the end where it is finished."""

    sections: tuple[str, ...]
    signed: bool = True
    held: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    risk: str = "none"


@dataclass(frozen=True, kw_only=True)
class Find(Step):
    """A form filled in. `band`: of the suicide screen; `keep`: what it raises stays open for the one who looks."""

    instrument: str
    settled: bool = False
    band: str = "none"
    held: Mapping[str, int] = field(default_factory=dict)
    scores: Mapping[str, int] = field(default_factory=dict)
    keep: bool = False


@dataclass(frozen=True, kw_only=True)
class Rate(Step):
    """Six ratings (in the order of the needs) and the decision; `level` None follows the suggestion."""

    ratings: tuple[int, int, int, int, int, int]
    level: Level | None = None
    reason: PlacementReason = PlacementReason.NONE
    note: str = ""
    signed_after_minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Enroll(Step):
    """Admission to the program."""


@dataclass(frozen=True, kw_only=True)
class Attest(Step):
    """A named person's word."""

    key: str
    role: Role = Role.COUNSELOR


@dataclass(frozen=True, kw_only=True)
class Advance(Step):
    """The next phase. `refused`: it is asked for too early, and the gate says no."""

    refused: bool = False
    set_aside: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class AskOverride(Step):
    """Requirements to be set aside with a second signature, which comes after so many minutes, or not yet."""

    criteria: tuple[str, ...]
    note: str
    signed_after_minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Return(Step):
    """A return to use, as told today about some days ago."""

    days_before: int = 1
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Assign(Step):
    """The next contact owed is given to somebody by name."""

    role: Role


@dataclass(frozen=True, kw_only=True)
class StepBack(Step):
    """A phase back, agreed."""

    reason: StepBackReason
    to_phase: str | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Hold(Step):
    """The pathway pauses."""

    reason: HoldReason
    review_days: int
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Resume(Step):
    """The pathway goes on."""


@dataclass(frozen=True, kw_only=True)
class Discharge(Step):
    """The enrollment ends."""

    reason: DischargeReason
    destination: Destination
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Readmit(Step):
    """Somebody comes back."""

    to_phase: str
    note: str = ""
