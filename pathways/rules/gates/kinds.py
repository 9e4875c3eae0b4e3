"""Criteria that look at one sort of fact: an assessment, days in phase, safety flags, a person's word."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from clinic.rules.roles import Role
from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import params
from pathways.rules.gates.facts import Attested, GateFacts, OpenFlag, PhaseEntered, Reading, instrument_name
from pathways.rules.gates.params import Refers
from pathways.rules.gates.registry import FactKind, Look, Named, kind
from pathways.rules.gates.rows import LONGEST_WINDOW
from pathways.rules.gates.verdicts import Evidence, Finding, State
from patients.rules.instruments import Severity


@kind
@dataclass(frozen=True, slots=True)
class AssessmentDone(FactKind):
    """A final assessment of the instrument, at most `within_days` calendar days old.

    *missing*: there is none. *expired*: the newest is older. It holds through the day it turns `within_days` old.
    """

    KEY: ClassVar[str] = "assessment_done"
    FACTS: ClassVar[tuple[type, ...]] = (Reading,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.key("instrument", Refers.INSTRUMENT),
        params.whole("within_days", 0, LONGEST_WINDOW),
    )

    instrument: str
    within_days: int

    def needs(self) -> frozenset[Look]:
        return frozenset({Look(Reading, self.instrument, newest=1)})

    def asks(self) -> Sentence:
        return sentence("gate.assessment.asks", instrument=instrument_name(self.instrument), days=self.within_days)

    def named(self) -> tuple[Named, ...]:
        return (Named(self.instrument, within_days=self.within_days),)

    def judge(self, facts: GateFacts) -> Finding:
        readings = facts.readings_of(self.instrument)
        if not readings:
            found = sentence("gate.assessment.missing", instrument=instrument_name(self.instrument))
            return Finding(State.MISSING, found, (), None, facts.today, record_step(facts, self.instrument))
        newest = readings[0]
        done_on = facts.day_of(newest.effective_at)
        lapses_on = done_on + timedelta(days=self.within_days)
        seen = (assessment_evidence(newest, sentence("gate.assessment.done", on=done_on)),)
        if lapses_on < facts.today:
            found = sentence("gate.assessment.expired", on=done_on)
            step = record_step(facts, self.instrument)
            return Finding(State.EXPIRED, found, seen, None, facts.today, step)
        return Finding(State.MET, sentence("gate.assessment.met", on=done_on, until=lapses_on), seen, lapses_on)


@kind
@dataclass(frozen=True, slots=True)
class DaysInPhase(FactKind):
    """At least `at_least` calendar days, in the site's zone, since the day the present phase was entered.

    The day of entry counts as day 0. It never lapses. *missing*: the patient is in no phase yet.
    """

    KEY: ClassVar[str] = "days_in_phase"
    FACTS: ClassVar[tuple[type, ...]] = (PhaseEntered,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (params.whole("at_least", 1, LONGEST_WINDOW, called="days"),)

    at_least: int

    def asks(self) -> Sentence:
        return sentence("gate.days.asks", days=self.at_least)

    def judge(self, facts: GateFacts) -> Finding:
        entered_on = facts.phase_entered_on
        if entered_on is None:
            found = sentence("gate.days.missing")
            return Finding(State.MISSING, found, next_step=sentence("gate.days.next_admit"))
        days = (facts.today - entered_on).days
        found = sentence("gate.days.found", days=days, since=entered_on)
        if days >= self.at_least:
            return Finding(State.MET, found)
        ready_on = entered_on + timedelta(days=self.at_least)
        step = sentence("gate.days.next", on=ready_on)
        return Finding(State.UNMET, found, earliest=ready_on, next_step=step)


@kind
@dataclass(frozen=True, slots=True)
class NoOpenSafetyFlag(FactKind):
    """No safety flag of this severity or worse is open. Only a named person closes a flag, with what was done."""

    KEY: ClassVar[str] = "no_open_safety_flag"
    FACTS: ClassVar[tuple[type, ...]] = (OpenFlag,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (params.choice("severity", Severity),)

    severity: Severity

    def asks(self) -> Sentence:
        return sentence("gate.flag.asks", severity=self.severity)

    def judge(self, facts: GateFacts) -> Finding:
        serious = [flag for flag in facts.flags if flag.severity.at_least(self.severity)]
        if not serious:
            return Finding(State.MET, sentence("gate.flag.none", severity=self.severity))
        serious.sort(key=lambda flag: (-flag.severity.rank, flag.raised_at, str(flag.public_id)))
        evidence = tuple(self._evidence(facts, flag) for flag in serious)
        found = sentence("gate.flag.open", count=len(serious), title=serious[0].title)
        step = sentence("gate.flag.next", title=serious[0].title)
        return Finding(State.UNMET, found, evidence, earliest=facts.today, next_step=step)

    @staticmethod
    def _evidence(facts: GateFacts, flag: OpenFlag) -> Evidence:
        raised_on = facts.day_of(flag.raised_at)
        said = sentence("gate.flag.evidence", severity=flag.severity, title=flag.title, on=raised_on)
        return Evidence("safety_flag", flag.public_id, flag.raised_at, said)


@kind
@dataclass(frozen=True, slots=True)
class Attestation(FactKind):
    """A person in one of the roles said so, at most `valid_days` calendar days ago (no limit where left out).

    Facts the product does not hold yet, such as a plan agreed with the patient, enter a gate this way: by name.
    """

    KEY: ClassVar[str] = "attestation"
    FACTS: ClassVar[tuple[type, ...]] = (Attested,)
    PARAMS: ClassVar[tuple[params.Param, ...]] = (
        params.key("attestation"),
        params.text("statement"),
        params.choices("roles", Role),
        params.optional_whole("valid_days", 0, LONGEST_WINDOW),
    )

    attestation: str
    statement: str
    roles: tuple[Role, ...]
    valid_days: int | None

    def asks(self) -> Sentence:
        return sentence("gate.attestation.asks", statement=self.statement)

    def judge(self, facts: GateFacts) -> Finding:
        newest = self._newest(facts)
        step = sentence("gate.attestation.next", roles=self.roles)
        if newest is None:
            found = sentence("gate.attestation.missing")
            return Finding(State.MISSING, found, earliest=facts.today, next_step=step)
        on = facts.day_of(newest.at)
        said = sentence("gate.attestation.evidence", name=newest.by_name, role=newest.role, on=on)
        evidence = (Evidence("attestation", newest.public_id, newest.at, said),)
        if self.valid_days is None:
            return Finding(State.MET, said, evidence)
        lapses_on = on + timedelta(days=self.valid_days)
        if lapses_on < facts.today:
            found = sentence("gate.attestation.expired", name=newest.by_name, on=on)
            return Finding(State.EXPIRED, found, evidence, None, facts.today, step)
        found = sentence("gate.attestation.until", name=newest.by_name, on=on, until=lapses_on)
        return Finding(State.MET, found, evidence, lapses_on)

    def _newest(self, facts: GateFacts) -> Attested | None:
        fitting = [
            each
            for each in facts.attestations
            if each.key == self.attestation and each.role in self.roles and each.at <= facts.as_of
        ]
        return max(fitting, key=lambda each: each.at, default=None)


def assessment_evidence(reading: Reading, said: Sentence) -> Evidence:
    """The assessment a finding rests on."""
    return Evidence("assessment", reading.public_id, reading.effective_at, said)


def record_step(facts: GateFacts, instrument: str) -> Sentence:
    """What to do when an assessment is wanting: send the form where the patient can fill it in, else record it."""
    code = "gate.assessment.next_send" if instrument in facts.sendable else "gate.assessment.next_record"
    return sentence(code, instrument=instrument_name(instrument))
