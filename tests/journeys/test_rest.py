"""The main job as a program does it, over real HTTP: from a token to the reminder in a real SMTP server."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from clinic.models import ApiClient, StaffMember
from clinic.rules.discretion import forbidden_words
from clinic.rules.forbidden_words import FORBIDDEN
from clinic.rules.roles import SCOPES, Role
from tests.factories import clinic
from tests.factories.course import quiet
from tests.faults.load import stand_at
from tests.journeys.house import MORNING, House
from tests.journeys.mail import first_letter, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
YESTERDAY = MORNING - timedelta(days=1, hours=1)
CRITERIA = {
    "intake-done", "withdrawal-settled", "no-urgent-flag-in-stabilization", "plan-agreed", "a-day-in-stabilization",
    "late-withdrawal-watched", "plan-signed", "liver-and-heart-looked-at", "outpatient-care-fits",
}  # fmt: skip


@dataclass
class Caller:
    """Somebody who speaks JSON to the clinic and expects a status."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, status: int = 200) -> Any:
        return self._told(self.session.get(f"{self.url}/api/v1/{path}", timeout=30), status)

    def post(self, path: str, body: dict[str, Any], status: int = 201, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._told(self.session.post(f"{self.url}/api/v1/{path}", json=body, headers=named, timeout=30), status)

    @staticmethod
    def _told(answer: requests.Response, status: int) -> Any:
        assert answer.status_code == status, answer.text
        return answer.json()


@dataclass
class Story:
    """What the steps hand on."""

    house: House
    program: Caller
    person: Caller
    patient: dict[str, Any] = field(default_factory=dict)
    enrollment: dict[str, Any] = field(default_factory=dict)
    reminder: dict[str, Any] = field(default_factory=dict)


def test_from_registration_to_the_letter_that_arrives_by_itself(house: House) -> None:
    story = given_a_program_with_a_token_and_a_clinician(house)
    when_it_registers_a_patient_who_agreed_to_be_written_to(story)
    when_it_scores_without_storing(story)
    when_it_records_the_intake(story)
    when_the_level_of_care_is_suggested_and_decided(story)
    when_it_enrolls_the_patient_in_the_kratom_program(story)
    then_the_gate_refuses_and_names_every_criterion(story)
    then_a_program_may_not_confirm_what_people_confirm(story)
    when_the_clinician_confirms_the_plan_and_the_second_reading_is_in(story)
    then_the_patient_moves_to_therapy(story)
    then_the_contacts_of_the_new_phase_are_listed(story)
    when_the_hour_of_the_first_message_comes(story)
    then_the_letter_is_in_the_mail_server(story)
    then_the_record_says_it_was_sent(story)


def given_a_program_with_a_token_and_a_clinician(house: House) -> Story:
    client = clinic.api_client(scopes=SCOPES, sites=[house.site], name="Intake system")
    clinician = clinic.staff(roles=[Role.CLINICIAN], sites=[house.site], name="Ada Samplewright")
    return Story(house, _with_token(house, client), _signed_in(house, clinician))


def when_it_registers_a_patient_who_agreed_to_be_written_to(story: Story) -> None:
    story.patient = story.program.post(
        "patients/",
        {
            "given_name": "Tobias", "family_name": "Quillfeather", "birth_date": "1984-06-07",
            "contact_points": [
                {"channel": "email", "address": "tobias@example.org", "confirmed": True, "consent": True}
            ],
        },
        Idempotency_Key="register-tobias",
    )  # fmt: skip
    assert story.patient["contact_points"][0]["verified_at"]


def when_it_scores_without_storing(story: Story) -> None:
    answers = quiet("phq9") | {"phq9_9": 1}
    scored = story.program.post("instruments/phq9/score", {"answers": answers, "context": {}}, status=200)
    assert (scored["status"], scored["total"], bool(scored["alerts"])) == ("complete", 1, True)
    assert story.program.get(f"{_person(story)}/assessments/")["results"] == []


def when_it_records_the_intake(story: Story) -> None:
    for instrument in ("kratom_use_profile", "dsm5_sud", "phq9", "cssrs_screen"):
        made = _record(story, instrument, YESTERDAY)
        assert made["status"] == "final"
    assert _record(story, "cows", YESTERDAY)["total"] == 0


def when_the_level_of_care_is_suggested_and_decided(story: Story) -> None:
    rated = story.program.post(
        "level-of-care-assessments/",
        {
            "patient": story.patient["id"],
            "ratings": {
                "withdrawal": 1, "medical": 0, "psychiatric": 0, "readiness": 1, "use_risk": 1, "environment": 0,
            },
            "sud_diagnosis": True,
        },
    )  # fmt: skip
    suggested = rated["suggestion"]["level"]
    decided = story.program.post(f"level-of-care-assessments/{rated['id']}/decide/", {"level": suggested}, status=200)
    assert decided["decision"]["in_effect"]


def when_it_enrolls_the_patient_in_the_kratom_program(story: Story) -> None:
    story.enrollment = story.program.post(
        "enrollments/",
        {
            "patient": story.patient["id"],
            "program": "kratom-outpatient",
            "effective_at": YESTERDAY.isoformat(),
        },
    )
    assert story.enrollment["phase"]["key"] == "assessment-and-stabilization"


def then_the_gate_refuses_and_names_every_criterion(story: Story) -> None:
    refused = _advance(story, status=409)
    assert refused["code"] == "gate_not_met"
    assert {each["key"] for each in refused["criteria"]} == CRITERIA
    unmet = {each["key"] for each in refused["criteria"] if each["state"] != "met"}
    assert {"withdrawal-settled", "plan-agreed"} <= unmet
    assert all(each["sentence"] for each in refused["criteria"])


def then_a_program_may_not_confirm_what_people_confirm(story: Story) -> None:
    refused = story.program.post("attestations/", _plan_agreed(story), status=403)
    assert refused["status"] == 403


def when_the_clinician_confirms_the_plan_and_the_second_reading_is_in(story: Story) -> None:
    story.person.post("attestations/", _plan_agreed(story))
    _record(story, "cows", MORNING - timedelta(minutes=10))


def then_the_patient_moves_to_therapy(story: Story) -> None:
    _advance(story)
    now = story.program.get(f"enrollments/{story.enrollment['id']}/")
    assert now["phase"]["key"] == "behavioral-therapy"


def then_the_contacts_of_the_new_phase_are_listed(story: Story) -> None:
    listed = story.program.get(f"follow-ups/?enrollment={story.enrollment['id']}&open=true")["results"]
    assert {"therapy-weekly-check-in", "therapy-mood"} <= {each["rule_key"] for each in listed}


def when_the_hour_of_the_first_message_comes(story: Story) -> None:
    planned = story.program.get(f"reminders/?patient={story.patient['id']}&status=planned")["results"]
    story.reminder = min(planned, key=lambda each: each["due_at"])
    stand_at(datetime.fromisoformat(story.reminder["due_at"]) + timedelta(minutes=1))


def then_the_letter_is_in_the_mail_server(story: Story) -> None:
    letter = first_letter(story.house.mail)
    said = f"{letter['Subject']} {letter['From']} {letter.get_content()}"
    assert letter["To"] == "tobias@example.org"
    assert "the office" in said
    assert forbidden_words(said) == (), FORBIDDEN


def then_the_record_says_it_was_sent(story: Story) -> None:
    def read() -> Any:
        return story.program.get(f"reminders/{story.reminder['id']}/")

    wait_until(lambda: read()["status"] == "sent", "nothing was written down")
    assert [each["outcome"] for each in read()["attempts"]] == ["sent"]
    assert len(story.house.mail.letters.taken) == 1


def _record(story: Story, instrument: str, at: datetime) -> Any:
    return story.program.post(
        f"{_person(story)}/assessments/",
        {"instrument": instrument, "answers": quiet(instrument), "effective_at": at.isoformat()},
    )


def _advance(story: Story, status: int = 200) -> Any:
    row = f"enrollments/{story.enrollment['id']}/"
    version = story.program.get(row)["version"]
    return story.program.post(f"{row}advance/", {}, status=status, If_Match=f'"{version}"')


def _plan_agreed(story: Story) -> dict[str, Any]:
    return {"enrollment": story.enrollment["id"], "key": "treatment-plan-agreed", "role": "clinician"}


def _person(story: Story) -> str:
    return f"patients/{story.patient['id']}"


def _with_token(house: House, client: ApiClient) -> Caller:
    """What the token endpoint gives for a client's id and secret."""
    credentials = {"client_id": client.application.client_id, "client_secret": client.secret}  # type: ignore[attr-defined]
    answer = requests.post(f"{house.url}/o/token/", {"grant_type": "client_credentials", **credentials}, timeout=30)
    assert answer.status_code == 200, answer.text
    caller = Caller(house.url)
    caller.session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return caller


def _signed_in(house: House, member: StaffMember) -> Caller:
    """A person's session, from the sign-in page."""
    caller, page = Caller(house.url), f"{house.url}/accounts/login/"
    session = caller.session
    session.get(page, timeout=30)
    form = {"login": member.user.email, "password": clinic.PASSWORD, "csrfmiddlewaretoken": _csrf(session)}
    answer = session.post(page, form, headers={"Referer": page}, timeout=30, allow_redirects=False)
    assert answer.status_code == 302, answer.text
    session.headers.update({"X-CSRFToken": _csrf(session), "Referer": house.url})
    return caller


def _csrf(session: requests.Session) -> str:
    return str(session.cookies["stepwell_csrf"])
