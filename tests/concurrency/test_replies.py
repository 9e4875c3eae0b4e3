"""The provider tells the same message many times at once, and people write while others work: one effect each."""

from datetime import timedelta

import pytest
from django.db.models import Count

from clinic.models import Actor, Site
from pathways.actions import sessions
from pathways.models import Reminder, Reply
from pathways.rules.replies import ReplyEffect
from pathways.rules.sessions import CancelledBy
from patients.models import ContactConsent, Suppression
from tests.concurrency.test_moves import race
from tests.factories import clinic, patients
from tests.factories import replies as make
from tests.factories import sessions as make_session
from tests.factories.patients import NOW
from tests.factories.replies import PHONE, wrote

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 16


def test_one_message_told_many_times_at_once_is_one_reply(site: Site, by: Actor) -> None:
    person = patients.patient(site, by=by, contact_points=[patients.phone()])
    place = make_session.place_of(make_session.individual(person, by=by), person)
    make.went(place)
    wrote("earlier", address="+14155550177")  # the job has its actor
    assert race(THREADS, lambda _: wrote("C", provider_id="SM-once")) == {"won": THREADS}
    place.refresh_from_db()
    assert (place.confirmed_at, place.version) == (NOW, 2)
    assert Reply.objects.filter(provider_id="SM-once").count() == 1
    assert Reminder.objects.filter(reply__isnull=False).count() == 1


def test_a_message_of_somebody_unknown_told_many_times_at_once_is_one_reply(site: Site) -> None:
    wrote("earlier", address="+14155550177")
    assert race(THREADS, lambda _: wrote("STOP", provider_id="SM-once")) == {"won": THREADS}
    assert Reply.objects.filter(address=PHONE).count() == 1
    assert Suppression.objects.filter(address=PHONE).count() == 1


def test_of_many_stops_from_a_shared_number_it_is_closed_once_and_each_consent_withdrawn_once(
    site: Site, by: Actor
) -> None:
    people = [patients.patient(site, by=by, contact_points=[patients.phone()]) for _ in range(3)]
    wrote("earlier", address="+14155550177")
    assert race(THREADS, lambda n: wrote("STOP", provider_id=f"SM-{n}")) == {"won": THREADS}
    effects = Reply.objects.filter(address=PHONE).values_list("effect").annotate(n=Count("pk"))
    assert dict(effects) == {ReplyEffect.STOPPED: 1, ReplyEffect.STOPPED_BEFORE: THREADS - 1}
    assert ContactConsent.objects.filter(given=False).count() == len(people)
    assert Suppression.objects.count() == 1
    assert Reminder.objects.filter(reply__isnull=False).count() == 1


def test_answers_and_called_off_sessions_do_not_wait_for_each_other(site: Site, by: Actor) -> None:
    """People confirm one after the other while the desk takes them off their sessions: no deadlock, one truth each."""
    wrote("earlier", address="+14155550177")
    numbers = [f"+1415555{1000 + n}" for n in range(THREADS // 2)]
    places = []
    for n, number in enumerate(numbers):
        person = patients.patient(site, by=by, contact_points=[patients.phone(number)])
        leader = clinic.actor(sites=[site])
        row = make_session.individual(person, by=by, leader=leader, at=NOW + timedelta(days=1, hours=n))
        places.append(make_session.place_of(row, person))
        make.went(places[-1])

    def act(n: int) -> None:
        if n % 2:
            wrote("yes", address=numbers[n // 2], provider_id=f"SM-{n}")
        else:
            sessions.take_off(by=by, now=NOW, attendance_id=places[n // 2].public_id, wish=CancelledBy.PATIENT)

    assert race(THREADS, act) == {"won": THREADS}
    for place in places:
        place.refresh_from_db()
        effect = Reply.objects.get(address=place.patient.contact_points.get().address).effect
        assert effect == (ReplyEffect.CONFIRMED if place.confirmed_at else ReplyEffect.PASSED_ON)
