"""A link is given, known, revoked and locked; and its bearer may do little."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, ActorKind, Site
from clinic.rules.roles import OF_A_LINK, Role
from pathways.actions import links, sessions
from pathways.models import Attendance, PatientLink, Session
from pathways.queries.links import address, found, state_of
from pathways.rules.links import MOST_WRONG_TRIES, LinkPurpose, LinkState
from pathways.rules.sessions import CancelledBy
from patients.models import Patient
from tests.factories import clinic as make
from tests.factories import links as given
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.links import again, bearer, refused
from tests.factories.patients import NOW
from tests.factories.sessions import HOUR

pytestmark = pytest.mark.django_db


def test_a_link_is_known_by_its_address_and_none_is_stored_whole(place: Attendance, by: Actor, settings: Any) -> None:
    link = given.to_appointment(place, by=by)
    written = address(link)
    assert written.startswith(f"{given.BASE}/l/{link.handle}")
    token = written.rstrip("/").rpartition("/")[2]
    assert link.handle != token
    assert found(token, NOW).link == link
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another secret " * 4, [settings.SECRET_KEY]
    assert found(token, NOW).open
    settings.SECRET_KEY_FALLBACKS = []
    assert not found(token, NOW).signed


def test_a_made_up_address_costs_no_query() -> None:
    with CaptureQueriesContext(connection) as queries:
        assert not found("2" * 22, NOW).signed
        assert not found("x", NOW).signed
    assert len(queries) == 0


def test_a_link_is_over_when_what_it_is_about_is(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    token = address(link).rstrip("/").rpartition("/")[2]
    assert found(token, NOW).open
    assert not found(token, place.starts_at).open
    assert state_of(link, place.starts_at) is LinkState.EXPIRED
    sessions.take_off(by=by, now=NOW, attendance_id=place.public_id, wish=CancelledBy.CLINIC)
    assert not found(token, NOW).open


def test_who_gives_links_gives_them_to_people_they_see(person: Patient, place: Attendance, site: Site) -> None:
    stranger = make.actor(roles=[Role.SUPERVISOR])
    refused("not_found", links.give_link, by=stranger, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)
    reader = make.actor(roles=[Role.PROGRAM_MANAGER], sites=[site])
    refused("forbidden", links.give_link, by=reader, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)
    desk = make.actor(roles=[Role.FRONT_DESK], sites=[site])
    other = patients.patient(site)
    to_other = {"purpose": LinkPurpose.APPOINTMENT, "patient_id": other.public_id, "attendance_id": place.public_id}
    refused("not_found", links.give_link, by=desk, **to_other)
    assert given.to_preferences(person, by=desk).made_by == desk


@pytest.mark.parametrize("instrument", ["cssrs_screen", "cows", "nothing", ""])
def test_only_forms_people_fill_in_themselves_are_linked(person: Patient, by: Actor, instrument: str) -> None:
    said = refused(
        "bad_input", links.give_link, by=by, purpose=LinkPurpose.QUESTIONNAIRE, patient_id=person.public_id,
        instrument=instrument,
    )  # fmt: skip
    assert set(said.fields) == {"instrument"}


def test_without_an_address_for_links_there_is_none_to_give(person: Patient, by: Actor, settings: Any) -> None:
    for none in ("", "https://harborrecovery.example", "https://a-name-that-is-far-too-long.example"):
        settings.PATIENT_LINK_URL = none
        refused("no_link_address", links.give_link, by=by, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)


def test_a_revoked_link_works_no_more_and_a_used_one_stays_used(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    links.revoke_link(by=by, now=NOW, link_id=link.public_id)
    links.revoke_link(by=by, now=NOW + HOUR, link_id=link.public_id)
    assert (again(link).revoked_at, again(link).revoked_by) == (NOW, by)
    refused("link_closed", links.stop_messages, by=bearer(link), link_id=link.public_id)
    used = given.to_appointment(place, by=by)
    links.confirm(by=bearer(used), now=NOW, link_id=used.public_id)
    refused("link_used", links.revoke_link, by=by, link_id=used.public_id)
    refused("not_found", links.revoke_link, by=make.actor(), link_id=link.public_id)


def test_a_bearer_sees_one_person_may_do_little_and_is_one_actor(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    who = bearer(link)
    assert (who.kind, who.public_id, who.permissions) == (ActorKind.PATIENT_LINK, person.public_id, OF_A_LINK)
    assert bearer(given.to_preferences(person, by=by)) == who
    other = patients.patient(place.session.site, by=by)
    make_session.individual(other, by=by, at=NOW + 72 * HOUR)
    assert list(Patient.objects.visible_to(who)) == [person]
    assert list(Session.objects.visible_to(who)) == [place.session]
    refused("forbidden", links.give_link, by=who, purpose=LinkPurpose.PREFERENCES, patient_id=person.public_id)


def test_nobody_but_its_bearer_uses_a_link(person: Patient, place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    stranger = bearer(given.to_preferences(patients.patient(place.session.site, by=by), by=by))
    for other in (by, make.job(), stranger):
        refused("forbidden", links.confirm, by=other, link_id=link.public_id)
    refused("forbidden", links.confirm, by=bearer(link), link_id=uuid4())
    refused("forbidden", links.stop_messages, by=bearer(link), link_id=link.public_id)


def test_the_database_holds_that_the_last_wrong_try_closes_a_link(person: Patient, by: Actor) -> None:
    link = given.to_preferences(person, by=by)
    rows = PatientLink.objects.filter(pk=link.pk)
    for tries in (MOST_WRONG_TRIES, MOST_WRONG_TRIES + 1):
        with pytest.raises(IntegrityError, match="patient_link_locked"), allow_direct_writes(), transaction.atomic():
            rows.update(wrong_tries=tries)
