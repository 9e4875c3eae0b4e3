"""What a program says about its contacts and requirements, in sentences."""

from clinic.rules.sentences import Sentence, sentence
from pathways.rules.gates import Criterion, Requirement
from pathways.rules.levels.needs import Level
from pathways.rules.programs.document import (
    AdaptiveMonths,
    AnchorKind,
    Every,
    FollowUpRule,
    Offsets,
    ProgramDocument,
    Rung,
    RungKind,
)

LOCAL = "local default"
"""How a document marks a number that is ours: a clinician must confirm it before it is relied on."""

DAYS_IN_WEEKS_UP_TO = 182
DAYS_A_WEEK, DAYS_A_MONTH = 7, 365 / 12


def is_local(source: str) -> bool:
    """Whether a number still waits for a clinician to confirm it."""
    return LOCAL in source.casefold()


def schedule(rule: FollowUpRule) -> Sentence:
    """When the contacts of a rule are due, counted from its anchor ("on day 2, 14 and 30")."""
    match rule.schedule:
        case Offsets(days):
            return sentence("program.schedule.offsets", days=days)
        case Every(every_days, first_day, None):
            return sentence("program.schedule.every", days=every_days, first=first_day)
        case Every(every_days, first_day, for_days):
            return sentence("program.schedule.every_until", days=every_days, first=first_day, until=for_days)
        case AdaptiveMonths(for_months, first_month):
            return sentence("program.schedule.adaptive", months=for_months, first=first_month)
    raise ValueError(f"{rule.rule_key} has no schedule")


def anchored(document: ProgramDocument, rule: FollowUpRule) -> Sentence:
    """What the contacts of a rule count from."""
    if rule.anchor is AnchorKind.PHASE_ENTRY and rule.phases:
        names = [phase.short_title for key in rule.phases if (phase := document.find_phase(key)) is not None]
        return sentence("program.anchor.phases", phases=names)
    return sentence(f"program.anchor.{rule.anchor.value}")


def if_unmet(criterion: Criterion) -> Sentence:
    """What can be done where a requirement is not met."""
    if criterion.requirement is Requirement.ADVISORY:
        return sentence("program.unmet.advisory")
    if not criterion.may_be_set_aside:
        return sentence("program.unmet.required")
    if criterion.cosigned_by:
        return sentence("program.unmet.cosigned", roles=criterion.overridable_by, signers=criterion.cosigned_by)
    return sentence("program.unmet.overridable", roles=criterion.overridable_by)


def level_of(code: str) -> Level | None:
    """The level of care a phase names, with or without its letter ("2" or "L2"); None where there is none."""
    return next((each for each in Level if each.value in (code, f"L{code}")), None)


def length(days: int) -> Sentence:
    """How long a phase usually lasts, as people say it: days, weeks up to half a year, then months."""
    if days < 2 * DAYS_A_WEEK:
        return sentence("program.length.days", n=days)
    if days <= DAYS_IN_WEEKS_UP_TO:
        return sentence("program.length.weeks", n=round(days / DAYS_A_WEEK))
    return sentence("program.length.months", n=round(days / DAYS_A_MONTH))


def rung(step: Rung) -> Sentence:
    """What one step of a ladder does."""
    if step.kind is RungKind.STAFF_CALL:
        return sentence("program.rung.staff_call", tries=step.tries)
    return sentence(f"program.rung.{step.kind.value}")


def wait(step: Rung) -> Sentence:
    """How long silence lasts before the next step: whole days where they are."""
    if step.wait_hours % 24 == 0:
        return sentence("program.wait.days", n=step.wait_hours // 24)
    return sentence("program.wait.hours", n=step.wait_hours)
