"""Several follow-ups given away at once."""

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import fields
from clinic.api.schema import operation
from clinic.api.serializers import Body, Row
from clinic.api.views import Door
from pathways.actions import follow_ups as verbs
from pathways.api.follow_ups import FollowUpRow, follow_up_row
from pathways.models import FollowUp
from pathways.queries import follow_ups as queries


class OneOfManyBody(Body):
    """A follow-up and the version that was seen; without one, whichever it has now."""

    id = fields.PublicId()
    version = fields.Whole(required=False, min_value=1)


class AssignManyBody(Body):
    """Which, and whose they are to be; null: nobody's in particular."""

    follow_ups = OneOfManyBody(many=True)
    owner = fields.PublicId(allow_null=True)


class AssignedRow(Row):
    """Those that have their new owner, and those left as they are: ended, or changed since they were seen."""

    given = FollowUpRow(many=True)
    left = FollowUpRow(many=True)


class AssignManyDoor(Door):
    """Their owner."""

    @operation("assign_follow_ups", takes=AssignManyBody, answers=AssignedRow)
    def post(self, request: Request) -> Response:
        """Give them to somebody of their site, all at once."""
        given = self.body(AssignManyBody)
        wanted = {each["id"]: each.get("version") for each in given["follow_ups"]}
        made = verbs.assign_many(by=self.actor, now=self.now, follow_ups=wanted, owner_id=given["owner"])
        rows = {row.pk: row for row in queries.follow_ups(self.actor).filter(public_id__in=wanted)}
        self.seen(*(row.patient.public_id for row in rows.values()))

        def told(some: tuple[FollowUp, ...]) -> list[dict[str, Any]]:
            return [follow_up_row(rows[each.pk], self.now, self.actor) for each in some]

        return self.ok({"given": told(made.given), "left": told(made.left)})
