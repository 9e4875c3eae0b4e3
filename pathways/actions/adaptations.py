"""A rule of the program made different for one person: for a reason, until a day, by a named person."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

from django.db.models import F

from clinic.actions import audit
from clinic.actions.verbs import action
from clinic.errors import BAD_INPUT, Refused, bad_input, not_found
from clinic.models import Actor
from clinic.rules.roles import Permission
from clinic.rules.sentences import sentence
from pathways.actions.enrollments.adoptions import plan_again
from pathways.actions.enrollments.locking import locked
from pathways.models import Enrollment, RuleAdaptation
from pathways.queries.adaptations import adaptation_of
from pathways.queries.instruments import document_problems
from pathways.queries.programs import document_of
from pathways.rules.moves import OPEN
from pathways.rules.programs import Problem, ProgramDocument
from pathways.rules.programs.adaptation import Adaptation, AdaptationTarget, adaptation_problems, adapted
from patients.rules.texts import text_problem

REASON_LIMIT = 400
LONGEST_DAYS = 180
"""An adaptation is looked at again within half a year (local default)."""
ENDS_A_LADDER = frozenset({"program.problem.unused_ladder"})
"""A rule left out for one person may leave a ladder unused: that is a matter of the program, not of the person."""


@action(Permission.RULE_ADAPT, "adaptation.make")
def adapt_rule(
    *,
    by: Actor,
    now: datetime,
    enrollment_id: UUID,
    target: AdaptationTarget,
    target_key: str,
    change: Mapping[str, object],
    reason: str,
    ends_on: date,
) -> RuleAdaptation:
    """Make a requirement or a follow-up rule different for one person, from today through `ends_on`.

    Contacts still to come are planned anew where a follow-up rule changes. Raises Refused: 403, 404, 409 an enrollment
    that has ended, 409 a rule adapted already, 422 with `reason`, `ends_on`, `target_key` or `change`.
    """
    row = locked(by, enrollment_id)
    if row.status not in OPEN:
        raise Refused("enrollment_ended", sentence("adaptation.refused.ended"))
    today = now.astimezone(row.site.zone).date()
    made = RuleAdaptation(
        enrollment=row,
        target=target,
        target_key=target_key,
        change=dict(change),
        reason=_checked_reason("reason", reason),
        starts_on=today,
        ends_on=ends_on,
        made_at=now,
        made_by=by,
    )
    _check(row, made, today)
    _close_those_over(made, today, by, now)
    made.save()
    _audit("adaptation.make", row, made, by, now)
    _follow(row, made, by, now)
    return made


@action(Permission.RULE_ADAPT, "adaptation.end")
def end_adaptation(*, by: Actor, now: datetime, adaptation_id: UUID, reason: str) -> RuleAdaptation:
    """The rule reads for them as the program writes it again. Raises Refused: 403, 404, 409 ended already, 422."""
    found = RuleAdaptation.objects.filter(public_id=adaptation_id).select_related("enrollment").first()
    if found is None:
        raise not_found()
    row = locked(by, found.enrollment.public_id)
    made = RuleAdaptation.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.pk)
    if made.ended_at is not None:
        raise Refused("adaptation_ended", sentence("adaptation.refused.over"))
    made.ended_at, made.ended_by, made.end_reason = now, by, _checked_reason("reason", reason)[:300]
    made.version += 1
    made.save()
    _audit("adaptation.end", row, made, by, now)
    _follow(row, made, by, now)
    return made


def _close_those_over(made: RuleAdaptation, today: date, by: Actor, now: datetime) -> None:
    """One whose last day has passed stands in nobody's way: it is over, whether or not somebody ended it."""
    over = RuleAdaptation.objects.filter(
        enrollment=made.enrollment,
        target=made.target,
        target_key=made.target_key,
        ended_at__isnull=True,
        ends_on__lt=today,
    )
    over.update(ended_at=now, ended_by=by, version=F("version") + 1)


def _check(row: Enrollment, made: RuleAdaptation, today: date) -> None:
    if not 0 <= (made.ends_on - today).days <= LONGEST_DAYS:
        raise bad_input(ends_on=sentence("adaptation.refused.ends_on", most=LONGEST_DAYS))
    document, wanted = document_of(row.program_version), adaptation_of(made)
    problems = adaptation_problems(document, wanted) or _senseless(document, wanted, today)
    if problems:
        fields = {each.path: each.sentence for each in reversed(problems)}
        raise Refused("bad_input", problems[0].sentence, status=BAD_INPUT, fields=fields)


def _senseless(document: ProgramDocument, wanted: Adaptation, today: date) -> tuple[Problem, ...]:
    """What the program as adapted would be refused for, and the program as written is not."""
    before = {(each.path, each.sentence.code) for each in document_problems(document)}
    after = document_problems(adapted(document, [wanted], today))
    new = [each for each in after if (each.path, each.sentence.code) not in before]
    return tuple(Problem("change", each.sentence) for each in new if each.sentence.code not in ENDS_A_LADDER)


def _checked_reason(field: str, reason: str) -> str:
    if not reason.strip():
        raise bad_input(**{field: sentence("refused.required")})
    problem = text_problem(reason, limit=REASON_LIMIT, lines=True)
    if problem is not None:
        raise bad_input(**{field: problem})
    return reason.strip()


def _follow(row: Enrollment, made: RuleAdaptation, by: Actor, now: datetime) -> None:
    row.version += 1
    row.save(update_fields=["version"])
    if made.target == AdaptationTarget.FOLLOW_UP and row.status in OPEN:
        plan_again(row, by, now)


def _audit(verb: str, row: Enrollment, made: RuleAdaptation, by: Actor, now: datetime) -> None:
    audit.record(
        action=verb,
        by=by,
        now=now,
        subject=("rule_adaptation", made.public_id),
        patients=[row.patient.public_id],
        details={"enrollment": str(row.public_id), "target": made.target, "key": made.target_key},
    )
