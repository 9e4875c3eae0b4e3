"""Who is under way at a site."""

from dataclasses import dataclass

from clinic.models import Site
from pathways.models import Enrollment, FollowUp


@dataclass(frozen=True, slots=True)
class UnderWay:
    """What a site still owes: people enrolled there, and contacts that have no outcome yet (some outlive a course)."""

    people: int
    contacts: int

    def __bool__(self) -> bool:
        return bool(self.people or self.contacts)


def under_way(site: Site) -> UnderWay:
    """Counted now."""
    people = Enrollment.objects.open().filter(site=site).values("patient").distinct().count()
    return UnderWay(people, FollowUp.objects.open().filter(site=site).count())
