"""The words of messages as pages: the list, the editor with its check, versions, and a message to oneself."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import Site, StaffMember
from clinic.rules.roles import Role
from pathways import tasks
from pathways.messages import template
from pathways.models import MessageTemplate, TemplateTrial
from tests.factories import clinic as make

pytestmark = pytest.mark.django_db
SMS = ["follow_up.check_in", "sms", "en"]
MAIL = ["follow_up.check_in", "email", "es"]
OURS = "{discreet_name}: how are you? Call {phone}. Reply STOP to opt out."


@pytest.fixture
def site() -> Site:
    return make.site("Riverbend", discreet_name="the red door")


@pytest.fixture
def manager(site: Site) -> StaffMember:
    return make.staff(roles=[Role.PROGRAM_MANAGER, Role.CLINICIAN], sites=[site], name="Ada Samplewright")


@pytest.fixture
def browser(client: Client, manager: StaffMember) -> Client:
    return make.sign_in(client, manager)


def page(browser: Client, name: str, of: list[str] | None = None, **query: str) -> str:
    answer = browser.get(reverse(name, args=of or []), query)
    assert answer.status_code == 200
    return answer.content.decode()


def put(
    browser: Client, text: str = OURS, *, of: list[str] = SMS, level: str = "site", go: str = "write", **given: Any
) -> Any:
    version = given.pop("version", None) or browser.get(reverse("template", args=of), {"level": level}).context["seen"]
    typed = {"text": text, "go": go, "version": version} | given
    return browser.post(f"{reverse('template', args=of)}?level={level}", typed, follow=True)


def test_the_list_says_whose_words_are_in_force_and_who_wrote_them(browser: Client) -> None:
    assert "as shipped" in page(browser, "templates")
    put(browser, level="clinic")
    put(browser, OURS.replace("how", "so how"))
    here, everywhere = page(browser, "templates"), page(browser, "templates", level="clinic")
    assert "this site" in here and "so how are you?" in here
    assert "Ada Samplewright" in here
    assert "so how are you?" not in everywhere and "how are you?" in everywhere


def test_the_list_costs_the_same_with_many_versions(browser: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(browser, "templates")
        return len(queries)

    cost()
    few = cost()
    for number in range(5):
        put(browser, f"{OURS} {number}")
        put(browser, f"{OURS} {number}", level="clinic")
    assert cost() == few


def test_words_are_put_into_force(browser: Client, site: Site) -> None:
    answer = put(browser, note="Warmer.")
    assert "These words are in force from the next message on." in answer.content.decode()
    row = MessageTemplate.objects.get()
    assert (row.text, row.site, row.note, row.number) == (OURS, site, "Warmer.", 1)


def test_words_that_give_care_away_are_refused_and_stay_as_typed(browser: Client) -> None:
    answer = put(browser, OURS + " Your recovery")
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "Messages may not say recover*" in shown
    assert "Your recovery</textarea>" in shown
    assert not MessageTemplate.objects.exists()


def test_what_is_typed_is_judged_and_shown_at_once_and_stored_nowhere(browser: Client) -> None:
    address = reverse("template_check", args=SMS)
    told = browser.post(
        address, {"text": "{discreet_name} k-r-a-t-o-m"}, headers={"HX-Request": "true"}
    ).content.decode()
    assert "Messages may not say kratom" in told
    assert "the red door k-r-a-t-o-m" in told
    assert 'hx-swap-oob="innerHTML"' in told
    broken = browser.post(address, {"text": "{discreet_name"}).content.decode()
    assert "Cannot be filled in as it stands." in broken
    fine = browser.post(address, {"text": OURS}).content.decode()
    assert "Nothing in it gives care away." in fine
    assert "characters with the longest names" in fine
    assert not MessageTemplate.objects.exists()


def test_the_check_works_without_script(browser: Client) -> None:
    shown = put(browser, "{discreet_name} group", go="check").content.decode()
    assert "Messages may not say group*" in shown
    assert "{discreet_name} group</textarea>" in shown


def test_both_languages_are_shown_with_a_short_name_and_at_the_longest(browser: Client) -> None:
    shown = page(browser, "template", MAIL)
    assert "Hola, Jo:" in shown and "Hola, Maximiliana-Concepci:" in shown
    assert "Hello Jo," in shown and "Hello Maximiliana-Concepci," in shown


def test_somebody_elses_change_meanwhile_is_told_and_nothing_typed_is_lost(browser: Client) -> None:
    put(browser)
    answer = put(browser, OURS + " Bye", version=1)
    assert answer.status_code == 412
    shown = answer.content.decode()
    assert "Somebody else changed these words meanwhile." in shown
    assert "Bye</textarea>" in shown
    assert MessageTemplate.objects.count() == 1
    assert put(browser, OURS + " Bye", version=answer.context["seen"]).status_code == 200
    assert MessageTemplate.objects.count() == 2


def test_words_are_given_up_and_those_below_are_in_force_again(browser: Client) -> None:
    put(browser)
    version = browser.get(reverse("template", args=SMS)).context["seen"]
    answer = browser.post(reverse("template_retire", args=SMS), {"version": version}, follow=True)
    assert "Given up. The words of the level below are in force." in answer.content.decode()
    assert template(*SMS).text in page(browser, "template", SMS).replace("&#x27;", "'")
    assert browser.post(reverse("template_retire", args=SMS), {"version": "x"}).status_code == 422
    again = browser.get(reverse("template", args=SMS)).context["seen"]
    assert browser.post(reverse("template_retire", args=SMS), {"version": again}).status_code == 409


def test_versions_and_what_changed_between_them(browser: Client) -> None:
    assert "Nobody has changed these words here." in page(browser, "template_history", SMS)
    put(browser)
    assert "Version 1 against the shipped words" in page(browser, "template_history", SMS)
    put(browser, OURS.replace("how are you", "a word"))
    shown = page(browser, "template_history", SMS)
    assert "Version 2 against version 1" in shown
    assert "<ins>a word</ins>" in shown or "<ins>a</ins>" in shown
    assert "<del>" in shown
    assert "Version 1 against the shipped words" in page(browser, "template_history", SMS, to="1")


def test_a_message_to_oneself_says_where_it_is(
    browser: Client, settings: Any, tmp_path: Any, manager: StaffMember
) -> None:
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    subject = "{discreet_name}: hola"
    words = "Hola {given_name}, {phone} {discreet_name}"
    shown = put(browser, words, of=MAIL, go="try", subject=subject).content.decode()
    assert f"It is on its way to {manager.user.email}." in shown
    assert "in line" in shown and "every 3s" in shown
    assert not MessageTemplate.objects.exists()
    tasks.deliver_template_trials()
    later = page(browser, "template_trials", MAIL)
    assert "in the practice mailbox" in later and "every 3s" not in later
    assert TemplateTrial.objects.get().text.startswith("Hola Jo, +1202")


def test_who_has_no_number_is_told_on_the_page(browser: Client) -> None:
    answer = put(browser, go="try")
    assert answer.status_code == 409
    assert "Your own staff entry has no telephone number" in answer.content.decode()


def test_who_may_only_read_sees_the_words_and_no_form(client: Client, site: Site) -> None:
    desk = make.sign_in(client, make.staff(roles=[Role.FRONT_DESK], sites=[site]))
    shown = page(desk, "template", SMS)
    assert "<textarea" not in shown
    assert template(*SMS).text in shown
    assert desk.post(reverse("template", args=SMS), {"text": OURS, "version": 1}).status_code == 403


def test_the_words_of_the_clinic_are_not_changed_by_who_works_at_one_of_its_sites(browser: Client) -> None:
    make.site()
    assert "<textarea" not in page(browser, "template", SMS, level="clinic")
    assert put(browser, level="clinic", version=1).status_code == 403


@pytest.mark.parametrize(
    "of", [["nothing", "sms", "en"], ["follow_up.check_in", "letter", "en"], ["follow_up.check_in", "sms", "fr"]]
)
def test_a_message_that_is_none_is_not_found(browser: Client, of: list[str]) -> None:
    for name in ("template", "template_history", "template_trials"):
        assert browser.get(reverse(name, args=of)).status_code == 404
    assert browser.post(reverse("template_check", args=of), {"text": OURS}).status_code == 404


def test_the_list_says_where_messages_come_from_and_what_is_wrong_with_it(browser: Client, settings: Any) -> None:
    settings.SMTP_FROM, settings.PATIENT_LINK_URL = "hello@harborrecovery.example", "https://go.example"
    shown = page(browser, "templates")
    assert "hello@harborrecovery.example" in shown and "Messages may not say recover*" in shown
    assert "https://go.example" in shown
