"""The pages about people: list, search, registration, details, contact and consent, flags, duplicates."""

from datetime import date

import pytest
from django.urls import reverse

from clinic import clock
from clinic.actions.jobs import job
from clinic.actions.verbs import allow_direct_writes
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from pathways.models import Enrollment, Reminder
from patients.actions import drafts
from patients.actions.contacts import suppress
from patients.actions.opt_outs import close_address
from patients.models import ContactConsent, Patient, PossibleDuplicate, SafetyFlag, Suppression
from tests.factories import clinic, pathways
from tests.factories.patients import NOW, email, linked, patient, phone

pytestmark = pytest.mark.django_db

ROLES = [Role.CLINICIAN, Role.SUPERVISOR]


@pytest.fixture
def member():
    return clinic.staff(roles=ROLES, name="Ada Samplewright")


@pytest.fixture
def site(member):
    return member.actor.sites.get()


def typed(**changes):
    return {
        "given_name": "Tobias", "family_name": "Quillfeather", "birth_date_day": "7", "birth_date_month": "June",
        "birth_date_year": "1984", "sex_for_clinical_use": "male", "language": "en",
    } | changes  # fmt: skip


def text(answer):
    return answer.content.decode()


def test_a_person_is_registered_and_their_page_opens(browser, site):
    answer = browser.post(
        reverse("patient_register"),
        typed(phone="415 555 2671", phone_confirmed="on", phone_consent="on", email="t@example.org"),
        follow=True,
    )
    made = Patient.objects.get()
    assert answer.redirect_chain == [(reverse("patient", args=[made.public_id]), 303)]
    assert "+14155552671" in text(answer) and made.record_number in text(answer)
    assert ContactConsent.objects.get().contact_point.verified_at


def test_what_cannot_be_taken_is_marked_and_what_was_typed_stays(browser):
    answer = browser.post(reverse("patient_register"), typed(phone="12", birth_date_year="2999", given_name="A\x00"))
    assert answer.status_code == 422 and "Quillfeather" in text(answer)
    assert not Patient.objects.exists()
    answer = browser.post(reverse("patient_register"), typed(phone="12"))
    assert answer.status_code == 422 and 'id="id_phone-error"' in text(answer)
    answer = browser.post(reverse("patient_register"), typed(birth_date_year="2999"))
    assert answer.status_code == 422 and "future" in text(answer)


def test_a_possible_duplicate_is_compared_before_anything_is_saved(browser, site):
    known = patient(site, given_name="Tobias", family_name="Quillfeather", birth_date=date(1984, 6, 7))
    answer = browser.post(reverse("patient_register"), typed())
    assert answer.status_code == 409
    assert known.record_number in text(answer) and "This is the same person" in text(answer)
    assert Patient.objects.count() == 1
    browser.post(reverse("patient_register"), typed(confirm_not_duplicate="yes"))
    assert Patient.objects.count() == 2


def test_the_list_shows_those_of_ones_sites_and_records_who_was_seen(browser, site):
    here, elsewhere = patient(site), patient()
    answer = browser.get(reverse("patients"))
    assert here.record_number in text(answer) and elsewhere.record_number not in text(answer)
    entry = AuditEntry.objects.filter(action="read.patients").get()
    assert entry.patient_ids == [here.public_id]


@pytest.mark.parametrize("name", ["q", "name", "birth_date", "phone"])
def test_people_are_never_searched_for_in_an_address(browser, site, name):
    patient(site, family_name="Quillfeather")
    answer = browser.get(reverse("patients"), {name: "quill"})
    assert answer.status_code == 400 and "Quillfeather" not in text(answer)
    assert browser.get(reverse("patients_search"), {"q": "quill"}).status_code == 405


def test_a_typed_line_finds_without_script_and_with_it(browser, site):
    found, other = patient(site, family_name="Quillfeather"), patient(site)
    page = browser.post(reverse("patients_search"), {"q": "quill"})
    assert found.record_number in text(page) and other.record_number not in text(page) and "<html" in text(page)
    part = browser.post(
        reverse("patients_search"), {"q": "quill"}, headers={"HX-Request": "true", "HX-Target": "people"}
    )
    assert found.record_number in text(part) and "<html" not in text(part)
    nobody = browser.post(reverse("patients_search"), {"q": "zzzz"})
    assert "Nobody at your sites fits" in text(nobody)


@pytest.mark.parametrize("line", ["\x00", "q" * 5000, "í\xa0\x80", "%", "_"])
def test_an_odd_line_finds_nobody_in_peace(browser, site, line):
    patient(site)
    assert browser.post(reverse("patients_search"), {"q": line}).status_code == 200


def test_a_long_list_is_read_page_by_page(browser, site):
    people = {patient(site).record_number for _ in range(53)}
    first = browser.get(reverse("patients"))
    assert len(first.context["rows"]) == 50
    second = browser.get(first.context["following"])
    seen = {row["patient"].record_number for page in (first, second) for row in page.context["rows"]}
    assert seen == people
    assert browser.get(reverse("patients") + "?cursor=nonsense").status_code == 422


@pytest.mark.parametrize("name", ["patient", "patient_correct", "patient_contacts"])
def test_a_foreign_person_has_no_page(browser, name):
    foreign = patient(family_name="Quillfeather")
    answer = browser.get(reverse(name, args=[foreign.public_id]))
    assert answer.status_code == 404 and "Quillfeather" not in text(answer)


def test_a_record_is_put_right_and_a_stale_page_is_told(browser, site):
    one = patient(site)
    body = typed(version=one.version, time_zone="America/Chicago", family_name="Quillwright")
    assert browser.post(reverse("patient_correct", args=[one.public_id]), body).status_code == 303
    one.refresh_from_db()
    assert (one.family_name, one.time_zone) == ("Quillwright", "America/Chicago")
    answer = browser.post(reverse("patient_correct", args=[one.public_id]), body | {"gender": "man"})
    assert answer.status_code == 412 and "Somebody changed this" in text(answer)


def test_addresses_consent_and_preferences_are_kept_on_one_page(browser, site):
    one = patient(site, contact_points=[phone()])
    address = reverse("patient_contacts", args=[one.public_id])
    added = {"channel": "email", "address": "two@example.org", "confirmed": "on"}
    assert browser.post(address, added).status_code == 303
    assert browser.post(address, added).status_code == 409
    assert browser.post(address, added | {"address": "nobody"}).status_code == 422
    point = one.contact_points.get(channel="email")
    browser.post(reverse("consent", args=[point.public_id]), {"given": "yes", "method": "written", "evidence": "form"})
    browser.post(
        reverse("contact_point_retire", args=[one.contact_points.get(channel="sms").public_id]), {"version": 1}
    )
    browser.post(
        reverse("patient_preference", args=[one.public_id]), {"preferred_channel": "email", "reminders_wanted": "on"}
    )
    browser.post(reverse("patient_suppress", args=[one.public_id]), {"target": "", "reason": "person_asked"})
    page = text(browser.get(address))
    assert "two@example.org" in page and "The person asked" in page
    assert point.consents.get().given and one.contact_preference.preferred_channel == "email"
    row = Suppression.objects.get()
    browser.post(reverse("patient_lift", args=[one.public_id, row.public_id]))
    row.refresh_from_db()
    assert row.lifted_at


def test_what_closed_an_address_stands_beside_it_with_its_proof(browser, site):
    one = patient(site, contact_points=[email()])
    close_address(
        channel="email", address=one.contact_points.get().address, reason="not_deliverable",
        evidence="There is no such address (5.1.1)", by=job("mail"), now=clock.now(),
    )  # fmt: skip
    page = text(browser.get(reverse("patient_contacts", args=[one.public_id])))
    assert "It cannot be delivered" in page
    assert "There is no such address (5.1.1)" in page


def test_what_another_site_stopped_shows_its_channel_and_day_and_nothing_more(browser, member, site):
    there = clinic.site()
    both = clinic.actor(roles=ROLES, sites=[site, there])
    mine = patient(site, by=both)
    theirs = linked(patient(there, by=both), mine, both)
    staff = clinic.staff(roles=ROLES, sites=[there], name="Canary Nightingale").actor
    row = suppress(patient=theirs, reason="safety", channel="sms", by=staff, now=NOW)
    with allow_direct_writes():
        Suppression.objects.update(evidence="CANARY words")
    page = text(browser.get(reverse("patient_contacts", args=[mine.public_id])))
    assert "Text message" in page and "Stopped in another record of theirs, 16 Jun 2026" in page
    for hidden in ("anary", "CANARY", str(row.public_id), str(theirs.public_id)):
        assert hidden not in page
    address = reverse("patient_lift", args=[mine.public_id, row.public_id])
    assert browser.post(address).status_code == 404
    row.refresh_from_db()
    assert row.lifted_at is None


def test_another_address_on_the_change_form_starts_anew(browser, site):
    one = patient(site, contact_points=[email()])
    point = one.contact_points.get()
    body = {"channel": "email", "address": "new@example.org", "version": 1, "shared": "on"}
    assert browser.get(reverse("contact_point", args=[point.public_id])).status_code == 200
    assert browser.post(reverse("contact_point", args=[point.public_id]), body).status_code == 303
    fresh = one.contact_points.get(retired_at=None)
    assert fresh.address == "new@example.org" and fresh.verified_at is None and not fresh.consents.exists()


def test_messages_still_to_come_go_to_the_address_that_was_changed(browser, site):
    one = patient(site, contact_points=[email()], now=clock.now())
    row = pathways.enrolled(one, site=site, now=clock.now())
    assert Reminder.objects.filter(follow_up__enrollment=row, status="planned").exists()
    body = {"channel": "email", "address": "new@example.org", "version": 1}
    browser.post(reverse("contact_point", args=[one.contact_points.get().public_id]), body)
    to = Reminder.objects.filter(follow_up__enrollment=row, status="planned").values("contact_point__address")
    assert {each["contact_point__address"] for each in to} == {"new@example.org"}


def raise_flag(one, member):
    return drafts.save_draft(
        patient=one, instrument="phq9", answers={"phq9_9": 1}, expected_version=None, by=member.actor, now=clock.now()
    ).raised[0]


def test_a_flag_is_taken_and_closed_with_what_was_done(browser, site, member):
    flag = raise_flag(patient(site), member)
    assert "C-SSRS" in text(browser.get(reverse("flags")))
    assert browser.post(reverse("flag_take", args=[flag.public_id]), {"version": 1}).status_code == 303
    refused = browser.post(reverse("flag_close", args=[flag.public_id]), {"version": 2, "action_taken": " "})
    assert refused.status_code == 422
    stale = browser.post(reverse("flag_close", args=[flag.public_id]), {"version": 1, "action_taken": "Screened"})
    assert stale.status_code == 412
    browser.post(reverse("flag_close", args=[flag.public_id]), {"version": 2, "action_taken": "Screened, plan made"})
    flag = SafetyFlag.objects.get()
    assert flag.closed_by == member.actor
    assert "Screened, plan made" in text(browser.get(reverse("flag", args=[flag.public_id])))


def test_two_records_are_compared_and_decided(browser, site):
    for _ in range(2):
        browser.post(reverse("patient_register"), typed(confirm_not_duplicate="yes"))
    row = PossibleDuplicate.objects.get()
    assert str(row.public_id) in text(browser.get(reverse("duplicates")))
    address = reverse("duplicate", args=[row.public_id])
    assert "One person or two?" in text(browser.get(address))
    browser.post(address, {"decision": "same"})
    newer = Patient.objects.latest("id")
    assert newer.merged_into_id and "Same person as record" in text(
        browser.get(reverse("patient", args=[newer.public_id]))
    )
    assert browser.post(address, {"decision": "perhaps"}).status_code == 422


@pytest.mark.parametrize("number", [5, 50])
def test_the_list_costs_the_same_for_five_as_for_fifty(browser, site, number, django_assert_max_num_queries):
    for _ in range(number):
        patient(site, contact_points=[])
    browser.get(reverse("patients"))
    with django_assert_max_num_queries(20) as asked:
        answer = browser.get(reverse("patients"))
    assert len(answer.context["rows"]) == number
    _SEEN.setdefault("list", len(asked))
    assert len(asked) == _SEEN["list"]


def test_the_way_on_each_row_costs_the_same_for_one_as_for_many(browser, site, django_assert_max_num_queries):
    counts = []
    for number in (1, 6):
        while Enrollment.objects.count() < number:
            pathways.enrolled(patient(site, contact_points=[]), site=site)
        browser.get(reverse("patients"))
        with django_assert_max_num_queries(40) as asked:
            page = text(browser.get(reverse("patients")))
        counts.append(len(asked))
        assert page.count("sw-ribbon-s") == number
    assert counts[0] == counts[1]


@pytest.mark.parametrize("number", [1, 12])
def test_the_details_cost_the_same_however_much_is_known(browser, site, number, django_assert_max_num_queries):
    one = patient(site, contact_points=[email(f"a{n}@example.org") for n in range(number)])
    browser.get(reverse("patient", args=[one.public_id]))
    with django_assert_max_num_queries(16) as asked:
        browser.get(reverse("patient", args=[one.public_id]))
    _SEEN.setdefault("details", len(asked))
    assert len(asked) == _SEEN["details"]


_SEEN: dict[str, int] = {}


def test_an_empty_line_shows_everybody_again(browser, site):
    patient(site)
    answer = browser.post(reverse("patients_search"), {"q": " "})
    assert answer.status_code == 302 and answer["Location"] == reverse("patients")
