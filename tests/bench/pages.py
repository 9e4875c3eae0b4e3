"""How long pages and REST answers take, with sign-in, policy, audit of reads and templates; no network."""

from collections.abc import Callable, Iterator

from django.test import Client
from django.urls import reverse

from pathways.models import Enrollment
from patients.models import Patient
from tests.bench.figures import Figure, latency
from tests.bench.planting import Clinic
from tests.factories import clinic as make

SCOPES = ["patients.read", "assessments.read", "programs.read", "enrollments.read", "follow_ups.read"]


def figures(planted: Clinic) -> Iterator[Figure]:
    person = Patient.objects.visible_to(planted.member.actor).order_by("pk")[100]
    enrollment = Enrollment.objects.get(patient=person)
    browser = make.sign_in(Client(), planted.member)
    yield _asked(browser, "list of 50 patients, page", reverse("patients"))
    yield _asked(browser, "patient detail, page", reverse("patient", args=[person.public_id]))
    yield _asked(browser, "chart, page", reverse("chart", args=[enrollment.patient.public_id]))
    yield _asked(browser, "Today, page", reverse("today"))
    yield _asked(browser, "board, page", reverse("board"))
    program = _program(planted)
    yield _asked(program, "list of 50 patients, REST", reverse("api_patients"))
    yield _asked(program, "patient detail, REST", reverse("api_patient", args=[person.public_id]))


def _asked(client: Client, name: str, path: str) -> Figure:
    return latency(name, _get(client, path))


def _get(client: Client, path: str) -> Callable[[], object]:
    def ask() -> object:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        return answer

    return ask


def _program(planted: Clinic) -> Client:
    row = make.api_client(scopes=SCOPES, sites=[planted.site])
    return Client(headers={"Authorization": f"Bearer {make.token(Client(), row)}"})
