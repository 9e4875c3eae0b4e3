"""Early warnings: what plain counting says before somebody is lost, each with its reason and what it rests on.

Local defaults unless a source stands beside them; none of them is a clinical finding. A person looks, and decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates.verdicts import Evidence
from pathways.rules.worklist import MISSED_CONTACTS
from patients.rules.observations import ObservationResult

CRAVING = "craving_vas"
CRAVING_HIGH = 7  # follow-up.md: escalate where craving is 7 or more of 10
RISES = 2
GROUPS_IN_A_ROW = 2
NEGATIVES_BEFORE = 2
SILENT_DAYS = 7  # follow-up.md, missed-contact ladder (L): day 7, outreach worker
MESSAGES_UNANSWERED = 2
RECENT = timedelta(days=14)
"""What happened longer ago is history, and stands in the chart."""
LONGEST_SILENCE = timedelta(days=30)
"""Messages older than this are not looked at: by then the ladder has led to a person."""


class WarningKind(StrEnum):
    """The rules, the gravest first."""

    POSITIVE_SCREEN = "positive_screen"
    RISING_CRAVING = "rising_craving"
    MISSED_GROUPS = "missed_groups"
    MISSED_CONTACTS = "missed_contacts"
    SILENCE = "silence"


FROM_FINDINGS = frozenset({WarningKind.POSITIVE_SCREEN, WarningKind.RISING_CRAVING})
"""What these say is read only by who may read assessments and results."""


@dataclass(frozen=True, slots=True)
class GroupPlace:
    """A place in a group whose outcome is known. `title`: what the group is called."""

    public_id: UUID
    title: str | Sentence
    at: datetime
    came: bool


@dataclass(frozen=True, slots=True)
class CravingReading:
    """A reading of the craving scale, 0 to 10."""

    public_id: UUID
    at: datetime
    value: int


@dataclass(frozen=True, slots=True)
class ScreenResult:
    """One result of one drug screen that says something. `test` is its name in words."""

    public_id: UUID
    test: Sentence
    at: datetime
    result: ObservationResult


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Messages that went out since anything was heard: how many, the first of them, and when anything was last heard
    (None: not since the person joined)."""

    messages: int
    first_at: datetime
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class MissedContact:
    """A call nobody answered."""

    public_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class WarningFacts:
    """What is known of one person, each list the newest first. `zone`: where their days are counted.

    screens: the results of each test apart · missed: calls without an answer since the last one that was answered.
    """

    zone: str
    groups: Sequence[GroupPlace] = ()
    cravings: Sequence[CravingReading] = ()
    screens: Sequence[Sequence[ScreenResult]] = ()
    unanswered: Unanswered | None = None
    missed: Sequence[MissedContact] = ()


@dataclass(frozen=True, slots=True)
class EarlyWarning:
    """One warning. `key` names what it rests on: the same warning from newer evidence has another. `at`: since when."""

    kind: WarningKind
    reason: Sentence
    evidence: tuple[Evidence, ...]
    key: str
    at: datetime


def warnings(facts: WarningFacts, now: datetime) -> tuple[EarlyWarning, ...]:
    """Every warning that holds now, the gravest first."""
    found = [
        *_positive_screens(facts, now),
        _rising_craving(facts, now),
        _missed_groups(facts, now),
        _missed_contacts(facts, now),
        _silence(facts, now),
    ]
    return tuple(each for each in found if each is not None)


def _positive_screens(facts: WarningFacts, now: datetime) -> list[EarlyWarning]:
    """A positive result after at least two negatives in a row of the same test."""
    return [found for results in facts.screens if (found := _positive_screen(facts, results, now)) is not None]


def _positive_screen(facts: WarningFacts, results: Sequence[ScreenResult], now: datetime) -> EarlyWarning | None:
    before = results[1 : NEGATIVES_BEFORE + 1]
    if len(before) < NEGATIVES_BEFORE or not _is_recent(results[0].at, now):
        return None
    if results[0].result is not ObservationResult.POSITIVE:
        return None
    if any(each.result is not ObservationResult.NEGATIVE for each in before):
        return None
    newest = results[0]
    reason = sentence("warning.positive_screen", test=newest.test, on=_day(newest.at, facts), n=NEGATIVES_BEFORE)
    said = [sentence("warning.evidence.screen", result=each.result, on=_day(each.at, facts))
            for each in results[: NEGATIVES_BEFORE + 1]]  # fmt: skip
    evidence = _evidence("observation", results, said)
    return EarlyWarning(WarningKind.POSITIVE_SCREEN, reason, evidence, str(newest.public_id), newest.at)


def _rising_craving(facts: WarningFacts, now: datetime) -> EarlyWarning | None:
    """Two rises in a row, or a reading of 7 or more."""
    readings = facts.cravings[: RISES + 1]
    if not readings or not _is_recent(readings[0].at, now):
        return None
    newest = readings[0]
    values = [each.value for each in reversed(readings)]
    if len(values) > RISES and all(earlier < later for earlier, later in pairwise(values)):
        reason = sentence("warning.rising_craving", values=[str(each) for each in values], on=_day(newest.at, facts))
    elif newest.value >= CRAVING_HIGH:
        reason, readings = sentence("warning.high_craving", value=newest.value, on=_day(newest.at, facts)), readings[:1]
    else:
        return None
    said = [sentence("warning.evidence.craving", value=each.value, on=_day(each.at, facts)) for each in readings]
    evidence = _evidence("assessment", readings, said)
    return EarlyWarning(WarningKind.RISING_CRAVING, reason, evidence, str(newest.public_id), newest.at)


def _missed_groups(facts: WarningFacts, now: datetime) -> EarlyWarning | None:
    """The last two groups somebody was booked into took place without them."""
    places = facts.groups[:GROUPS_IN_A_ROW]
    if len(places) < GROUPS_IN_A_ROW or any(each.came for each in places) or not _is_recent(places[0].at, now):
        return None
    newest = places[0]
    reason = sentence("warning.missed_groups", titles=_titles(places), days=[_day(each.at, facts) for each in places])
    said = [sentence("warning.evidence.group", title=each.title, on=_day(each.at, facts)) for each in places]
    evidence = _evidence("session", places, said)
    return EarlyWarning(WarningKind.MISSED_GROUPS, reason, evidence, str(newest.public_id), newest.at)


def _titles(places: Sequence[GroupPlace]) -> list[str | Sentence]:
    return list(dict.fromkeys(each.title for each in places))


def _missed_contacts(facts: WarningFacts, now: datetime) -> EarlyWarning | None:
    """Two contacts in a row without an answer (follow-up.md: step up the frequency)."""
    missed = facts.missed
    if len(missed) < MISSED_CONTACTS or not _is_recent(missed[0].at, now):
        return None
    newest = missed[0]
    reason = sentence("warning.missed_contacts", n=len(missed), on=_day(missed[-1].at, facts))
    said = [sentence("warning.evidence.call", at=each.at.astimezone(ZoneInfo(facts.zone))) for each in missed]
    evidence = _evidence("call_result", missed, said)
    return EarlyWarning(WarningKind.MISSED_CONTACTS, reason, evidence, str(newest.public_id), newest.at)


def _silence(facts: WarningFacts, now: datetime) -> EarlyWarning | None:
    """Nothing at all was heard for a week in which messages went out. Noted, it comes back after another week."""
    known = facts.unanswered
    if known is None or known.messages < MESSAGES_UNANSWERED or now - known.first_at < timedelta(days=SILENT_DAYS):
        return None
    since = known.heard_at or known.first_at
    days = (now - known.first_at).days
    code = "warning.silence" if known.heard_at else "warning.silence_ever"
    reason = sentence(code, n=known.messages, first=_day(known.first_at, facts), heard=_day(since, facts))
    key = f"{since:%Y-%m-%dT%H:%M}+{days // SILENT_DAYS}"
    return EarlyWarning(WarningKind.SILENCE, reason, (), key, known.first_at)


def _is_recent(at: datetime, now: datetime) -> bool:
    return now - RECENT <= at <= now


def _day(at: datetime, facts: WarningFacts) -> object:
    return at.astimezone(ZoneInfo(facts.zone)).date()


def _evidence(
    kind: str,
    rows: Sequence[ScreenResult | CravingReading | GroupPlace | MissedContact],
    said: Sequence[Sentence],
) -> tuple[Evidence, ...]:
    return tuple(Evidence(kind, row.public_id, row.at, words) for row, words in zip(rows, said, strict=False))
