"""The criterion that asks for a consent in force: whether it holds is computed at the moment asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.registry import FactKind, kind
from pathways.rules.gates.verdicts import Evidence, Finding, State
from patients.rules.consents import ConsentKind, ConsentPurpose, DisclosureCategory, RecipientClass


@dataclass(frozen=True, slots=True)
class ConsentHeld:
    """A signed consent. `expires_on` is its last day: the date it names, or the day its event came."""

    public_id: UUID
    kind: ConsentKind
    purposes: tuple[ConsentPurpose, ...]
    categories: tuple[DisclosureCategory, ...]
    recipient_class: RecipientClass
    signed_at: datetime
    expires_on: date | None = None
    revoked_at: datetime | None = None

    def covers(self, category: DisclosureCategory) -> bool:
        """Whether it lets this be told. Everything but notes is everything but counseling notes."""
        general = DisclosureCategory.EVERYTHING_BUT_NOTES in self.categories
        return category in self.categories or (general and category is not DisclosureCategory.COUNSELING_NOTES)


@kind
@dataclass(frozen=True, slots=True)
class ConsentInForce(FactKind):
    """A consent for this purpose, to this sort of recipient, that covers these categories, holds at the moment.

    Signed by then, not taken back by then, and not past its last day (42 CFR 2.31). *expired*: it was there and its
    time is over. *unmet*: it was taken back. *missing*: there is none that covers what is asked.
    """

    KEY: ClassVar[str] = "consent_in_force"
    FACTS: ClassVar[tuple[type, ...]] = (ConsentHeld,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.choice("purpose", ConsentPurpose),
        params.choice("recipient", RecipientClass, required=False),
        params.choices("categories", DisclosureCategory, required=False),
    )

    purpose: ConsentPurpose
    recipient: RecipientClass | None = None
    categories: tuple[DisclosureCategory, ...] = ()

    def asks(self) -> Sentence:
        code = "gate.consent.asks" + ("_to" if self.recipient else "") + ("_about" if self.categories else "")
        given = {"purpose": self.purpose, "recipient": self.recipient, "categories": self.categories}
        return sentence(code, **{name: value for name, value in given.items() if value})

    def judge(self, facts: GateFacts) -> Finding:
        signed = [each for each in facts.of(ConsentHeld) if each.signed_at <= facts.as_of and self._covers(each)]
        signed.sort(key=lambda each: each.signed_at, reverse=True)
        standing = [each for each in signed if not self._revoked(facts, each)]
        holding = [each for each in standing if each.expires_on is None or each.expires_on >= facts.today]
        if holding:
            return self._met(facts, holding)
        step = sentence("gate.consent.next", purpose=self.purpose)
        if not signed:
            return Finding(State.MISSING, sentence("gate.consent.missing"), (), None, facts.today, step)
        if standing:
            over = max(standing, key=lambda each: each.expires_on or date.max)
            found = sentence("gate.consent.expired", on=over.expires_on)
            return Finding(State.EXPIRED, found, (self._evidence(facts, over),), None, facts.today, step)
        newest = signed[0]
        found = sentence("gate.consent.revoked", on=facts.day_of(newest.revoked_at or facts.as_of))
        return Finding(State.UNMET, found, (self._evidence(facts, newest),), None, facts.today, step)

    def _met(self, facts: GateFacts, holding: Sequence[ConsentHeld]) -> Finding:
        longest = max(holding, key=lambda each: each.expires_on or date.max)
        on, evidence = facts.day_of(longest.signed_at), (self._evidence(facts, longest),)
        if longest.expires_on is None:
            return Finding(State.MET, sentence("gate.consent.met", on=on), evidence)
        found = sentence("gate.consent.until", on=on, until=longest.expires_on)
        return Finding(State.MET, found, evidence, longest.expires_on)

    def _covers(self, each: ConsentHeld) -> bool:
        if self.purpose not in each.purposes or self.recipient not in (None, each.recipient_class):
            return False
        return all(each.covers(category) for category in self.categories)

    @staticmethod
    def _revoked(facts: GateFacts, each: ConsentHeld) -> bool:
        return each.revoked_at is not None and each.revoked_at <= facts.as_of

    @staticmethod
    def _evidence(facts: GateFacts, each: ConsentHeld) -> Evidence:
        said = sentence("gate.consent.evidence", kind=each.kind, on=facts.day_of(each.signed_at))
        return Evidence("consent", each.public_id, each.signed_at, said)
