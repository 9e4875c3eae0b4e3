"""A counselor works at the site, and takes over what was the former's."""

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import enrollments
from pathways.models import Enrollment
from tests.actions.enrollments.asking import asked, open_contacts
from tests.factories import clinic
from tests.factories.course import to_therapy
from tests.refusals import refused as refusal

pytestmark = pytest.mark.django_db


def test_a_new_counselor_takes_over_what_was_the_formers(site: Site, enrollment: Enrollment, clinician: Actor) -> None:
    to_therapy(enrollment, clinician)
    counselor = clinic.actor(roles=[Role.COUNSELOR], sites=[site])
    row = enrollments.assign_counselor(**asked(enrollment, clinician, counselor_id=counselor.public_id))
    assert (row.counselor, row.version) == (counselor, 3)
    owed = open_contacts(enrollment, owner_role=Role.COUNSELOR)
    assert owed and {each.owner for each in owed} == {counselor}


def test_a_counselor_of_another_site_is_refused(enrollment: Enrollment, clinician: Actor) -> None:
    elsewhere = clinic.actor(roles=[Role.COUNSELOR], sites=[clinic.site()])
    refused = refusal(enrollments.assign_counselor, **asked(enrollment, clinician, counselor_id=elsewhere.public_id))
    assert list(refused.fields) == ["counselor"]
