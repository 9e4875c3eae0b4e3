"""What was measured, over REST: panels, values, the catalogue of tests."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from clinic import clock
from clinic.models import AuditEntry
from clinic.rules.roles import Role
from patients import observations
from patients.models import Observation, SafetyFlag
from tests.api.callers import Caller, program
from tests.factories import clinic
from tests.factories.patients import patient

pytestmark = pytest.mark.django_db

SCOPES = ["patients.read", "assessments.read", "assessments.write"]


@pytest.fixture
def api(site):
    return program(clinic.api_client(scopes=SCOPES, sites=[site]))


@pytest.fixture
def person(site):
    return patient(site)


def of(person, rest="observations/"):
    return f"/api/v1/patients/{person.public_id}/{rest}"


def entry(code, value, **more):
    return {"code": code, "value": value, **more}


def record(api, person, *entries, **more):
    answer = api.post(of(person), {"entries": list(entries), **more})
    assert answer.status_code == 201, answer.content
    return answer.json()["observations"]


def pointers(answer):
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {each["pointer"] for each in answer.json()["errors"]}


def test_the_catalogue_says_how_each_test_is_answered(api):
    rows = {each["code"]: each for each in api.get("/api/v1/observation-tests/").json()["results"]}
    assert set(rows) == observations.codes()
    assert (rows["alt"]["kind"], rows["alt"]["unit"], rows["alt"]["loinc"]) == ("number", "U/L", "1742-6")
    assert rows["temperature"]["other_units"] == ["°F"] and rows["temperature"]["title"] == "Temperature"
    assert rows["mitragynine-screen"]["detects_kratom"] and not rows["panel-opiates"]["detects_kratom"]


def test_a_panel_is_recorded_whole_and_its_flags_are_raised(api, person):
    at = (clock.now() - timedelta(days=3)).isoformat()
    rows = record(
        api, person, entry("alt", 200, reference_low=7, reference_high=40), entry("hbsag", "negative"),
        effective_at=at, laboratory="North Lab", resulted_on=clock.now().astimezone(person.zone).date().isoformat(),
    )  # fmt: skip
    assert [(each["code"], each["value"], each["unit"]) for each in rows] == [
        ("alt", 200, "U/L"),
        ("hbsag", "negative", ""),
    ]
    assert rows[0]["panel"] == rows[1]["panel"] and rows[0]["reference_high"] == 40
    flag = SafetyFlag.objects.get()
    assert flag.alert_key == "alt_high"
    told = api.get(f"/api/v1/safety-flags/{flag.public_id}/").json()
    assert (told["instrument"], told["observation"], told["assessment"]) == ("alt", rows[0]["id"], None)


def test_every_kind_of_value_comes_back_as_it_went_in(api, person):
    last = (clock.now() - timedelta(hours=9)).replace(microsecond=0)
    sent = [
        entry("potassium", 4.2), entry("mitragynine-screen", "positive", cut_off=5, cut_off_unit="ng/mL"),
        entry("exposure-product", "tea"), entry("exposure-last-use", last.isoformat()),
        entry("weight", 150, unit="lb"),
    ]  # fmt: skip
    values = {each["code"]: each["value"] for each in record(api, person, *sent)}
    assert values == {
        "potassium": 4.2,
        "mitragynine-screen": "positive",
        "exposure-product": "tea",
        "exposure-last-use": last.isoformat().replace("+00:00", "Z"),
        "weight": 68.0389,
    }


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        (entry("alt", "high"), "/entries/0/value"),
        (entry("alt", True), "/entries/0/value"),
        (entry("alt", None), "/entries/0/value"),
        (entry("alt", [3]), "/entries/0/value"),
        (entry("alt", -4), "/entries/0/value"),
        (entry("alt", 1e300), "/entries/0/value"),
        (entry("alt", 30, unit="mg/dL"), "/entries/0/unit"),
        (entry("alt", 30, reference_low="7"), "/entries/0/reference_low"),
        (entry("alt", 30, reference_low=9, reference_high=2), "/entries/0/reference_high"),
        (entry("ferritin", 30), "/entries/0/code"),
        (entry("hbsag", 3), "/entries/0/value"),
        (entry("exposure-product", {"a": 1}), "/entries/0/value"),
        (entry("exposure-last-use", "2026-06-01T10:00:00"), "/entries/0/value"),
        (entry("exposure-last-use", "2999-06-01T10:00:00Z"), "/entries/0/value"),
        ({"code": "alt"}, "/entries/0/value"),
        (entry("alt", 30, colour="blue"), "/entries/0/colour"),
    ],
)
def test_a_bad_part_is_pointed_at_where_it_stands(api, person, sent, pointer):
    answer = api.post(of(person), {"entries": [sent]})
    assert answer.status_code == 422 and pointers(answer) == {pointer}
    assert not Observation.objects.exists()


def test_the_second_of_two_entries_is_pointed_at_by_its_place(api, person):
    answer = api.post(of(person), {"entries": [entry("alt", 30), entry("alt", 31)]})
    assert pointers(answer) == {"/entries/1/code"}


@pytest.mark.parametrize("body", [{}, {"entries": []}, {"entries": {}}, {"entries": [3]}, {"entries": "alt"}, []])
def test_what_is_no_panel_is_refused(api, person, body):
    assert api.post(of(person), body).status_code == 422


def test_the_future_and_an_unknown_specimen_are_pointed_at(api, person):
    later = (clock.now() + timedelta(days=1)).isoformat()
    for name, value in (("effective_at", later), ("specimen", "soup"), ("resulted_on", "2999-01-01")):
        answer = api.post(of(person), {"entries": [entry("alt", 30)], name: value})
        assert answer.status_code == 422 and pointers(answer) == {f"/{name}"}


def test_a_request_repeated_with_its_key_records_once(api, person):
    body, key = {"entries": [entry("alt", 30)]}, str(uuid4())
    first, again = (api.post(of(person), body, Idempotency_Key=key) for _ in range(2))
    assert first.status_code == again.status_code == 201 and first.json() == again.json()
    assert Observation.objects.count() == 1


def test_values_are_listed_newest_first_by_test_and_by_category(api, person):
    record(api, person, entry("alt", 30), effective_at=(clock.now() - timedelta(days=2)).isoformat())
    record(api, person, entry("alt", 31), entry("heart-rate", 70))
    listed = api.get(of(person) + "?code=alt").json()["results"]
    assert [each["value"] for each in listed] == [31, 30]
    assert [each["code"] for each in api.get(of(person) + "?category=vital").json()["results"]] == ["heart-rate"]
    assert pointers(api.get(of(person) + "?category=soup")) == {"/category"}
    assert api.get(of(person) + "?colour=blue").status_code == 422


def test_a_page_of_values_costs_the_same_however_many_there_are(api, person, django_assert_max_num_queries):
    record(api, person, entry("alt", 30))
    with django_assert_max_num_queries(40) as few:
        api.get(of(person))
    cost = len(few)
    record(api, person, *(entry(code, 20) for code in ("ggt", "ast", "heart-rate", "alt")))
    with django_assert_max_num_queries(cost):
        api.get(of(person))


def test_a_value_is_put_right_by_a_new_one(api, person):
    row = record(api, person, entry("alt", 417))[0]
    made = api.post(f"/api/v1/observations/{row['id']}/amend/", {"value": 47, "reason": "A slip."})
    assert made.status_code == 201
    told = made.json()
    assert (told["value"], told["amends"], told["status"]) == (47, row["id"], "final")
    old = api.get(f"/api/v1/observations/{row['id']}/").json()
    assert (old["status"], old["amended_by"], old["value"]) == ("amended", told["id"], 417)
    again = api.post(f"/api/v1/observations/{row['id']}/amend/", {"value": 48, "reason": "Again."})
    assert (again.status_code, again.json()["code"]) == (409, "observation_not_current")


def test_a_correction_that_cannot_be_is_pointed_at(api, person):
    row = record(api, person, entry("alt", 417))[0]
    address = f"/api/v1/observations/{row['id']}/amend/"
    assert pointers(api.post(address, {"value": -1, "reason": "A slip."})) == {"/value"}
    assert pointers(api.post(address, {"value": 40, "reason": " "})) == {"/reason"}
    assert pointers(api.post(address, {"value": 40, "code": "ast", "reason": "A slip."})) == {"/code"}


def test_a_value_entered_in_error_counts_for_nothing(api, person):
    row = record(api, person, entry("alt", 417))[0]
    address = f"/api/v1/observations/{row['id']}/retract/"
    told = api.post(address, {"reason": "Another person's."}).json()
    assert told["status"] == "entered_in_error" and told["retracted_at"]
    assert api.post(address, {"reason": "Once more."}).status_code == 409


def test_reading_alone_does_not_record(site, person):
    reader = program(clinic.api_client(scopes=["patients.read", "assessments.read"], sites=[site]))
    assert reader.get(of(person)).status_code == 200
    assert reader.post(of(person), {"entries": [entry("alt", 30)]}).status_code == 403


def test_a_strangers_values_look_like_none_even_to_a_bad_body(api, person):
    elsewhere = clinic.site()
    stranger, nurse = (
        patient(elsewhere),
        Caller(clinic.sign_in(Client(), clinic.staff(roles=[Role.NURSE], sites=[elsewhere]))),
    )
    row = record(nurse, stranger, entry("alt", 30))[0]
    assert api.get(of(stranger)).status_code == api.post(of(stranger), {"x": 1}).status_code == 404
    for rest in ("", "amend/", "retract/"):
        answer = (
            api.get(f"/api/v1/observations/{row['id']}/{rest}")
            if not rest
            else api.post(f"/api/v1/observations/{row['id']}/{rest}", {"x": 1})
        )
        assert answer.status_code == 404


def test_who_looked_is_on_record(api, person):
    row = record(api, person, entry("alt", 30))[0]
    AuditEntry.objects.filter(action__startswith="read.").count()
    api.get(f"/api/v1/observations/{row['id']}/")
    assert person.public_id in AuditEntry.objects.filter(action__startswith="read.").latest("id").patient_ids
