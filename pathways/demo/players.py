"""One person on the stage: their story and the rows it has led to so far."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Actor, Site
from clinic.rules.opening_hours import to_utc
from clinic.rules.roles import Role
from pathways.demo.arcs import Told
from pathways.demo.courses import Course
from pathways.demo.stage import Stage
from pathways.demo.steps import Step
from patients.models import Patient


@dataclass(slots=True)
class Player:
    """A person under way. `again`: when a contact that was tried is to be tried again, by its id."""

    told: Told
    stage: Stage
    seed: int
    patient: Patient | None = None
    enrollment: UUID | None = None
    again: dict[int, datetime] = field(default_factory=dict)

    @property
    def site(self) -> Site:
        return self.stage.sites[self.told.person.site]

    @property
    def course(self) -> Course:
        return self.told.tale.course()

    @property
    def row(self) -> Patient:
        """The registered patient. Raises ValueError before that."""
        if self.patient is None:
            raise ValueError("the story begins with a registration")
        return self.patient

    @property
    def enrolled(self) -> UUID:
        """The present enrollment. Raises ValueError before there is one."""
        if self.enrollment is None:
            raise ValueError("the story has not come to an enrollment")
        return self.enrollment

    def who(self, role: Role) -> Actor:
        return self.stage.who(role, self.told.person.site)

    def chance(self, *what: object) -> Random:
        """Dice of this person for this occasion: the same on every loading."""
        return Random("/".join(str(each) for each in (self.seed, self.told.person.number, *what)))

    def moment(self, step: Step) -> datetime:
        """The step's wall time at the site as an instant."""
        return to_utc(datetime.combine(step.on, step.at), self.site.time_zone).astimezone(UTC)

    @property
    def zone(self) -> ZoneInfo:
        return self.site.zone
