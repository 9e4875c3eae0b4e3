"""What is under way at a site."""

from dataclasses import astuple, dataclass

from django.db.models import Q

from clinic.models import Site
from pathways.models import Attendance, Enrollment, FollowUp, Reminder, Reply
from pathways.rules.reminders import UNSETTLED
from pathways.rules.sessions import OPEN_PLACES


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What a site still owes: people enrolled there, contacts that have no outcome yet (some outlive a course), places
    in sessions that are booked or not documented, messages nobody knows about or a person has to see to, and replies
    nobody has seen to."""

    people: int
    contacts: int
    places: int
    messages: int
    replies: int

    def __bool__(self) -> bool:
        return any(astuple(self))


def under_way(site: Site) -> UnderWay:
    """Counted now."""
    unclear = Q(status__in=UNSETTLED) | Q(needs_person=True)
    return UnderWay(
        people=Enrollment.objects.open().filter(site=site).values("patient").distinct().count(),
        contacts=FollowUp.objects.open().filter(site=site).count(),
        places=Attendance.objects.filter(session__site=site, status__in=OPEN_PLACES).count(),
        messages=Reminder.objects.filter(unclear, site=site).count(),
        replies=Reply.objects.waiting().filter(site=site).count(),
    )
