"""A link to an appointment: they come, give it up, or wish for another time, once."""

from datetime import timedelta

import pytest

from clinic.actions.verbs import allow_direct_writes
from clinic.models import Actor, AuditEntry, Site
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.actions import links, sessions
from pathways.models import Attendance, PatientLink, Reply
from pathways.queries.offers import offers_for
from pathways.queries.replies import waiting
from pathways.queries.sessions import how_confirmed, rosters
from pathways.rules.replies import Intent, ReplyChannel, ReplyEffect
from pathways.rules.sessions import AttendanceStatus, ConfirmedBy
from tests.factories import links as given
from tests.factories import patients
from tests.factories import sessions as make_session
from tests.factories.links import again, bearer, refused
from tests.factories.patients import NOW
from tests.factories.sessions import HOUR

pytestmark = pytest.mark.django_db


def test_they_come_and_the_link_is_used_up(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    links.confirm(by=bearer(link), now=NOW, link_id=link.public_id)
    place = Attendance.objects.select_related("confirmed_by").get(pk=place.pk)
    assert (place.confirmed_at, how_confirmed(place)) == (NOW, ConfirmedBy.LINK)
    assert (again(link).used_at, again(link).used_by) == (NOW, bearer(link))
    for verb in (links.confirm, links.call_off, links.ask_for_a_call):
        assert refused("link_closed", verb, by=bearer(link), link_id=link.public_id).status == 410
    entry = AuditEntry.objects.get(action="link.confirm", outcome="done")
    assert (entry.subject_id, entry.patient_ids) == (link.public_id, [place.patient.public_id])


def test_they_cannot_come_and_the_hour_is_free(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    links.call_off(by=bearer(link), now=NOW, link_id=link.public_id)
    place.refresh_from_db()
    assert place.status == AttendanceStatus.CANCELLED_BY_PATIENT
    assert place.session.__class__.objects.get(pk=place.session_id).status == "cancelled"


@pytest.mark.parametrize("language", ["en", "es"])
def test_somebody_is_told_that_they_have_called_it_off(place: Attendance, site: Site, by: Actor, language: str) -> None:
    link = given.to_appointment(place, by=by)
    with allow_direct_writes():
        PatientLink.objects.filter(pk=link.pk).update(language=language)
    links.call_off(by=bearer(link), now=NOW, link_id=link.public_id)
    [told] = waiting(site, by)
    assert (told.patient, told.attendance, told.effect) == (place.patient, place, ReplyEffect.CALLED_OFF)
    assert told.text == say(sentence("link.asked.called_off"), language)


def test_one_of_a_group_gives_up_their_own_place_alone(site: Site, by: Actor) -> None:
    one, other = patients.patient(site, by=by), patients.patient(site, by=by)
    row = make_session.group(site, one, other, by=by)
    link = given.to_appointment(make_session.place_of(row, one), by=by)
    links.call_off(by=bearer(link), now=NOW, link_id=link.public_id)
    assert make_session.place_of(row, one).status == AttendanceStatus.CANCELLED_BY_PATIENT
    assert make_session.place_of(row, other).status == AttendanceStatus.BOOKED
    row.refresh_from_db()
    assert row.status == "booked"


def test_a_wish_for_another_time_waits_for_a_person_and_moves_nothing(place: Attendance, by: Actor, site: Site) -> None:
    link = given.to_appointment(place, by=by)
    wanted = offers_for(place, NOW)[0].starts_at
    reply = links.ask_for_another_time(by=bearer(link), now=NOW, link_id=link.public_id, starts_at=wanted)
    assert (reply.channel, reply.intent, reply.attendance) == (ReplyChannel.LINK, Intent.RESCHEDULE, place)
    assert reply.text.startswith("Asks for Wednesday 17 June")
    assert list(waiting(site, by)) == [reply]
    assert Attendance.objects.get(pk=place.pk).starts_at == place.starts_at
    assert rosters(by, [place.session])[place.session_id].wishes == {place.pk: reply}
    assert again(link).used_at == NOW


def test_who_wishes_for_another_time_comes_not_as_they_had_said(place: Attendance, by: Actor) -> None:
    sessions.confirm(by=by, now=NOW, attendance_id=place.public_id)
    link = given.to_appointment(place, by=by)
    links.ask_for_a_call(by=bearer(link), now=NOW, link_id=link.public_id)
    assert Attendance.objects.get(pk=place.pk).confirmed_at is None


def test_only_a_time_that_is_still_free_can_be_wished_for(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    wanted = offers_for(place, NOW)[0].starts_at
    make_session.individual(patients.patient(place.session.site, by=by), by=by, at=wanted)
    for at in (wanted, wanted + timedelta(minutes=7), NOW - HOUR):
        refused("bad_input", links.ask_for_another_time, by=bearer(link), link_id=link.public_id, starts_at=at)
    assert again(link).used_at is None
    assert not Reply.objects.exists()


def test_a_call_can_be_asked_for(place: Attendance, by: Actor) -> None:
    link = given.to_appointment(place, by=by)
    reply = links.ask_for_a_call(by=bearer(link), now=NOW, link_id=link.public_id)
    assert reply.text == "Asks for a call about another time."
    assert reply.needs_person


def test_a_group_offers_no_other_time(site: Site, by: Actor) -> None:
    one = patients.patient(site, by=by)
    row = make_session.group(site, one, by=by)
    assert offers_for(make_session.place_of(row, one), NOW) == ()
