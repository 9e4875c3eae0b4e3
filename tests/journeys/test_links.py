"""A patient's own link, from the message it comes in to what it does, on a telephone: Chromium, 390 pixels wide."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from playwright.sync_api import expect

from clinic.models import Actor
from clinic.rules.roles import Role
from pathways.actions import follow_ups, links
from pathways.models import Attendance, FollowUp, PatientLink, Reminder, Reply
from pathways.queries.links import address
from pathways.rules.follow_ups import Outcome
from patients.models import Patient, SafetyFlag, Suppression
from patients.queries.contacts import preference_of
from tests.factories import clinic, pathways, patients
from tests.factories import links as make
from tests.factories import sessions as make_session
from tests.factories.course import to_therapy
from tests.factories.links import altered
from tests.faults.load import stand_at
from tests.journeys.desk import Desk, desk
from tests.journeys.house import MORNING, House
from tests.journeys.test_replies import _until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
COMES, MOVES, CANNOT = "+14155550131", "+14155550132", "+14155550133"
ADDRESS = "juniper@example.org"
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
TELLING = ("Stepwell", "recovery", "treatment", "clinic", "kratom", "counsel", "therapy", "PHQ")


@pytest.fixture
def counselor(house: House) -> Actor:
    return clinic.staff(roles=[Role.SUPERVISOR], sites=[house.site], name="Ada Samplewright").actor


@pytest.fixture
def telephone(house: House) -> Iterator[Desk]:
    with desk(house.url, width=390, height=844) as at:
        yield at


def test_three_people_say_whether_they_come(house: House, counselor: Actor, telephone: Desk) -> None:
    places = {each: _expected(house, counselor, each) for each in (COMES, MOVES, CANNOT)}
    stand_at(_next_message(places[COMES]).due_at + MINUTE)
    _until(house, lambda: all(house.sent_to(each) for each in places), "the reminders did not go")

    at = _link_in(house.sent_to(COMES)[0].body, house)
    _looking_changes_nothing(house, telephone, at)
    telephone.press("Yes, I will be there")
    telephone.heading("Thank you, Juniper")
    telephone.fits()
    assert _again(places[COMES]).confirmed_at is not None
    telephone.visit(at)
    telephone.heading("This page is not open")

    telephone.visit(_link_in(house.sent_to(MOVES)[0].body, house))
    telephone.press("Choose another time")
    telephone.fits()
    telephone.page.locator(".opts label").first.click()
    telephone.press("Ask for this time")
    telephone.sees("We will tell you whether")
    wish = Reply.objects.get(attendance=places[MOVES])
    assert (wish.needs_person, wish.channel, _again(places[MOVES]).status) == (True, "link", "booked")

    telephone.visit(_link_in(house.sent_to(CANNOT)[0].body, house))
    telephone.press("I cannot come")
    telephone.heading("Shall we take you off?")
    assert _again(places[CANNOT]).status == "booked"
    telephone.press("Yes, I cannot come")
    telephone.sees("is given up")
    assert _again(places[CANNOT]).status == "cancelled_by_patient"


def test_a_form_is_answered_by_whoever_it_is_for(house: House, counselor: Actor, telephone: Desk) -> None:
    owed = _form_owed(house, counselor)
    stand_at(owed.due_at + MINUTE)
    _until(house, lambda: bool(house.mail.letters.taken), "the letter did not go")
    letter = house.mail.letters.parsed()[0]
    assert letter["To"] == ADDRESS
    at, page = _link_in(letter.get_content(), house), telephone.page
    telephone.visit(at)
    _gives_nothing_away(telephone, "Juniper")
    _says_who(telephone, owed.patient, year="1901")
    telephone.sees("This does not fit.")
    _says_who(telephone, owed.patient)
    telephone.heading("A few questions")
    telephone.fits()
    for item in page.locator("fieldset.choices").all():
        item.locator("label").first.click()
    page.locator("#q-phq9_9 label").nth(1).click()
    expect(page.get_by_role("alert")).to_contain_text("You are not alone with this")
    page.evaluate("scrollTo(0, 0)")
    expect(page.get_by_role("alert")).to_be_in_viewport(ratio=1)
    telephone.look()
    telephone.press("Send")
    telephone.sees("A little more about that, please.")
    page.locator("#q-phq9_10 label").first.click()
    telephone.press("Send")
    telephone.sees("Your answers are with us.")
    telephone.sees("You are not alone with this")
    telephone.fits()
    owed.refresh_from_db()
    assert owed.outcome == Outcome.KEPT
    assert SafetyFlag.objects.get(patient=owed.patient).alert_key == "phq9_suicide"
    _gives_nothing_away(telephone)


def test_wishes_are_said_in_ones_own_language_and_closed_links_tell_nothing(
    house: House, counselor: Actor, telephone: Desk
) -> None:
    person = _somebody(house, counselor, patients.phone(COMES), patients.email(ADDRESS), language="es")
    given = [make.to_preferences(person, by=counselor, now=MORNING) for _ in range(4)]
    at, page = _path(given[0]), telephone.page
    telephone.visit(at)
    assert page.locator("html").get_attribute("lang") == "es"
    _says_who(telephone, person, press="Continuar")
    telephone.heading("Cómo le escribimos")
    telephone.fits()
    page.get_by_text("Correo electrónico").click()
    page.get_by_label("No antes de").fill("10:00")
    page.get_by_label("No después de").fill("16:00")
    telephone.press("Guardar")
    telephone.sees("Así le escribiremos a partir de ahora.")
    kept = preference_of(person)
    assert kept is not None
    assert kept.preferred_channel == "email"

    telephone.visit(_path(given[1]))
    _says_who(telephone, person, press="Continuar")
    telephone.press("No más mensajes")
    assert not Suppression.objects.exists()
    telephone.press("Sí, ningún mensaje más")
    assert Suppression.objects.get().patient == person

    links.revoke_link(by=counselor, now=MORNING, link_id=given[2].public_id)
    stand_at(given[3].expires_at)
    whole = _path(given[3])
    mangled = [whole[:-3] + "/", whole[:5] + whole[5:].swapcase(), altered(whole)]
    texts = []
    for closed in (at, _path(given[2]), whole, *mangled):
        telephone.visit(closed)
        telephone.fits()
        texts.append(page.locator("h1").inner_text())
        _gives_nothing_away(telephone, "Juniper", "Quillfeather")
    assert len(set(texts)) <= 2, texts


# -- steps ------------------------------------------------------------------------------------------------------------


def _somebody(house: House, by: Actor, *points: object, **given: object) -> Patient:
    return patients.patient(
        house.site, by=by, now=MORNING - 60 * DAY, given_name="Juniper", family_name="Quillfeather",
        contact_points=list(points), **given,
    )  # fmt: skip


def _expected(house: House, by: Actor, number: str) -> Attendance:
    """Somebody who is expected tomorrow, each with somebody else."""
    person = _somebody(house, by, patients.phone(number))
    leader = clinic.actor(roles=[Role.COUNSELOR], sites=[house.site])
    at = MORNING + 2 * DAY + timedelta(hours=3)
    return make_session.place_of(make_session.individual(person, by=by, leader=leader, at=at, now=MORNING), person)


def _form_owed(house: House, by: Actor) -> FollowUp:
    """The one thing that is owed to somebody in therapy: their mood questionnaire."""
    person, began = _somebody(house, by, patients.email(ADDRESS)), MORNING - 20 * DAY
    clinician = clinic.actor(roles=[Role.CLINICIAN], sites=[house.site])
    enrollment = pathways.enrolled(person, by=clinician, now=began)
    to_therapy(enrollment, clinician, now=began + 3 * DAY)
    owed = enrollment.follow_ups.open().filter(instrument="phq9", due_at__gt=MORNING).earliest("due_at")
    for other in enrollment.follow_ups.open().exclude(pk=owed.pk):
        follow_ups.close(by=clinician, now=began + 3 * DAY, follow_up_id=other.public_id, outcome=Outcome.CANCELLED,
                         note="Not in this journey.")  # fmt: skip
    return owed


def _next_message(place: Attendance) -> Reminder:
    return place.reminders.filter(status="planned", due_at__gt=MORNING).earliest("due_at")


def _again(place: Attendance) -> Attendance:
    return Attendance.objects.get(pk=place.pk)


def _link_in(text: str, house: House) -> str:
    """Where the one link of a message leads on this server."""
    found = re.findall(rf"{re.escape(house.url)}(/l/\S+)", text)
    assert len(found) == 1, text
    return str(found[0])


def _path(link: PatientLink) -> str:
    return "/l/" + address(link).partition("/l/")[2]


def _looking_changes_nothing(house: House, at: Desk, path: str) -> None:
    """A mail filter, a preview, a browser that reads ahead, and twice by the person."""
    before = list(PatientLink.objects.order_by("pk").values())
    for method, headers in (("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch"}), ("GET", {"User-Agent": "LinkScanner"})):
        assert requests.request(method, house.url + path, headers=headers, timeout=30).status_code == 200
    for _ in range(2):
        at.visit(path)
        at.heading("Hello, Juniper")
        at.fits()
    _gives_nothing_away(at, "Quillfeather")
    assert list(PatientLink.objects.order_by("pk").values()) == before
    assert not Attendance.objects.filter(confirmed_at__isnull=False).exists()


def _gives_nothing_away(at: Desk, *more: str) -> None:
    whole = at.page.locator("body").inner_text() + at.page.title()
    for word in (*TELLING, *more):
        assert word.casefold() not in whole.casefold(), word
    assert not at.page.context.cookies()


def _says_who(at: Desk, person: Patient, *, year: str = "", press: str = "Go on") -> None:
    born = person.birth_date
    for part, value in (("day", str(born.day)), ("month", str(born.month)), ("year", year or str(born.year))):
        at.page.locator(f"[name=born_{part}]").fill(value)
    at.press(press)
