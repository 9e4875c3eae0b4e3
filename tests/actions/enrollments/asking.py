"""What the tests of this folder ask of an enrollment, and the contacts they find open."""

from datetime import datetime
from typing import Any

from clinic.models import Actor
from pathways.actions import enrollments
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.moves import Destination, DischargeReason
from tests.factories.course import LATER

AT_RISK = {f"cssrs_{number}": "yes" for number in (1, 2, 3, 4, 5, 6, "6b")}
FIRST = "assessment-and-stabilization"


def asked(row: Enrollment, by: Actor, now: datetime = LATER, **given: Any) -> dict[str, Any]:
    """What a verb of an enrollment is given, three days after the admission unless told otherwise."""
    return {"by": by, "now": now, "enrollment_id": row.public_id} | given


def open_contacts(row: Enrollment, **chosen: Any) -> list[FollowUp]:
    """The contacts still owed, by the day they are due."""
    return list(FollowUp.objects.open().filter(enrollment=row, **chosen).order_by("due_on", "id"))


def discharged(row: Enrollment, by: Actor, **given: Any) -> Transition:
    """Somebody who left of their own choice, for home, unless told otherwise."""
    told: dict[str, Any] = {"reason": DischargeReason.CHOSE_TO_LEAVE, "destination": Destination.HOME} | given
    return enrollments.discharge(**asked(row, by, **told))
