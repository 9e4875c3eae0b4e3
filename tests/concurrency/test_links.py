"""A link is opened by several at once: it is used once, and no wrong try goes uncounted."""

from collections.abc import Callable
from typing import Any

import pytest

from clinic.models import Actor, Site
from clinic.rules.roles import Role
from pathways.actions import links
from pathways.models import PatientLink, Reply
from pathways.rules.links import MOST_WRONG_TRIES, LinkPurpose
from tests.concurrency.test_moves import race
from tests.factories import clinic, patients
from tests.factories import links as make
from tests.factories import sessions as make_session
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 16


@pytest.fixture
def by(site: Site, settings: Any) -> Actor:
    settings.PATIENT_LINK_URL = make.BASE
    return clinic.actor(roles=[Role.SUPERVISOR], sites=[site])


def pressed(link: PatientLink, verb: Callable[..., object], **given: object) -> Callable[[int], object]:
    """What each of many does at once."""
    links.bearer(link, NOW)
    return lambda _: verb(by=links.bearer(link, NOW), now=NOW, link_id=link.public_id, **given)


def test_no_wrong_try_of_many_at_once_goes_uncounted(site: Site, by: Actor) -> None:
    link = make.to_preferences(patients.patient(site, by=by), by=by)
    tried = race(THREADS, pressed(link, links.note_wrong_try, purpose=LinkPurpose.PREFERENCES))
    assert tried == {"won": MOST_WRONG_TRIES, "410 link_closed": THREADS - MOST_WRONG_TRIES}
    link.refresh_from_db()
    assert (link.wrong_tries, link.revoked_at) == (MOST_WRONG_TRIES, NOW)
    assert Reply.objects.count() == 1


def test_a_link_that_many_press_at_once_is_used_once(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by)
    place = make_session.place_of(make_session.individual(person, by=by), person)
    won = race(THREADS, pressed(make.to_appointment(place, by=by), links.confirm))
    assert won == {"won": 1, "410 link_closed": THREADS - 1}
    place.refresh_from_db()
    assert (place.confirmed_at, place.version) == (NOW, 2)
