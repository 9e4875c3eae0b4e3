"""The criterion that asks for a consent in force: whether it holds is computed at the moment asked about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import params
from pathways.rules.gates.facts import GateFacts
from pathways.rules.gates.registry import FactKind, kind
from pathways.rules.gates.verdicts import Evidence, Finding, State
from patients.rules.consents import (
    ConsentPurpose,
    DisclosureCategory,
    RecipientClass,
    SignedConsent,
    Standing,
    covers_category,
    standing,
)


@dataclass(frozen=True, slots=True)
class ConsentHeld:
    """A signed consent, and the day on which the treatment it may last as long as was over."""

    public_id: UUID
    signed: SignedConsent
    treatment_ended_on: date | None = None


@kind
@dataclass(frozen=True, slots=True)
class ConsentInForce(FactKind):
    """A consent for this purpose, to this sort of recipient, that covers these categories, holds at the moment.

    Whether one holds is the one rule of the clinic (`patients.rules.consents`, 42 CFR 2.31), asked at the moment of the
    move. *expired*: it was there and its time is over. *unmet*: it was taken back. *missing*: there is none that covers
    what is asked.
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
        signed = [each for each in facts.of(ConsentHeld) if self._known(facts, each) and self._covers(each.signed)]
        signed.sort(key=lambda each: each.signed.effective_at, reverse=True)
        stands = [(each, self._standing(facts, each)) for each in signed]
        holding = [(each, found) for each, found in stands if found.holds]
        if holding:
            each, found = max(holding, key=lambda one: one[1].until or date.max)
            return Finding(State.MET, found.why, (self._evidence(facts, each),), found.until)
        step = sentence("gate.consent.next", purpose=self.purpose)
        if not stands:
            return Finding(State.MISSING, sentence("gate.consent.missing"), (), None, facts.today, step)
        each, found = self._nearest(facts, stands)
        state = State.UNMET if self._revoked(facts, each) else State.EXPIRED
        return Finding(state, found.why, (self._evidence(facts, each),), None, facts.today, step)

    def _known(self, facts: GateFacts, each: ConsentHeld) -> bool:
        """Whether it was signed by then, and no later one had taken its place."""
        replaced = each.signed.replaced_at
        return each.signed.effective_at <= facts.as_of and (replaced is None or replaced > facts.as_of)

    def _covers(self, signed: SignedConsent) -> bool:
        if self.purpose not in signed.purposes or self.recipient not in (None, signed.recipient_class):
            return False
        return all(covers_category(signed, category) for category in self.categories)

    @staticmethod
    def _standing(facts: GateFacts, each: ConsentHeld) -> Standing:
        return standing(each.signed, facts.as_of, facts.today, each.treatment_ended_on)

    def _nearest(
        self, facts: GateFacts, stands: Sequence[tuple[ConsentHeld, Standing]]
    ) -> tuple[ConsentHeld, Standing]:
        """The newest whose time is over; where all were taken back, the newest of them."""
        over = [one for one in stands if not self._revoked(facts, one[0])]
        return (over or stands)[0]

    @staticmethod
    def _revoked(facts: GateFacts, each: ConsentHeld) -> bool:
        return each.signed.revoked_at is not None and each.signed.revoked_at <= facts.as_of

    @staticmethod
    def _evidence(facts: GateFacts, each: ConsentHeld) -> Evidence:
        said = sentence("gate.consent.evidence", kind=each.signed.kind, on=facts.day_of(each.signed.effective_at))
        return Evidence("consent", each.public_id, each.signed.effective_at, said)
