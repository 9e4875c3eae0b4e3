"""The criterion that looks ahead: the next contact or session is booked before the patient moves on."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.documents import Fields
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.names import modality_name
from pathways.rules.gates.params import Refers
from pathways.rules.gates.registry import FactKind, kind
from pathways.rules.gates.verdicts import Evidence, Finding, State
from pathways.rules.purposes import Purpose

FARTHEST = 365


class ContactType(StrEnum):
    """What is booked."""

    FOLLOW_UP = "follow_up"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class BookedContact:
    """A contact that is owed or a session somebody has a place in; what was cancelled or superseded is none.

    `purpose` of a follow-up, `modality` of a session.
    """

    type: ContactType
    public_id: UUID
    at: datetime
    purpose: Purpose | None = None
    modality: str = ""


@kind
@dataclass(frozen=True, slots=True)
class ContactBooked(FactKind):
    """A follow-up or a session is booked within `within_days` calendar days after the move.

    `purposes` narrows follow-ups, `modalities` sessions. *missing*: nothing is booked. *unmet*: the first one comes
    later. It holds through the day of the last one that fits.
    """

    KEY: ClassVar[str] = "contact_booked"
    FACTS: ClassVar[tuple[type, ...]] = (BookedContact,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.choices("what", ContactType),
        params.choices("purposes", Purpose, required=False),
        params.keys("modalities", Refers.MODALITY, required=False),
        params.whole("within_days", 0, FARTHEST),
    )

    what: tuple[ContactType, ...]
    purposes: tuple[Purpose, ...]
    modalities: tuple[str, ...]
    within_days: int

    def check(self, fields: Fields) -> None:
        if self.purposes and ContactType.FOLLOW_UP not in self.what:
            fields.refuse("purposes", "program.problem.not_asked_about", what=ContactType.FOLLOW_UP)
        if self.modalities and ContactType.SESSION not in self.what:
            fields.refuse("modalities", "program.problem.not_asked_about", what=ContactType.SESSION)

    def asks(self) -> Sentence:
        return sentence("gate.booked.asks", what=self._what(), days=self.within_days)

    def judge(self, facts: GateFacts) -> Finding:
        ahead = sorted(
            (each for each in facts.of(BookedContact) if each.at >= facts.as_of and self._wanted(each)),
            key=lambda each: each.at,
        )
        last_day = facts.today + timedelta(days=self.within_days)
        step = sentence("gate.booked.next", what=self._what(), until=last_day)
        if not ahead:
            return Finding(State.MISSING, sentence("gate.booked.missing"), (), None, facts.today, step)
        fitting = [each for each in ahead if facts.day_of(each.at) <= last_day]
        first = self._evidence(facts, ahead[0])
        if not fitting:
            found = sentence("gate.booked.later", on=facts.day_of(ahead[0].at))
            return Finding(State.UNMET, found, (first,), None, facts.today, step)
        found = sentence("gate.booked.met", contact=first.sentence)
        return Finding(State.MET, found, (first,), facts.day_of(fitting[-1].at))

    def _wanted(self, each: BookedContact) -> bool:
        if each.type not in self.what:
            return False
        if each.type is ContactType.FOLLOW_UP:
            return not self.purposes or each.purpose in self.purposes
        return not self.modalities or each.modality in self.modalities

    def _what(self) -> object:
        """`a follow-up (check-in) or a session`."""
        words = [self._narrowed(each) for each in self.what]
        if len(words) < 2:
            return words[0] if words else "…"
        return sentence("gate.limit.or", first=words[0], then=words[1])

    def _narrowed(self, what: ContactType) -> Sentence:
        names: tuple[object, ...] = self.purposes
        if what is ContactType.SESSION:
            names = tuple(modality_name(key) for key in self.modalities)
        if not names:
            return sentence(f"gate.booked.{what.value}")
        return sentence(f"gate.booked.{what.value}_of", names=names)

    @staticmethod
    def _evidence(facts: GateFacts, each: BookedContact) -> Evidence:
        name = each.purpose if each.type is ContactType.FOLLOW_UP else modality_name(each.modality)
        said = sentence("gate.booked.evidence", name=name or each.type, at=facts.local(each.at))
        return Evidence(each.type.value, each.public_id, each.at, said)
