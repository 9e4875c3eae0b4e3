"""Consents to tell others: the list with whether each holds, the form, taking back, replacing, ending."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic import clock
from clinic.rules.roles import Role
from patients.models import Consent
from tests.factories import clinic
from tests.factories.patients import patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return clinic.staff(roles=[Role.FRONT_DESK], name="Ada Samplewright")


@pytest.fixture
def site(member):
    return member.actor.sites.get()


@pytest.fixture
def person(site):
    return patient(site)


def day(name, on):
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}


def today(site):
    return clock.now().astimezone(site.zone).date()


def typed(site, **changes):
    return {
        "kind": "tpo", "patient_name": "Ana Ruiz", "form_version": "part2_2024_1", "discloser": "Riverbend Clinic",
        "categories": ["everything_but_notes"], "recipient_class": "treating_providers",
        "purposes": ["treatment", "payment"], "expiry": "end_of_treatment", "signer": "patient",
        "signer_name": "Ana Ruiz", "method": "on_paper", **day("signed_on", today(site)),
    } | changes  # fmt: skip


def record(browser, person, site, **changes):
    answer = browser.post(reverse("part2_consent_record", args=[person.public_id]), typed(site, **changes))
    assert answer.status_code == 303, answer.content.decode()
    return Consent.objects.latest("id")


def page(browser, name, *parts, **query):
    answer = browser.get(reverse(name, args=parts), query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_a_consent_the_page_says_what_that_means(browser, person):
    assert "No consent is signed yet" in page(browser, "part2_consents", person.public_id)


def test_a_consent_is_recorded_with_every_element_and_shown_as_signed(browser, person, site):
    row = record(
        browser, person, site, kind="specific", recipient_class="named", recipient="Luis Ruiz",
        purposes=["family_support"], categories=["attendance", "progress"], details="Since June.", expiry="event",
        expiry_event="The hearing is over", signer="guardian", authority="Order of 3 May", signer_name="Eva Ruiz",
    )  # fmt: skip
    shown = page(browser, "part2_consent", row.public_id)
    for words in ("Luis Ruiz", "attendance, progress", "Since June.", "The hearing is over", "Eva Ruiz",
                  "Order of 3 May", "support by family or friends", "on paper", "In force until"):  # fmt: skip
        assert words in shown, words
    assert "take this consent back in writing at any time" in shown


def test_the_form_begins_with_what_is_known_and_chooses_nothing_for_the_person(browser, person):
    shown = page(browser, "part2_consent_record", person.public_id)
    assert person.given_name in shown and "checked" not in shown and "selected>treatment" not in shown


def test_what_does_not_go_together_is_marked_and_what_was_typed_stays(browser, person, site):
    address = reverse("part2_consent_record", args=[person.public_id])
    answer = browser.post(address, typed(site, categories=["counseling_notes", "plans"], discloser="Night ward"))
    shown = answer.content.decode()
    assert answer.status_code == 422 and 'href="#id_categories"' in shown
    assert "Counseling notes need a consent of their own kind" in shown and "Night ward" in shown
    assert not Consent.objects.exists()


def test_what_is_missing_is_said_at_once_for_all_of_it(browser, person, site):
    address = reverse("part2_consent_record", args=[person.public_id])
    answer = browser.post(address, {"kind": "tpo"})
    assert answer.status_code == 422 and answer.content.decode().count("This is needed.") > 6


def test_the_list_says_in_words_whether_each_holds_and_why(browser, person, site):
    record(browser, person, site, expiry="none")
    ended = typed(site, kind="specific", purposes=["patient_request"], expiry="on_date", signed_on_year="2024",
                  **day("expires_on", today(site) - timedelta(days=1)))  # fmt: skip
    browser.post(reverse("part2_consent_record", args=[person.public_id]), ended)
    shown = page(browser, "part2_consents", person.public_id)
    assert "In force, without an end, until it is taken back." in shown and "Not in force: it ended on" in shown
    assert "Not in force" in page(browser, "chart", person.public_id, tab="consents")


def test_a_consent_is_taken_back_and_says_so(browser, person, site):
    row = record(browser, person, site)
    address = reverse("part2_consent_revoke", args=[row.public_id])
    assert browser.post(address, {"method": "written"}).status_code == 422
    given = {"method": "written", "note": "A letter.", **day("on", today(site))}
    shown = browser.post(address, given, follow=True).content.decode()
    assert "Not in force: it was taken back on" in shown and "A letter." in shown and "in writing" in shown
    assert browser.post(address, given).status_code == 409


def test_it_cannot_be_taken_back_on_a_day_that_has_not_come(browser, person, site):
    row = record(browser, person, site)
    later = day("on", today(site) + timedelta(days=2))
    answer = browser.post(reverse("part2_consent_revoke", args=[row.public_id]), {"method": "said", **later})
    assert answer.status_code == 422 and "in the future" in answer.content.decode()


def test_a_consent_is_replaced_by_one_signed_anew(browser, person, site):
    row = record(browser, person, site)
    address = reverse("part2_consent_replace", args=[row.public_id])
    assert "Riverbend Clinic" in browser.get(address).content.decode()
    assert browser.post(address, typed(site, purposes=["treatment"])).status_code == 303
    old = page(browser, "part2_consent", row.public_id)
    assert "another consent took its place" in old and "The one in its place" in old
    assert browser.post(address, typed(site)).status_code == 409


def test_the_event_a_consent_was_to_end_with_is_recorded(browser, person, site):
    signed = day("signed_on", today(site) - timedelta(days=3))
    row = record(browser, person, site, kind="specific", recipient_class="employer", purposes=["patient_request"],
                 expiry="event", expiry_event="The job begins", **signed)  # fmt: skip
    address = reverse("part2_consent_end", args=[row.public_id])
    assert browser.post(address, {}).status_code == 422
    assert browser.post(address, day("on", today(site) + timedelta(days=1))).status_code == 422
    shown = browser.post(address, day("on", today(site)), follow=True).content.decode()
    assert "what it was to end with came" in shown
    assert browser.post(address, day("on", today(site))).status_code == 409


def test_who_only_reads_sees_the_consents_and_changes_none(client, site, person, member, browser):
    row = record(browser, person, site)
    reader = clinic.sign_in(client, clinic.staff(roles=[Role.PRIVACY_OFFICER], sites=[site]))
    shown = page(reader, "part2_consent", row.public_id)
    assert "Take it back" not in shown and "Replace" not in shown
    assert reader.post(reverse("part2_consent_revoke", args=[row.public_id])).status_code == 403
    assert reader.get(reverse("part2_consent_record", args=[person.public_id])).status_code == 403


def test_a_strangers_consents_look_like_none(browser, site, person):
    row = record(browser, person, site)
    elsewhere = clinic.sign_in(browser, clinic.staff(roles=[Role.FRONT_DESK], sites=[clinic.site()]))
    for name in ("part2_consent", "part2_consent_replace"):
        assert elsewhere.get(reverse(name, args=[row.public_id])).status_code == 404
    for name in ("part2_consents", "part2_consent_record"):
        assert elsewhere.get(reverse(name, args=[person.public_id])).status_code == 404


def test_the_list_costs_the_same_for_many_consents(browser, person, site, django_assert_max_num_queries):
    address = reverse("part2_consents", args=[person.public_id])
    record(browser, person, site)
    browser.get(address)
    with django_assert_max_num_queries(40) as few:
        browser.get(address)
    cost = len(few)
    for _again in range(4):
        record(browser, person, site)
    browser.get(address)
    with django_assert_max_num_queries(cost):
        browser.get(address)
