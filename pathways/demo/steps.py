"""What happens in a story, as data: who does what, on which day, at which wall time of the site."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time

from clinic.rules.roles import Role
from pathways.demo.words import Told
from pathways.rules.capacity import LevelReason, WaitPriority
from pathways.rules.levels import Level, PlacementReason
from pathways.rules.moves import Destination, DischargeReason, HoldReason, StepBackReason, TransferReason
from pathways.rules.plans import PlanKind, PlanSigner

OUTPATIENT, INTENSIVE, EARLY = "kratom-outpatient", "kratom-intensive-outpatient", "kratom-early-intervention"
EVERYBODY = (PlanSigner.PATIENT, PlanSigner.STAFF)


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
    diagnosis: bool = True
    level: Level | None = None
    reason: PlacementReason = PlacementReason.NONE
    note: str = ""
    signed_after_minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Enroll(Step):
    """Admission to a program."""

    program: str = OUTPATIENT


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

    told: Told
    days_before: int = 1


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


@dataclass(frozen=True, kw_only=True)
class Measure(Step):
    """Vital signs, blood and ECG, or a kratom screen. `values`: single values as the story wants them."""

    panel: str
    values: Mapping[str, int] = field(default_factory=dict)
    keep: bool = False


@dataclass(frozen=True, kw_only=True)
class SignConsent(Step):
    """A consent to tell others: the treating providers, or by name somebody who helps."""

    support_person: str = ""


@dataclass(frozen=True, kw_only=True)
class RevokeConsent(Step):
    """The newest consent is taken back, as people may at any time."""

    note: str


@dataclass(frozen=True, kw_only=True)
class WritePlan(Step):
    """A plan is written and signed by these, in that order; one that is there already is looked at again."""

    plan: PlanKind
    signed_by: tuple[PlanSigner, ...] = EVERYBODY
    short: bool = False


@dataclass(frozen=True, kw_only=True)
class Meet(Step):
    """A talk of two that was not in the calendar: booked as they sit down, written up afterwards."""

    modality: str
    role: Role = Role.COUNSELOR


@dataclass(frozen=True, kw_only=True)
class Propose(Step):
    """A program is proposed, and thought about."""

    program: str
    note: str


@dataclass(frozen=True, kw_only=True)
class PutOnWaitlist(Step):
    """In line for a place."""

    program: str
    priority: WaitPriority
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class OfferPlace(Step):
    """A place came free and is held for so many days."""

    days: int


@dataclass(frozen=True, kw_only=True)
class AcceptPlace(Step):
    """The place is taken."""


@dataclass(frozen=True, kw_only=True)
class TransferProgram(Step):
    """On in another program."""

    program: str
    reason: TransferReason
    note: str


@dataclass(frozen=True, kw_only=True)
class TransferLevel(Step):
    """Another level of care in the same phase."""

    level: Level
    reason: LevelReason
    note: str


@dataclass(frozen=True, kw_only=True)
class AdaptFollowUp(Step):
    """One contact of the program made different for one person, for a while."""

    rule_key: str
    change: Mapping[str, object]
    reason: str
    days: int
