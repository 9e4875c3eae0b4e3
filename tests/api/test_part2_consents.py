"""Consents to tell others, over REST."""

from datetime import timedelta
from uuid import uuid4

import pytest

from clinic import clock
from patients.models import Consent
from tests.api.callers import program
from tests.factories import clinic
from tests.factories.patients import patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(site):
    return program(clinic.api_client(scopes=["patients.read", "patients.write"], sites=[site]))


@pytest.fixture
def person(site):
    return patient(site)


def of(person):
    return f"/api/v1/patients/{person.public_id}/consents/"


def terms(site, **changes):
    today = clock.now().astimezone(site.zone).date()
    return {
        "kind": "tpo", "patient_name": "Ana Ruiz", "discloser": "Riverbend Clinic",
        "categories": ["everything_but_notes"], "recipient_class": "health_plan", "purposes": ["payment"],
        "form_version": "part2_2024_1", "expiry": "end_of_treatment", "signer": "patient", "signer_name": "Ana Ruiz",
        "method": "on_screen", "signed_on": today.isoformat(),
    } | changes  # fmt: skip


def record(api, person, site, **changes):
    answer = api.post(of(person), terms(site, **changes))
    assert answer.status_code == 201, answer.content
    return answer.json()


def pointers(answer):
    return {each["pointer"] for each in answer.json()["errors"]}


def act(api, row, verb, body):
    return api.post(f"/api/v1/consents/{row['id']}/{verb}/", body)


def test_a_consent_is_kept_as_signed_and_says_whether_it_holds(api, person, site):
    row = record(api, person, site)
    assert (row["standing"]["in_force"], row["standing"]["why"]) == (True, "In force until treatment ends.")
    assert row["categories"] == ["everything_but_notes"] and len(row["digest"]) == 64
    assert api.get(f"/api/v1/consents/{row['id']}/").json() == row
    assert api.get(of(person)).json()["results"] == [row]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"categories": []}, "/categories"),
        ({"categories": ["counseling_notes"]}, "/categories"),
        ({"categories": ["soup"]}, "/categories/0"),
        ({"purposes": ["payment", "legal"]}, "/purposes"),
        ({"kind": "specific"}, "/expiry"),
        ({"expiry": "on_date"}, "/expires_on"),
        ({"signed_on": "2999-01-01"}, "/signed_on"),
        ({"signer": "parent"}, "/authority"),
        ({"signer_name": ""}, "/signer_name"),
        ({"colour": "blue"}, "/colour"),
        ({"signed_on": 3}, "/signed_on"),
    ],
)
def test_a_bad_part_is_pointed_at(api, person, site, changes, pointer):
    answer = api.post(of(person), terms(site, **changes))
    assert answer.status_code == 422 and pointers(answer) == {pointer}
    assert not Consent.objects.exists()


def test_a_consent_is_taken_back(api, person, site):
    row = record(api, person, site)
    told = act(api, row, "revoke", {"method": "written", "note": "A letter."})
    assert told.status_code == 200 and told.json()["standing"]["in_force"] is False
    again = act(api, row, "revoke", {"method": "written"})
    assert (again.status_code, again.json()["code"]) == (409, "consent_revoked")


def test_it_is_not_taken_back_in_the_future(api, person, site):
    row = record(api, person, site)
    later = (clock.now() + timedelta(days=1)).isoformat()
    assert pointers(act(api, row, "revoke", {"method": "said", "revoked_at": later})) == {"/revoked_at"}
    assert pointers(act(api, row, "revoke", {})) == {"/method"}


def test_one_consent_takes_the_place_of_another(api, person, site):
    old = record(api, person, site)
    new = record(api, person, site, replaces=old["id"], purposes=["treatment"])
    assert new["replaces"] == old["id"]
    told = api.get(f"/api/v1/consents/{old['id']}/").json()
    assert told["replaced_by"] == new["id"] and not told["standing"]["in_force"]
    assert api.post(of(person), terms(site, replaces=old["id"])).status_code == 409


def test_another_persons_consent_cannot_be_replaced(api, person, site):
    other = record(api, patient(site), site)
    assert api.post(of(person), terms(site, replaces=other["id"])).status_code == 404


def test_the_event_it_was_to_end_with_is_recorded(api, person, site):
    row = record(api, person, site, expiry="event", expiry_event="The job begins", kind="specific",
                 recipient_class="employer", purposes=["patient_request"])  # fmt: skip
    today = clock.now().astimezone(site.zone).date()
    assert pointers(act(api, row, "end", {"on": "2999-01-01"})) == {"/on"}
    told = act(api, row, "end", {"on": today.isoformat()}).json()
    assert told["ended_on"] == today.isoformat() and not told["standing"]["in_force"]
    assert act(api, row, "end", {"on": today.isoformat()}).json()["code"] == "consent_ended"


def test_a_request_repeated_with_its_key_records_once(api, person, site):
    key = str(uuid4())
    first, again = (api.post(of(person), terms(site), Idempotency_Key=key) for _ in range(2))
    assert first.json() == again.json() and Consent.objects.count() == 1


def test_reading_alone_does_not_record(person, site):
    reader = program(clinic.api_client(scopes=["patients.read"], sites=[site]))
    assert reader.get(of(person)).status_code == 200
    assert reader.post(of(person), terms(site)).status_code == 403


def test_a_strangers_consents_look_like_none_even_to_a_bad_body(api):
    elsewhere = clinic.site()
    stranger = patient(elsewhere)
    row = record(program(clinic.api_client(scopes=["patients.write"], sites=[elsewhere])), stranger, elsewhere)
    assert api.get(of(stranger)).status_code == api.post(of(stranger), {}).status_code == 404
    assert api.get(f"/api/v1/consents/{row['id']}/").status_code == 404
    assert act(api, row, "revoke", {"x": 1}).status_code == act(api, row, "end", {}).status_code == 404
