"""The pages of replies: what waits, the thread it stands in, and what a person does about it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Actor, AuditEntry, Site
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.models import Reply
from pathways.rules.links import EXAMPLE, address_of
from patients.actions import consents
from patients.models import Patient
from tests.factories import clinic as make
from tests.factories.patients import NOW
from tests.factories.replies import MINUTE, OTHER_PHONE, reminded, somebody, two, wrote

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(site: Site) -> Actor:
    return make.actor(roles=[Role.SUPERVISOR], sites=[site])


@pytest.fixture
def person(site: Site, by: Actor) -> Patient:
    return somebody(site, by)


@pytest.fixture
def browser(client: Client, site: Site) -> Client:
    return make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))


def page(browser: Client, name: str, *args: object, **query: str) -> str:
    answer = browser.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_shows_what_waits_and_then_everything(browser: Client, person: Patient) -> None:
    wrote("Where do I park?")
    wrote("Thanks")
    waits = page(browser, "replies")
    assert "Where do I park?" in waits
    assert "Thanks" not in waits
    assert person.display_name in waits
    assert "Thanks" in page(browser, "replies", state="all")
    assert AuditEntry.objects.filter(action="read.replies", patient_ids__contains=[person.public_id]).exists()


def test_messages_lead_to_the_replies_that_wait(browser: Client, person: Patient) -> None:
    wrote("Where do I park?")
    shown = page(browser, "messages")
    assert f'href="{reverse("replies")}"' in shown
    assert '<b class="n">1</b>' in shown


def test_a_reply_stands_in_its_thread(browser: Client, person: Patient, by: Actor) -> None:
    place = reminded(person, by)
    row = wrote("I will be late")
    shown = page(browser, "reply", row.public_id)
    assert "see you Tue 16 Jun at 10:00" in shown
    assert "I will be late" in shown
    assert reverse("session", args=[place.session.public_id]) in shown


def test_what_is_new_and_the_form_come_before_what_was_said_long_ago(browser: Client, person: Patient) -> None:
    for number in range(3):
        wrote(f"Old words {number}", now=NOW - 9 * MINUTE + number * MINUTE)
    shown = page(browser, "reply", wrote("I will be late").public_id)
    folded = shown.index("thread before")
    form = shown.index(">See to it<")
    assert shown.index("I will be late") < form < folded < shown.index("Old words 0")
    assert "3 messages from before" in shown


def test_what_they_answer_stands_with_their_words(browser: Client, person: Patient, by: Actor) -> None:
    reminded(person, by)
    shown = page(browser, "reply", wrote("I will be late").public_id)
    assert shown.index("see you Tue 16 Jun at 10:00") < shown.index("I will be late") < shown.index(">See to it<")
    assert "from before" not in shown


def test_the_form_leads_to_where_messages_are_stopped(browser: Client, person: Patient) -> None:
    shown = page(browser, "reply", wrote("These are too many for me").public_id)
    stop = reverse("patient_contacts", args=[person.public_id])
    assert f'href="{stop}#stop"' in shown
    assert 'id="stop"' in page(browser, "patient_contacts", person.public_id)


def test_what_a_stop_rests_on_is_told_in_words_with_the_way_to_the_reply(
    browser: Client, person: Patient, site: Site
) -> None:
    row = wrote("STOP PLEASE")
    shown = page(browser, "patient_contacts", person.public_id)
    at = say(sentence("call.on", at=NOW.astimezone(site.zone)))
    link = f'<a href="{reverse("reply", args=[row.public_id])}">Wrote STOP PLEASE by text message, {at}</a>'
    assert shown.count(link) == 2  # the decision and the stopped number
    assert str(row.public_id) not in shown.replace(link, "")
    assert "UTC" not in shown


def test_other_evidence_is_told_as_it_was_given(browser: Client, person: Patient, by: Actor) -> None:
    point = person.contact_points.get()
    consents.record(contact_point=point, given=False, method="phone", evidence="said so on the phone", by=by, now=NOW)
    assert "said so on the phone" in page(browser, "patient_contacts", person.public_id)


def test_a_link_stands_in_the_thread_without_its_token(browser: Client, person: Patient) -> None:
    row = wrote(f"What is {address_of(EXAMPLE, 'https://go.example')} ?")
    for shown in (page(browser, "reply", row.public_id), page(browser, "replies")):
        assert "https://go.example/l/••••/" in shown and EXAMPLE not in shown
    assert browser.get(f"/api/v1/replies/{row.public_id}/").json()["text"] == "What is https://go.example/l/••••/ ?"


def test_an_answer_leads_back_to_what_it_answers(client: Client, site: Site, person: Patient) -> None:
    row = wrote("HELP")
    nurse = make.sign_in(client, make.staff(roles=[Role.NURSE], sites=[site]))
    assert reverse("reply", args=[row.public_id]) in page(nurse, "message", row.answers.get().public_id)


def test_words_are_shown_as_words(browser: Client, person: Patient) -> None:
    row = wrote("<script>alert(1)</script>")
    assert "<script>alert" not in page(browser, "reply", row.public_id)


def test_it_is_seen_to_on_its_page(browser: Client, person: Patient) -> None:
    row = wrote("Where do I park?")
    done = {"handling": "called", "note": "Behind the house.", "version": row.version}
    answer = browser.post(reverse("reply_handle", args=[row.public_id]), done)
    assert (answer.status_code, answer["Location"]) == (303, reverse("replies"))
    shown = page(browser, "reply", row.public_id)
    assert "Behind the house." in shown
    assert reverse("reply_handle", args=[row.public_id]) not in shown


def test_what_is_wanting_is_said_and_what_was_typed_stays(browser: Client, person: Patient) -> None:
    row = wrote("Where do I park?")
    answer = browser.post(reverse("reply_handle", args=[row.public_id]), {"note": "Behind", "version": row.version})
    assert answer.status_code == 422
    assert "Behind" in answer.content.decode()
    stale = {"handling": "called", "version": row.version + 7}
    assert browser.post(reverse("reply_handle", args=[row.public_id]), stale).status_code == 412


def test_they_are_asked_to_call_in_words_that_are_shown_first(browser: Client, person: Patient) -> None:
    row = wrote("Where do I park?")
    words = "Please call us at"
    assert words in page(browser, "reply", row.public_id)
    at = reverse("reply_ask_to_call", args=[row.public_id])
    answer = browser.post(at, {"version": row.version})
    assert (answer.status_code, answer["Location"]) == (303, reverse("replies"))
    assert "They are asked to call." in browser.get(answer["Location"]).content.decode()
    assert "Asked them to call" in page(browser, "replies", state="all")
    assert words not in page(browser, "reply", row.public_id)
    assert browser.post(at, {"version": row.version + 1}).status_code == 409


def test_whoever_stopped_is_not_asked_and_it_is_said_why(browser: Client, person: Patient) -> None:
    wrote("STOP")
    row = wrote("Hello?", now=NOW + MINUTE)
    answer = browser.post(reverse("reply_ask_to_call", args=[row.public_id]), {"version": row.version})
    assert answer.status_code == 409
    assert say(sentence("reminder.suppressed.person")) in answer.content.decode()


def test_nobody_unknown_is_asked_to_call(browser: Client, site: Site) -> None:
    row = wrote("Who is this?", address=OTHER_PHONE)
    assert reverse("reply_ask_to_call", args=[row.public_id]) not in page(browser, "reply", row.public_id)


def test_whose_a_reply_is_can_be_said_where_two_have_the_number(browser: Client, site: Site, by: Actor) -> None:
    first, second = two(site, by)
    row = wrote("When do I come?")
    shown = page(browser, "reply", row.public_id)
    assert first.display_name in shown
    assert second.display_name in shown
    chosen = {"patient": str(second.public_id), "record_number": "", "version": row.version}
    assert browser.post(reverse("reply_assign", args=[row.public_id]), chosen).status_code == 303
    assert Reply.objects.get().patient == second


def test_whose_a_reply_is_can_be_said_by_record_number(browser: Client, person: Patient) -> None:
    row = wrote("My new number", address=OTHER_PHONE)
    at = reverse("reply_assign", args=[row.public_id])
    wrong = browser.post(at, {"record_number": "SW-99999", "version": row.version})
    assert wrong.status_code == 422
    right = {"record_number": person.record_number.lower(), "version": row.version}
    assert browser.post(at, right).status_code == 303
    assert Reply.objects.get().patient == person


def test_a_reply_of_another_site_is_not_there(client: Client, person: Patient) -> None:
    row = wrote("Where do I park?")
    elsewhere = make.sign_in(client, make.staff(roles=[Role.SUPERVISOR], sites=[make.site()]))
    assert elsewhere.get(reverse("reply", args=[row.public_id])).status_code == 404


def test_the_chart_tells_what_they_wrote_and_what_went_in_words(browser: Client, person: Patient, by: Actor) -> None:
    reminded(person, by)
    wrote("Where do I park?")
    shown = page(browser, "chart", person.public_id, tab="contacts")
    assert "Where do I park?" in shown
    assert "Individual counseling" in shown
    assert "Sentence(" not in shown
    assert "object (" not in shown


def test_the_pages_cost_the_same_for_one_reply_and_for_twenty(
    browser: Client, person: Patient, site: Site, by: Actor
) -> None:
    def cost(name: str, *args: object) -> int:
        page(browser, name, *args)
        with CaptureQueriesContext(connection) as told:
            page(browser, name, *args)
        return len(told)

    row = wrote("Where do I park?")
    one = cost("replies"), cost("reply", row.public_id)
    for n in range(20):
        wrote(f"Hello {n}?", now=NOW)
        somebody(site, by)
        wrote(f"Who is it {n}?", address=f"+1415555{2000 + n}")
    assert (cost("replies"), cost("reply", row.public_id)) == one
