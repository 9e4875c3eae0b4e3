"""A link to how somebody is written to: their wishes are kept, or no more messages go."""

from datetime import time

import pytest

from clinic.models import Actor
from pathways.actions import links
from pathways.models import Attendance
from patients.models import ContactConsent, Patient, Suppression
from patients.queries.contacts import contact_points, preference_of
from tests.factories import links as given
from tests.factories.links import again, bearer, refused
from tests.factories.patients import NOW

pytestmark = pytest.mark.django_db


def test_wishes_on_being_written_to_count_from_the_next_message_on(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    wishes = links.Wishes(channel="email", language="es", reminders=False, opens=time(10), closes=time(16))
    links.write_wishes(by=bearer(link), now=NOW, link_id=link.public_id, wishes=wishes)
    person.refresh_from_db()
    kept = preference_of(person)
    assert kept is not None
    assert (kept.preferred_channel, kept.reminders_wanted, person.language) == ("email", False, "es")
    assert {(each.opens, each.closes) for each in contact_points(person)} == {(time(10), time(16))}
    assert all(each.verified_at for each in contact_points(person))


def test_the_next_message_is_in_the_language_that_was_wished_for(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    assert set(place.reminders.values_list("language", flat=True)) == {"en"}
    links.write_wishes(by=bearer(link), now=NOW, link_id=link.public_id, wishes=links.Wishes(language="es"))
    assert set(place.reminders.values_list("language", flat=True)) == {"es"}


def test_wishes_that_cannot_be_kept_change_nothing(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    for wrong in (links.Wishes(opens=time(10)), links.Wishes(language="fr"), links.Wishes(channel="pigeon"),
                  links.Wishes(opens=time(20), closes=time(22))):  # fmt: skip
        refused("bad_input", links.write_wishes, by=bearer(link), link_id=link.public_id, wishes=wrong)
    assert preference_of(person) is None
    assert again(link).used_at is None


def test_no_more_messages_is_recorded_with_its_evidence(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    links.stop_messages(by=bearer(link), now=NOW, link_id=link.public_id)
    assert Suppression.objects.get(patient=person).reason == "person_asked"
    newest = ContactConsent.objects.filter(patient=person, given=False)
    assert {(each.method, each.evidence) for each in newest} == {("link", f"Link {link.public_id}")}
    assert newest.count() == 2
