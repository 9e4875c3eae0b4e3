"""Labs and screens of a person: the list, one test, recording a group, putting one value right; flags on every page."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic import clock
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients.actions import observations
from patients.models import Observation, SafetyFlag
from patients.rules.observations import Entry
from tests.factories import clinic
from tests.factories.patients import patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def member():
    return clinic.staff(roles=[Role.CLINICIAN], name="Ada Samplewright")


@pytest.fixture
def site(member):
    return member.actor.sites.get()


@pytest.fixture
def person(site):
    return patient(site, preferred_name="Wren")


def record(person, member, *pairs, ago=timedelta(0)):
    now = clock.now()
    entries = [Entry(code, value if str(value).isalpha() else Decimal(str(value))) for code, value in pairs]
    return observations.record_panel(patient=person, effective_at=now - ago, entries=entries, by=member.actor, now=now)


def page(browser, name, *parts, **query):
    answer = browser.get(reverse(name, args=parts), query)
    assert answer.status_code == 200
    return answer.content.decode()


def typed(site, **values):
    now = clock.now().astimezone(site.zone)
    at = {"on_day": now.day, "on_month": now.month, "on_year": now.year, "at": f"{now:%H:%M}"}
    return at | values


def send(browser, person, group, data, **more):
    return browser.post(reverse("observation_record", args=[person.public_id, group]), data, **more)


def test_before_anything_is_measured_the_page_says_what_will_appear(browser, person):
    shown = page(browser, "observations", person.public_id)
    assert "Nothing is measured yet" in shown and "Record" in shown


def test_the_newest_of_each_test_is_listed_with_its_range_and_its_flag(browser, member, person):
    record(person, member, ("potassium", "4.1"), ago=timedelta(days=3))
    record(person, member, ("potassium", "2.4"), ("mitragynine-screen", "negative"))
    shown = page(browser, "observations", person.public_id)
    assert "2.4 mmol/L" in shown and "4.1" not in shown and "1 earlier" in shown
    assert "typical 3.5 to 5" in shown and "low" in shown and "open flag" in shown
    assert "Kratom (mitragynine), screen" in shown
    entry = AuditEntry.objects.filter(action__startswith="read.").latest("id")
    assert person.public_id in entry.patient_ids


def test_a_test_shows_all_its_values_newest_first_and_what_became_of_them(browser, member, person):
    old = record(person, member, ("alt", 40), ago=timedelta(days=3))[0]
    record(person, member, ("alt", 50))
    observations.retract_observation(observation=old, reason="Another person's.", by=member.actor, now=clock.now())
    shown = page(browser, "observations_of", person.public_id, "alt")
    assert shown.index("50 U/L") < shown.index("40 U/L") and "entered in error" in shown
    assert browser.get(reverse("observations_of", args=[person.public_id, "ferritin"])).status_code == 404


def test_the_page_costs_the_same_however_much_was_measured(browser, member, person, django_assert_max_num_queries):
    address = reverse("observations", args=[person.public_id])
    record(person, member, ("alt", 40), ("alp", 100))
    browser.get(address)
    with django_assert_max_num_queries(40) as few:
        browser.get(address)
    cost = len(few)
    for day in range(1, 6):
        record(person, member, ("alt", 40 + day), ("alp", 90), ("ggt", 20), ("inr", 1), ago=timedelta(days=day))
    browser.get(address)
    with django_assert_max_num_queries(cost):
        browser.get(address)


def test_vital_signs_are_recorded_in_the_units_people_measure_in(browser, site, person):
    data = typed(site, **{"heart-rate": "72", "temperature": "98,6", "temperature--unit": "°F", "weight": ""})
    answer = send(browser, person, "vital", data, follow=True)
    assert answer.redirect_chain == [(reverse("observations", args=[person.public_id]), 303)]
    assert {row.code: (row.quantity, row.unit) for row in Observation.objects.all()} == {
        "heart-rate": (72, "/min"),
        "temperature": (37, "°C"),
    }


def test_a_laboratory_panel_keeps_the_laboratorys_range_and_raises_its_flags(browser, site, person):
    data = typed(site, **{"alt": "200", "alt--low": "7", "alt--high": "40", "laboratory": "North Lab"})
    answer = send(browser, person, "lab", data, follow=True)
    assert "somebody has to act" in answer.content.decode()
    row = Observation.objects.get()
    assert (row.reference_low, row.reference_high, row.laboratory) == (7, 40, "North Lab")
    assert SafetyFlag.objects.get().alert_key == "alt_high"


def test_a_drug_screen_keeps_cut_off_method_and_whether_it_was_watched(browser, site, person):
    data = typed(
        site,
        **{"mitragynine-screen": "positive", "mitragynine-screen--cut_off": "5", "urine-creatinine": "80"},
        method="immunoassay", witnessed="no", specimen="urine",
    )  # fmt: skip
    assert send(browser, person, "drug_screen", data).status_code == 303
    row = Observation.objects.get(code="mitragynine-screen")
    assert (row.cut_off, row.cut_off_unit, row.method, row.witnessed) == (5, "ng/mL", "immunoassay", False)
    assert row.specimen_validity == "valid"
    shown = page(browser, "observations", person.public_id)
    assert "cut-off 5 ng/mL" in shown and "not witnessed" in shown and "specimen valid" in shown


def test_what_the_person_used_is_recorded_with_the_time_of_the_last_use(browser, site, person):
    ago = (clock.now() - timedelta(days=1)).astimezone(site.zone)
    data = typed(
        site,
        **{
            "exposure-product": "tea", "exposure-last-use_day": ago.day, "exposure-last-use_month": ago.month,
            "exposure-last-use_year": ago.year, "exposure-last-use--at": "08:15",
        },
    )  # fmt: skip
    assert send(browser, person, "exposure", data).status_code == 303
    moment = Observation.objects.get(code="exposure-last-use").moment.astimezone(site.zone)
    assert (moment.date(), f"{moment:%H:%M}") == (ago.date(), "08:15")
    assert "tea" in page(browser, "observations", person.public_id)


def test_what_cannot_be_is_marked_at_its_test_and_what_was_typed_stays(browser, site, person):
    data = typed(site, **{"heart-rate": "72", "temperature": "986", "respiratory-rate": "many"})
    answer = send(browser, person, "vital", data)
    shown = answer.content.decode()
    assert answer.status_code == 422 and not Observation.objects.exists()
    assert 'value="986"' in shown and 'value="72"' in shown and "Type a number" in shown
    assert 'href="#id_temperature"' in shown, "everything that is wrong is said at once"
    data["respiratory-rate"] = "14"
    answer = send(browser, person, "vital", data)
    assert answer.status_code == 422 and 'href="#id_temperature"' in answer.content.decode()


def test_a_limit_that_cannot_be_is_marked_at_the_limit(browser, site, person):
    answer = send(browser, person, "lab", typed(site, **{"alt": "20", "alt--low": "50", "alt--high": "10"}))
    assert answer.status_code == 422 and 'href="#id_alt--high"' in answer.content.decode()


def test_an_empty_form_records_nothing(browser, site, person):
    answer = send(browser, person, "vital", typed(site))
    assert answer.status_code == 422 and "Nothing is filled in yet" in answer.content.decode()


def test_a_form_sent_twice_is_told_so(browser, site, person):
    data = typed(site, **{"heart-rate": "72"})
    assert send(browser, person, "vital", data).status_code == 303
    again = send(browser, person, "vital", data)
    assert again.status_code == 409 and "recorded already" in again.content.decode()
    assert Observation.objects.count() == 1


def test_there_is_no_form_for_what_is_no_group(browser, person):
    assert browser.get(reverse("observation_record", args=[person.public_id, "hair"])).status_code == 404


@pytest.mark.parametrize("group", ["vital", "lab", "drug_screen", "exposure"])
def test_every_group_has_its_form(browser, person, group):
    shown = page(browser, "observation_record", person.public_id, group)
    assert "leave the rest empty" in shown
    assert ("does not detect kratom" in shown) is (group == "drug_screen")


def test_a_value_says_how_it_was_found_and_what_it_raised(browser, member, person):
    row = record(person, member, ("inr", "1.9"))[0]
    shown = page(browser, "observation", row.public_id)
    assert "1.9" in shown and "6301-6" in shown and "INR is 1.5 or more" in shown


def test_a_value_is_put_right_and_the_old_one_stays(browser, site, member, person):
    row = record(person, member, ("alt", 417))[0]
    address = reverse("observation_amend", args=[row.public_id])
    assert 'value="417"' in browser.get(address).content.decode()
    refused = browser.post(address, typed(site, alt="47"))
    assert refused.status_code == 422
    answer = browser.post(address, typed(site, alt="47", reason="A slip."), follow=True)
    shown = answer.content.decode()
    assert "47 U/L" in shown and "A slip." in shown
    assert "Amended since" in page(browser, "observation", row.public_id)
    assert browser.post(address, typed(site, alt="48", reason="Again.")).status_code == 409


def test_a_correction_that_cannot_be_is_marked_at_the_value(browser, site, member, person):
    row = record(person, member, ("alt", 417))[0]
    address = reverse("observation_amend", args=[row.public_id])
    answer = browser.post(address, typed(site, alt="99999", reason="A slip."))
    assert answer.status_code == 422 and 'href="#id_alt"' in answer.content.decode()


@pytest.mark.parametrize(("code", "value"), [("mitragynine-screen", "positive"), ("exposure-product", "tea")])
def test_results_and_choices_are_put_right_too(browser, site, member, person, code, value):
    row = record(person, member, (code, value))[0]
    address = reverse("observation_amend", args=[row.public_id])
    other = {"mitragynine-screen": "negative", "exposure-product": "capsule"}[code]
    answer = browser.post(address, typed(site, **{code: other, "reason": "A slip."}))
    assert answer.status_code == 303
    made = Observation.objects.get(status="final")
    assert other in (made.result, made.choice)


def test_a_value_entered_in_error_needs_a_reason(browser, member, person):
    row = record(person, member, ("alt", 417))[0]
    address = reverse("observation_retract", args=[row.public_id])
    assert browser.post(address, {"reason": " "}).status_code == 422
    shown = browser.post(address, {"reason": "Another person's."}, follow=True).content.decode()
    assert "it counts for nothing" in shown
    assert browser.post(address, {"reason": "Once more."}).status_code == 409


def test_a_flag_of_a_value_is_worded_on_every_page_that_shows_flags(browser, site, member, person):
    record(person, member, ("qtc", 510))
    flag = SafetyFlag.objects.get()
    for name, parts in (("flags", []), ("flag", [flag.public_id]), ("today", []), ("chart", [person.public_id])):
        assert "QTc" in page(browser, name, *parts), name
    assert "QTc is 500 ms or more" in page(browser, "chart", person.public_id, tab="timeline")
    assert "QTc" in page(browser, "patient", person.public_id)
    assert reverse("observation", args=[flag.observation.public_id]) in page(browser, "flag", flag.public_id)


def test_the_chart_has_a_section_for_labs_and_screens(browser, member, person):
    record(person, member, ("alt", 326), ("alp", 292), ("urine-creatinine", 100), ("mitragynine-mass", 20))
    shown = page(browser, "chart", person.public_id, tab="labs")
    assert "Labs and screens" in shown and "326 U/L" in shown
    assert "R value 2.93: mixed pattern" in shown and "20 ng/mg" in shown


def test_a_falling_level_is_read_as_washout_and_a_rising_one_as_new_use(browser, member, person):
    both = (("urine-creatinine", 100), ("mitragynine-mass", 40))
    record(person, member, *both, ago=timedelta(days=4))
    record(person, member, ("urine-creatinine", 100), ("mitragynine-mass", 20))
    assert "shows no new use" in page(browser, "observations", person.public_id)
    record(person, member, ("mitragynine-creatinine-ratio", 90))
    assert "speaks for new use" in page(browser, "observations", person.public_id)


def test_the_pages_speak_spanish(client, site, person):
    reader = clinic.staff(roles=[Role.CLINICIAN], sites=[site], language="es")
    record(person, reader, ("alt", 300))
    shown = page(clinic.sign_in(client, reader), "observations", person.public_id)
    assert "habitual 7 a 56" in shown and "alto" in shown


def test_who_may_not_read_assessments_sees_no_values(client, site, person):
    desk = clinic.sign_in(client, clinic.staff(roles=[Role.FRONT_DESK], sites=[site]))
    assert desk.get(reverse("observations", args=[person.public_id])).status_code == 403
    assert "Labs and screens" not in desk.get(reverse("chart", args=[person.public_id])).content.decode()


def test_a_strangers_values_look_like_none(browser, member):
    elsewhere = clinic.actor(roles=[Role.NURSE], sites=[clinic.site()])
    stranger = patient(elsewhere.sites.get())
    row = observations.record_panel(
        patient=stranger, effective_at=clock.now(), entries=[Entry("alt", Decimal(20))], by=elsewhere, now=clock.now()
    )[0]
    for name, part in (("observations", stranger), ("observation", row), ("observation_amend", row)):
        assert browser.get(reverse(name, args=[part.public_id])).status_code == 404
    for name, parts in (("observations_of", "alt"), ("observation_record", "lab")):
        assert browser.get(reverse(name, args=[stranger.public_id, parts])).status_code == 404
