"""What stands in the way of undoing a move: what others have built on it since."""

from collections.abc import Iterator

from clinic.rules.sentences import Sentence, sentence
from pathways.models import Enrollment, FollowUp, Transition
from pathways.rules.follow_ups import Outcome

BY_A_PERSON = (Outcome.REACHED, Outcome.KEPT, Outcome.DECLINED, Outcome.UNREACHABLE)


def obstacles(undone: Transition) -> tuple[Sentence, ...]:
    """One sentence for each thing that rests on the move; empty where it may be undone. Three queries."""
    return (*_enrollments_since(undone), *_contacts_made(undone))


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
