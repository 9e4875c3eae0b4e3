"""What stands in the way of undoing a move: what others have built on it since."""

from collections.abc import Collection, Iterator

from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.follow_ups import Outcome

BY_A_PERSON = (Outcome.REACHED, Outcome.KEPT, Outcome.DECLINED, Outcome.UNREACHABLE)


def obstacles(undone: Transition, ends: Collection[Transition] = ()) -> tuple[Sentence, ...]:
    """One sentence for each thing that rests on the move; empty where it may be undone. Three queries for each move.

    `ends`: of other enrollments, which are undone with it (`deaths.ends_made_with`).
    """
    return (*_resting_on(undone), *(said for each in ends for said in _of_other(each)))


def _of_other(end: Transition) -> Iterator[Sentence]:
    things = list(_resting_on(end))
    if things:
        yield sentence("enrollment.obstacle.other_end", program=end.enrollment.program.title, things=things)


def _resting_on(undone: Transition) -> Iterator[Sentence]:
    yield from _enrollments_since(undone)
    yield from _contacts_made(undone)


def _enrollments_since(undone: Transition) -> Iterator[Sentence]:
    """Somebody who was transferred or came back is under way elsewhere: that would have to end first."""
    after = Enrollment.objects.select_related("program", "site").filter(opened_at__gte=undone.effective_at)
    for row in after.filter(transferred_from=undone.enrollment_id).open():
        yield sentence("enrollment.obstacle.transferred", program=row.program.title, site=row.site.name)
    left = undone.enrollment
    for row in after.filter(patient=left.patient_id, program=left.program_id).exclude(pk=left.pk):
        zone = row.site.zone
        yield sentence("enrollment.obstacle.readmitted", on=row.opened_at.astimezone(zone).date())


def _contacts_made(undone: Transition) -> Iterator[Sentence]:
    """Contacts the move planned and somebody has made since."""
    made = FollowUp.objects.filter(enrollment=undone.enrollment_id, anchor_id=undone.public_id, outcome__in=BY_A_PERSON)
    count = made.count()
    if count:
        yield sentence("enrollment.obstacle.contacts", n=count)
