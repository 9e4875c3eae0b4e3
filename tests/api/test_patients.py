"""People over REST: register, search, read, correct, contact points, consent, preference."""

from datetime import date, timedelta

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from pathways.models import Reminder
from patients.models import Patient, PossibleDuplicate
from tests.api.callers import Caller, program
from tests.factories import clinic, pathways
from tests.factories.patients import patient, phone

pytestmark = pytest.mark.django_db

SCOPES = ["patients.read", "patients.write"]


@pytest.fixture
def api(site):
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


def body(**changes):
    return {"given_name": "Tobias", "family_name": "Quillfeather", "birth_date": "1984-06-07"} | changes


def test_a_person_is_registered_read_and_found(api, site):
    points = [{"channel": "sms", "address": "(415) 555-2671", "confirmed": True, "consent": True}]
    made = api.post("/api/v1/patients/", body(contact_points=points))
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["contact_points"][0]["address"] == "+14155552671"
    assert told["sites"][0]["id"] == str(site.public_id)
    read = api.get(made["Location"])
    assert (read.json(), read["ETag"]) == (told, made["ETag"])
    for text in ("quill", "4155552671", "7 June 1984", told["record_number"]):
        found = api.post("/api/v1/patients/search/", {"text": text}).json()
        assert [each["id"] for each in found["results"]] == [told["id"]]
    assert AuditEntry.objects.filter(action="read.api_patients_search").latest("id").patient_ids


def test_a_possible_duplicate_is_a_problem_that_names_who(api):
    first = api.post("/api/v1/patients/", body()).json()
    answer = api.post("/api/v1/patients/", body())
    told = answer.json()
    assert (answer.status_code, told["code"]) == (409, "possible_duplicate")
    assert [each["patient"] for each in told["matches"]] == [first["id"]]
    assert api.post("/api/v1/patients/", body(confirm_not_duplicate=True)).status_code == 201


def test_a_duplicate_elsewhere_is_never_told(api):
    patient(given_name="Tobias", family_name="Quillfeather", birth_date=date(1984, 6, 7))
    answer = api.post("/api/v1/patients/", body())
    assert answer.status_code == 201 and "matches" not in answer.json()
    assert PossibleDuplicate.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"birth_date": "2999-01-01"}, "/birth_date"),
        ({"birth_date": "1850-01-01"}, "/birth_date"),
        ({"given_name": ""}, "/given_name"),
        ({"given_name": "A\x00"}, "/given_name"),
        ({"family_name": "x" * 81}, "/family_name"),
        ({"time_zone": "Mars/Olympus"}, "/time_zone"),
        ({"nickname": "T"}, "/nickname"),
        ({"contact_points": [{"channel": "sms", "address": "12"}]}, "/contact_points/0/address"),
        ({"contact_points": [{"channel": "pigeon", "address": "12"}]}, "/contact_points/0/channel"),
        (
            {"contact_points": [{"channel": "sms", "address": "+14155550132", "opens": "20:00", "closes": "22:00"}]},
            "/contact_points/0/closes",
        ),
    ],
)
def test_what_cannot_be_taken_is_pointed_at_and_nobody_is_registered(api, changes, pointer):
    answer = api.post("/api/v1/patients/", body(**changes))
    assert answer.status_code == 422, answer.content
    assert [each["pointer"] for each in answer.json()["errors"]] == [pointer]
    assert not Patient.objects.exists()


def test_a_correction_needs_the_version_that_was_seen(api, site):
    address = f"/api/v1/patients/{patient(site).public_id}/"
    assert api.send("patch", address, {"gender": "woman"}).status_code == 428
    etag = api.get(address)["ETag"]
    done = api.send("patch", address, {"gender": "woman"}, If_Match=etag)
    assert done.status_code == 200 and done.json()["gender"] == "woman"
    assert api.send("patch", address, {"gender": "man"}, If_Match=etag).status_code == 412


def test_the_same_registration_sent_twice_registers_once(api):
    first = api.post("/api/v1/patients/", body(), Idempotency_Key="one")
    again = api.post("/api/v1/patients/", body(), Idempotency_Key="one")
    assert first.content == again.content and Patient.objects.count() == 1


def test_a_foreign_person_is_not_found_by_any_door(api):
    foreign = patient(contact_points=[phone()])
    point = foreign.contact_points.get()
    base = f"/api/v1/patients/{foreign.public_id}/"
    one = f"/api/v1/contact-points/{point.public_id}/"
    for path in (base, f"{base}sites/", f"{base}contact-points/", f"{base}preference/", one, f"{one}consents/"):
        answer = api.get(path)
        assert answer.status_code == 404 and foreign.family_name not in answer.content.decode()
    assert api.send("patch", base, {"gender": "x"}, If_Match='"1"').status_code == 404
    assert api.post("/api/v1/patients/search/", {"text": foreign.family_name}).json() == {"results": []}


def test_people_are_not_searched_for_in_an_address(api, site):
    patient(site)
    assert api.get("/api/v1/patients/?name=x").status_code == 422
    assert api.get("/api/v1/patients/search/?text=x").status_code == 405


def test_a_list_is_read_page_by_page_and_costs_the_same(api, site, django_assert_max_num_queries):
    people = {str(patient(site).public_id) for _ in range(7)}
    seen, path = set(), "/api/v1/patients/?page_size=3"
    while path:
        told = api.get(path).json()
        seen |= {each["id"] for each in told["results"]}
        path = told["next"]
    assert seen == people
    api.get("/api/v1/patients/")
    with django_assert_max_num_queries(20) as few:
        api.get("/api/v1/patients/?page_size=2")
    with django_assert_max_num_queries(20) as many:
        api.get("/api/v1/patients/?page_size=7")
    assert len(few) == len(many)


def test_a_number_added_over_rest_gets_the_messages_still_to_come(api, site):
    one = patient(site, now=clock.now())
    row = pathways.enrolled(one, site=site, now=clock.now())
    assert not Reminder.objects.filter(follow_up__enrollment=row).exists()
    point = {"channel": "sms", "address": "+14155552671", "confirmed": True, "consent": True}
    assert api.post(f"/api/v1/patients/{one.public_id}/contact-points/", point).status_code == 201
    assert Reminder.objects.filter(follow_up__enrollment=row, status="planned").exists()


def test_contact_points_are_added_changed_confirmed_and_retired(api, site):
    base = f"/api/v1/patients/{patient(site).public_id}/contact-points/"
    made = api.post(base, {"channel": "email", "address": "a@example.org"})
    assert made.status_code == 201 and made.json()["verified_at"] is None
    assert api.post(base, {"channel": "email", "address": "a@example.org"}).status_code == 409
    address = made["Location"]
    confirmed = api.post(f"{address}verify/", None, If_Match=made["ETag"])
    assert confirmed.status_code == 200 and confirmed.json()["verified_at"]
    change = {"channel": "email", "address": "a@example.org", "shared": True}
    changed = api.put(address, change, If_Match=confirmed["ETag"])
    assert changed.json()["shared"] and changed.json()["id"] == made.json()["id"]
    other = api.put(address, change | {"address": "b@example.org"}, If_Match=changed["ETag"]).json()
    assert other["id"] != made.json()["id"] and other["verified_at"] is None
    gone = api.send("delete", f"/api/v1/contact-points/{other['id']}/", If_Match='"1"')
    assert gone.status_code == 200 and gone.json()["retired_at"]
    assert api.get(base).json()["results"] == []


def test_consent_is_recorded_and_read_newest_first(api, site):
    person = patient(site, contact_points=[phone()])
    base = f"/api/v1/contact-points/{person.contact_points.get().public_id}/consents/"
    said = api.post(base, {"given": False, "method": "phone", "evidence": "call at noon"})
    assert said.status_code == 201
    assert [each["given"] for each in api.get(base).json()["results"]] == [False, True]
    future = api.post(base, {"given": True, "method": "phone", "effective_at": "2149-01-01T00:00:00Z"})
    assert [each["pointer"] for each in future.json()["errors"]] == ["/effective_at"]


def test_a_preference_is_said_anew_only_over_what_was_seen(api, site):
    address = f"/api/v1/patients/{patient(site).public_id}/preference/"
    assert api.get(address).status_code == 404
    first = api.put(address, {"preferred_channel": "sms", "reminders_wanted": True})
    assert first.status_code == 200, first.content
    assert api.put(address, {"reminders_wanted": False}).status_code == 428
    again = api.put(address, {"reminders_wanted": False}, If_Match=first["ETag"])
    assert again.json()["reminders_wanted"] is False


def test_a_caller_at_two_sites_says_which(site):
    other = clinic.site()
    api = program(clinic.api_client(scopes=SCOPES, sites=[site, other]))
    assert api.post("/api/v1/patients/", body()).json()["errors"][0]["pointer"] == "/site"
    made = api.post("/api/v1/patients/", body(site=str(other.public_id)))
    assert made.json()["sites"][0]["id"] == str(other.public_id)
    foreign = api.post("/api/v1/patients/", body(site=str(clinic.site().public_id), given_name="Ana"))
    assert foreign.status_code == 404


def test_a_token_without_the_scope_changes_nothing(site):
    reader = program(clinic.api_client(scopes=["patients.read"], sites=[site]))
    assert reader.post("/api/v1/patients/", body()).status_code == 403
    assert Caller(Client()).get("/api/v1/patients/").status_code == 401
    desk = Caller(clinic.sign_in(Client(), clinic.staff(roles=[Role.FRONT_DESK], sites=[site])))
    assert desk.post("/api/v1/patients/", body()).status_code == 201


def test_somebody_who_moves_is_written_to_by_the_clock_there(api, site):
    one = patient(site, contact_points=[phone()], now=clock.now())
    pathways.enrolled(one, site=site, now=clock.now())
    address = f"/api/v1/patients/{one.public_id}/"
    done = api.send("patch", address, {"time_zone": "America/Los_Angeles"}, If_Match=api.get(address)["ETag"])
    assert (done.status_code, done.json()["time_zone"]) == (200, "America/Los_Angeles")
    to_come = Reminder.objects.filter(patient=one, due_at__gt=clock.now() + timedelta(days=1))
    assert set(to_come.values_list("time_zone", flat=True)) == {"America/Los_Angeles"}
