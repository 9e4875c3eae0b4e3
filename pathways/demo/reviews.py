"""Plans are looked at again together when their day has come or the phase has changed; a few wait, as in real life."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from clinic.rules.roles import Role
from pathways.demo.players import Player
from pathways.demo.stage import Stage
from pathways.demo.verbs import look_again
from pathways.models import Plan
from pathways.queries.worklist import only
from pathways.rules.worklist import LineType

LATELY = timedelta(days=6)
"""In the last days before the load some reviews wait, so that Today has a few."""
HELD = {True: 0.55, False: 0.9}
"""How often a review that is due is held on a day, lately and before that."""


def review_plans(stage: Stage, known: Mapping[int, Player], code: str, today: date, now: datetime) -> None:
    """What is due at a site on a day: the same lines as stand on Today."""
    site, counselor = stage.sites[code], stage.who(Role.COUNSELOR, code)
    due = only(LineType.PLAN_REVIEW, counselor, site, now=now)
    plans = Plan.objects.in_bulk([due.entries[line.key].record for line in due.lines])
    on = now.astimezone(site.zone).date()
    for line in due.lines:
        plan = plans[due.entries[line.key].record]
        player = known[plan.patient_id]
        if player.chance("plan review", plan.kind, on).random() < HELD[today - on < LATELY]:
            look_again(plan, player, now)
