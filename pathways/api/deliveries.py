"""Delivery: how each channel stands, and holding messages back. Nothing about anybody."""

from typing import Any
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from clinic.errors import bad_input
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions import reminders as verbs
from pathways.actions.reminders.pauses import REASON_LIMIT
from pathways.models import DeliveryPause
from pathways.queries import pauses as queries
from pathways.queries.deliveries import lines
from pathways.rules.reminders.lines import Line, standing_still
from pathways.rules.reminders.pauses import Missed, PauseScope


class ChannelLineRow(Row):
    """One channel: numbers of messages, and how its provider is."""

    channel = fields.Code()
    provider = fields.Code(help_text="What carries its messages now; `mailbox` where nothing real may leave.")
    due = fields.Whole()
    oldest_due_at = fields.Moment(allow_null=True)
    held = fields.Whole(help_text="Due, and held back by a pause.")
    paused = fields.YesNo()
    under_way = fields.Whole()
    unclear = fields.Whole(help_text="The provider is being asked about them.")
    for_a_person = fields.Whole(help_text="Unclear, or missed during a pause: a person decides.")
    given_up = fields.Whole(help_text="Not taken in all tries, in the last two days.")
    troubles = fields.Whole(help_text="How often in a row the provider came to nothing.")
    rests_until = fields.Moment(allow_null=True)
    per_second = fields.Whole(help_text="Messages a second the provider is given at most; 0 where it has no ceiling.")
    standing_still = fields.Text(allow_null=True, help_text="What somebody should look into, in words.")


class DeliveryRow(Row):
    """How delivery stands."""

    channels = ChannelLineRow(many=True)


class PauseRow(Row):
    """An order to hold messages back."""

    id = fields.PublicId()
    scope = fields.Choice(PauseScope)
    site = fields.PublicId(allow_null=True)
    channel = fields.Code(allow_null=True)
    template = fields.Code(allow_null=True)
    reason = fields.Text()
    paused_at = fields.Moment()
    paused_by = fields.Text()
    lifted_at = fields.Moment(allow_null=True)
    lifted_by = fields.Text(allow_null=True)
    missed = fields.Choice(Missed, allow_null=True, help_text="What became of those due meanwhile.")


class PauseBody(Body):
    """What is held back, and why. `site`, `channel` or `template` as the scope asks."""

    scope = fields.Choice(PauseScope)
    reason = fields.Text(max_length=REASON_LIMIT)
    site = fields.PublicId(required=False)
    channel = fields.Code(required=False)
    template = fields.Code(required=False)


class LiftBody(Body):
    """What becomes of the messages that fell due meanwhile."""

    missed = fields.Choice(Missed)


class RequeueBody(Body):
    """Whether what was not taken in all its tries is tried once more as well."""

    given_up = fields.YesNo(required=False)


class RequeuedRow(Row):
    """How many are in line again, unclear because a worker stopped amid sending, or tried once more."""

    back_in_line = fields.Whole()
    uncertain = fields.Whole()
    tried_again = fields.Whole()


class DeliveryDoor(Door):
    """Every channel's line."""

    @operation("read_delivery", answers=DeliveryRow)
    def get(self, request: Request) -> Response:
        """Read how each channel stands."""
        return self.ok({"channels": [self._line(each) for each in lines(self.now)]})

    def _line(self, line: Line) -> dict[str, Any]:
        names = (
            "channel", "provider", "due", "oldest_due_at", "held", "paused", "under_way", "unclear", "for_a_person",
            "given_up", "troubles", "rests_until", "per_second",
        )  # fmt: skip
        still = " ".join(say(each) for each in standing_still(line, self.now))
        return dict(
            ChannelLineRow({name: getattr(line, name) for name in names} | {"standing_still": still or None}).data
        )


class RequeueDoor(Door):
    """Putting right what stands still."""

    @operation("requeue_reminders", takes=RequeueBody, answers=RequeuedRow)
    def post(self, request: Request) -> Response:
        """Give back what stopped workers hold. Nothing is ever sent twice by this."""
        given_up = self.body(RequeueBody).get("given_up", False)
        counts = verbs.requeue(by=self.actor, now=self.now, given_up=given_up)
        return self.ok({"tried_again": 0, **counts})


class PausesDoor(Door):
    """Orders to hold messages back."""

    @operation("list_delivery_pauses", answers=PauseRow, pages=True)
    def get(self, request: Request) -> Response:
        """List them, the newest first, lifted ones too."""
        return self.page(queries.pauses(), queries.ORDER, pause_row)

    @operation("pause_delivery", takes=PauseBody, answers=PauseRow, status=201)
    def post(self, request: Request) -> Response:
        """Hold messages back until the pause is lifted."""
        given = self.body(PauseBody)
        scope = given["scope"]
        if scope is not PauseScope.ALL and scope.value not in given:
            raise bad_input(**{scope.value: sentence("refused.required")})
        row = verbs.pause(
            by=self.actor, now=self.now, scope=scope, reason=given["reason"], site_id=given.get("site"),
            channel=given.get("channel", ""), template=given.get("template", ""),
        )  # fmt: skip
        return self.ok(pause_row(queries.pause(row.public_id)), 201)


class PauseLiftDoor(Door):
    """Letting messages go again."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.pause(parts["public_id"])

    @operation("lift_delivery_pause", takes=LiftBody, answers=PauseRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Lift a pause, and say what becomes of the messages that fell due meanwhile."""
        chosen = self.body(LiftBody)["missed"]
        verbs.resume(by=self.actor, now=self.now, pause_id=public_id, missed_ones=chosen)
        return self.ok(pause_row(queries.pause(public_id)))


def pause_row(row: DeliveryPause) -> dict[str, Any]:
    """A pause as JSON."""
    values = {name: getattr(row, name) for name in ("scope", "reason", "paused_at", "lifted_at")}
    values |= {name: getattr(row, name) or None for name in ("channel", "template", "missed")}
    values |= {
        "id": row.public_id,
        "site": row.site.public_id if row.site else None,
        "paused_by": row.paused_by.name,
        "lifted_by": row.lifted_by.name if row.lifted_by else None,
    }
    return dict(PauseRow(values).data)
