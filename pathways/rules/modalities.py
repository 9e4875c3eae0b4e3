"""What a modality is: how it takes place, how long as a rule, who leads it, and whether its minutes count.

Source: domain/modalities.md. Durations are settings, not findings; what counts toward the hours of a level differs by
payer and state, so it can be set differently for each session.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.reminders import Offsets, in_order, offset_of, offsets_problem
from pathways.rules.sessions import MOST_IN_A_GROUP, SessionKind


class FiguresFrom(StrEnum):
    """Where a modality's figures come from."""

    LOCAL_DEFAULT = "local_default"
    GENERAL_KNOWLEDGE = "general_knowledge"


class Credential(StrEnum):
    """What somebody must be to lead it."""

    COUNSELOR = "counselor"
    CLINICIAN = "clinician"
    NURSE = "nurse"
    DIETITIAN = "dietitian"
    CASE_MANAGER = "case_manager"
    PEER_SUPPORTER = "peer_supporter"
    ACUPUNCTURIST = "acupuncturist"
    MASSAGE_THERAPIST = "massage_therapist"
    MOVEMENT_TEACHER = "movement_teacher"
    ART_THERAPIST = "art_therapist"
    EQUINE_THERAPIST = "equine_therapist"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Setting:
    """One way a modality takes place: usual minutes, a billing code where one was seen, most people at once.

    `reminders`: how long before it its people are reminded; None: as is usual for its kind.
    """

    kind: SessionKind
    minutes: int
    code: str = ""
    most: int = 1
    reminders: Offsets | None = None


@dataclass(frozen=True, slots=True)
class ModalityDefinition:
    """A modality. `settings`, the usual one first; an `adjunct` stands beside treatment and does not count."""

    key: str
    settings: tuple[Setting, ...]
    credential: Credential
    counts_toward_hours: bool
    adjunct: bool
    basis: FiguresFrom

    @property
    def title(self) -> Sentence:
        return sentence(f"modality.{self.key}")

    @property
    def kind(self) -> SessionKind:
        return self.settings[0].kind

    @property
    def minutes(self) -> int:
        return self.settings[0].minutes

    @property
    def kinds(self) -> tuple[SessionKind, ...]:
        return tuple(each.kind for each in self.settings)

    def setting(self, kind: SessionKind) -> Setting:
        """How it takes place in this kind. Raises ValueError where it does not."""
        for each in self.settings:
            if each.kind == kind:
                return each
        raise ValueError(f"{self.key} does not take place as {kind}")


def parse_modality(document: Mapping[str, Any]) -> ModalityDefinition:
    """A definition from its data. Raises ValueError (KeyError for a missing part) where it contradicts itself."""
    known = {"key", "settings", "credential", "counts_toward_hours", "adjunct", "basis"}
    if unknown := sorted(set(document) - known):
        raise ValueError(f"{document.get('key')}: unknown {', '.join(unknown)}")
    found = ModalityDefinition(
        key=str(document["key"]),
        settings=tuple(_setting(kind, each) for kind, each in document["settings"].items()),
        credential=Credential(document["credential"]),
        counts_toward_hours=bool(document.get("counts_toward_hours", True)),
        adjunct=bool(document.get("adjunct", False)),
        basis=FiguresFrom(document["basis"]),
    )
    if found.adjunct and found.counts_toward_hours:
        raise ValueError(f"{found.key}: an adjunct does not count toward the hours")
    if SessionKind.EXTERNAL in found.kinds and found.counts_toward_hours:
        raise ValueError(f"{found.key}: what takes place elsewhere does not count toward the hours")
    return found


def parse_modalities(documents: Sequence[Mapping[str, Any]]) -> tuple[ModalityDefinition, ...]:
    """Every definition in the order given. Raises ValueError for a key that stands twice."""
    found = tuple(parse_modality(each) for each in documents)
    keys = [each.key for each in found]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ValueError(f"twice: {', '.join(twice)}")
    return found


def _setting(kind: str, document: Mapping[str, Any]) -> Setting:
    sort = SessionKind(kind)
    usual_most = 1 if sort == SessionKind.INDIVIDUAL else MOST_IN_A_GROUP
    reminders = document.get("reminders")
    found = Setting(
        sort,
        int(document["minutes"]),
        str(document.get("code", "")),
        int(document.get("most", usual_most)),
        None if reminders is None else in_order([offset_of(each) for each in reminders]),
    )
    if offsets_problem(found.reminders or ()):
        raise ValueError(f"{kind}: cannot be reminded of {reminders}")
    if not 1 <= found.minutes <= 1440:
        raise ValueError(f"{kind}: {found.minutes} minutes")
    if found.most < 1 or (sort == SessionKind.INDIVIDUAL and found.most != 1):
        raise ValueError(f"{kind}: {found.most} people at once")
    return found
