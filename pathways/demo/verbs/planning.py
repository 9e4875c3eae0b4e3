"""Plans: written line by line, signed, looked at again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from clinic.rules.roles import Role
from pathways.actions import plan_elements, plans
from pathways.actions.plan_elements import Content
from pathways.demo import steps, words
from pathways.demo.players import Player
from pathways.demo.verbs.later import Later
from pathways.models import Plan, PlanElement
from pathways.rules.plans import STANDS_UNDER, PlanElementKind, PlanKind, PlanSigner, SigningMethod

REVIEWED_EVERY = timedelta(days=28)
_BESIDE = 0.4
"""How many care plans have a second problem beside kratom."""


def write_plan(step: steps.WritePlan, player: Player, now: datetime) -> Iterator[Later]:
    open_one = Plan.objects.filter(enrollment__public_id=player.enrolled, kind=step.plan, closed_at__isnull=True)
    standing = open_one.first()
    if standing is None:
        _write(step, player, now)
    else:
        look_again(standing, player, now)
    yield from ()


def _write(step: steps.WritePlan, player: Player, now: datetime) -> None:
    by, dice = player.who(Role.COUNSELOR), player.chance("plan", step.plan)
    hopes = words.HOPES[player.told.person.language]
    own = "" if step.short else dice.choice(hopes)
    plan = plans.open_plan(by=by, now=now, enrollment_id=player.enrolled, kind=step.plan, own_words=own)
    for branch in _branches(step, player):
        _write_branch(plan, branch, player, now)
    for signer in step.signed_by:
        name = player.told.person.full_name if signer is PlanSigner.PATIENT else ""
        method = SigningMethod.ON_PAPER if dice.random() < 0.3 else SigningMethod.ON_SCREEN
        plans.sign_plan(by=by, now=now, plan_id=plan.public_id, signer=signer, name=name, method=method)


def _branches(step: steps.WritePlan, player: Player) -> list[words.Branch]:
    dice = player.chance("plan", step.plan, "lines")
    if step.short:
        return [dice.choice(words.SHORT_RECOVERY)]
    if step.plan is PlanKind.RECOVERY:
        return [dice.choice(words.RECOVERY)]
    beside = [dice.choice(words.BESIDE)] if dice.random() < _BESIDE else []
    return [dice.choice(words.USE), *beside]


def _write_branch(plan: Plan, branch: words.Branch, player: Player, now: datetime) -> None:
    by, on = player.who(Role.COUNSELOR), now.astimezone(player.zone).date()
    newest: dict[PlanElementKind, PlanElement] = {}
    for line in branch:
        under = STANDS_UNDER.get(line.kind)
        content = Content(
            text=line.text, own_words=line.own_words, contact=line.contact, modality=line.modality,
            owner_id=by.public_id if line.with_staff else None, diagnosis=line.diagnosis,
            co_occurring=line.co_occurring, starts_on=on, due_on=on + timedelta(line.days) if line.days else None,
        )  # fmt: skip
        newest[line.kind] = plan_elements.write_element(
            by=by, now=now, plan_id=plan.public_id, kind=line.kind, content=content,
            parent_id=newest[under].public_id if under else None,
        )  # fmt: skip


def look_again(plan: Plan, player: Player, now: datetime) -> None:
    """The plan is gone through together, and its next review set."""
    note = player.chance("review", now).choice(words.REVIEWED)
    again = now.astimezone(player.zone).date() + REVIEWED_EVERY
    plans.review_plan(by=player.who(Role.COUNSELOR), now=now, plan_id=plan.public_id, note=note, next_review_on=again)
