"""What people write back does something, and silence climbs to a person: over real sockets, with worker and beat."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import requests
from django.db import connection
from django.urls import reverse

from clinic.models import Actor
from clinic.rules.discretion import forbidden_words
from clinic.rules.roles import Role
from pathways.actions import follow_ups
from pathways.actions.follow_ups.steps import ladder_of
from pathways.models import FollowUp, Reminder, Reply
from pathways.rules.follow_ups import Outcome
from patients.models import ContactConsent, Patient, Suppression
from tests.factories import clinic, pathways, patients
from tests.factories import sessions as make_session
from tests.faults.load import stand_at
from tests.journeys.house import MORNING, House
from tests.journeys.mail import wait_until
from tests.journeys.test_rest import _signed_in

pytestmark = pytest.mark.django_db(transaction=True)
NUMBER, ADDRESS = "+14155550132", "tobias@example.org"
DAY = timedelta(days=1)
ANYTHING_LATER = timedelta(minutes=1)


@pytest.fixture
def counselor(house: House) -> Actor:
    return clinic.staff(roles=[Role.SUPERVISOR], sites=[house.site], name="Ada Samplewright").actor


@pytest.fixture
def tobias(house: House, counselor: Actor) -> Patient:
    """Somebody who agreed to text messages and e-mail."""
    points = [patients.phone(NUMBER), patients.email(ADDRESS)]
    return patients.patient(
        house.site,
        by=counselor,
        now=MORNING - DAY,
        given_name="Tobias",
        family_name="Quillfeather",
        contact_points=points,
    )


def test_a_yes_is_on_the_day_list_and_is_acknowledged(house: House, counselor: Actor, tobias: Patient) -> None:
    tomorrow = MORNING + DAY + timedelta(hours=3)
    row = make_session.individual(tobias, by=counselor, at=tomorrow, now=MORNING - DAY)
    day = reverse("sessions") + f"?day={tomorrow:%Y-%m-%d}"
    desk = _signed_in(house, clinic.staff(roles=[Role.FRONT_DESK], sites=[house.site]))
    reminder = _next_for(tobias)
    assert reminder.attendance is not None
    stand_at(reminder.due_at + ANYTHING_LATER)
    _until(house, lambda: len(house.sent_to(NUMBER)) == 1, "the reminder did not go")

    answer = house.writes(NUMBER, "C", "SM-c")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/xml")
    assert house.writes(NUMBER, "C", "SM-c").content == answer.content
    shown = _page(desk.session, house, day)
    assert tobias.display_name in shown
    assert "Will come, said by a reply" in shown
    place = make_session.place_of(row, tobias)
    assert place.confirmed_at is not None

    _until(house, lambda: len(house.sent_to(NUMBER)) == 2, "nothing came back")
    acknowledged = house.sent_to(NUMBER)[1].body
    assert acknowledged.startswith("the office: thank you")
    assert not forbidden_words(acknowledged)
    assert Reply.objects.count() == 1


def test_silence_climbs_to_the_second_channel_and_to_a_person(house: House, counselor: Actor, tobias: Patient) -> None:
    contact = _only_contact(tobias, counselor, ladder="contact")
    stand_at(contact.due_at + ANYTHING_LATER)
    _until(house, lambda: len(house.sent_to(NUMBER)) == 1, "the first message did not go")

    stand_at(contact.due_at + DAY + ANYTHING_LATER)
    _until(house, lambda: bool(house.mail.letters.taken), "nothing went on the second channel", "climb_ladders")
    assert house.mail.letters.parsed()[0]["To"] == ADDRESS

    stand_at(contact.due_at + 2 * DAY + 2 * ANYTHING_LATER)
    _until(house, lambda: _kind(contact) == "staff_call", "it did not climb to a person", "climb_ladders")
    member = clinic.staff(roles=[Role.COUNSELOR], sites=[house.site])
    person = _signed_in(house, member)
    assert tobias.display_name in _page(person.session, house, reverse("today") + "?scope=site")

    at = f"{house.url}{reverse('call', args=[contact.public_id])}?version={_again(contact).version}"
    form = {"outcome": "no_answer", "note": "Rang twice.", "csrfmiddlewaretoken": person.session.headers["X-CSRFToken"]}
    assert person.session.post(at, form, timeout=30).status_code == 200
    after = _again(contact)
    assert (after.outcome, after.call_results.get().note) == ("", "Rang twice.")
    assert after.act_at > contact.due_at + 2 * DAY + timedelta(hours=12)
    assert len(house.sent_to(NUMBER)) == 1


def test_a_stop_is_kept_everywhere_with_its_evidence(house: House, counselor: Actor, tobias: Patient) -> None:
    contact = _only_contact(tobias, counselor, ladder="contact")
    make_session.individual(tobias, by=counselor, at=MORNING + 3 * DAY + timedelta(hours=3), now=MORNING - DAY)
    stand_at(contact.due_at + ANYTHING_LATER)
    _until(house, lambda: bool(house.sent_to(NUMBER)), "no message went")
    before = len(house.sent_to(NUMBER))

    assert house.writes(NUMBER, "STOP PLEASE", "SM-stop").status_code == 200
    _until(house, lambda: len(house.sent_to(NUMBER)) == before + 1, "the stop was not acknowledged")
    assert house.sent_to(NUMBER)[-1].body.startswith("the office: no more text messages will come")

    row = Reply.objects.get()
    closed = set(Suppression.objects.filter(lifted_at__isnull=True).values_list("channel", "address", "patient"))
    assert closed == {("sms", NUMBER, None), ("sms", "", tobias.pk)}
    decided = ContactConsent.objects.filter(contact_point__channel="sms").order_by("-effective_at", "-pk")[0]
    assert (decided.given, decided.method) == (False, "reply")
    for part in ("STOP PLEASE", str(row.public_id), str(row.attempt_reference)):
        assert part in decided.evidence

    planned = Reminder.objects.filter(patient=tobias, channel="sms", status="planned").order_by("due_at")
    following = planned[0]
    assert following.attendance is not None
    stand_at(following.due_at + ANYTHING_LATER)
    _until(house, lambda: Reminder.objects.get(pk=following.pk).status == "suppressed", "it was not held back")
    assert len(house.sent_to(NUMBER)) == before + 1
    nurse = _signed_in(house, clinic.staff(roles=[Role.NURSE], sites=[house.site]))
    assert "STOP PLEASE" in _page(nurse.session, house, reverse("chart", args=[tobias.public_id]) + "?tab=contacts")


# -- steps ------------------------------------------------------------------------------------------------------------


def _only_contact(person: Patient, by: Actor, *, ladder: str) -> FollowUp:
    """Somebody under way, with the first contact of this ladder alone: the others are not in this journey."""
    rows = pathways.enrolled(person, by=by, now=MORNING - DAY).follow_ups.open().order_by("due_at")
    kept = rows.filter(ladder=ladder, due_at__gt=MORNING)[0]
    for other in rows.exclude(pk=kept.pk):
        follow_ups.close(
            by=by,
            now=MORNING - DAY,
            follow_up_id=other.public_id,
            outcome=Outcome.CANCELLED,
            note="Not in this journey.",
        )
    return kept


def _next_for(person: Patient) -> Reminder:
    return Reminder.objects.filter(patient=person, status="planned", due_at__gt=MORNING).earliest("due_at")


def _again(row: FollowUp) -> FollowUp:
    return FollowUp.objects.get(pk=row.pk)


def _kind(row: FollowUp) -> str:
    """The sort of step it stands on."""
    now = FollowUp.objects.select_related("enrollment__program_version").get(pk=row.pk)
    return str(ladder_of(now).rungs[now.rung].kind)


def _page(session: requests.Session, house: House, path: str) -> str:
    answer = session.get(f"{house.url}{path}", timeout=30)
    assert answer.status_code == 200, answer.text[:500]
    return answer.text


def _until(house: House, done: Callable[[], bool], otherwise: str, *tasks: str) -> None:
    """Wait for worker and beat, which are woken rather than waited a minute for."""
    for task in tasks:
        house.wake(task)

    def came() -> bool:
        connection.close()
        house.wake("deliver_due_reminders")
        return done()

    wait_until(came, otherwise)
