"""Whom they saw: one audit row per request with the public ids of the patients shown (decisions.md 15)."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from clinic import clock
from clinic.actions.reads import record_read
from clinic.web.answers import DATABASE_AWAY, away, refusal_response
from clinic.web.middleware.refusals import GetResponse


class Seen:
    """The patients a response shows; every door that shows one adds the public id."""

    def __init__(self) -> None:
        self._patients: set[UUID] = set()

    def add(self, patient_public_id: UUID | str) -> None:
        self._patients.add(UUID(str(patient_public_id)))

    def update(self, patient_public_ids: Iterable[UUID | str]) -> None:
        for each in patient_public_ids:
            self.add(each)

    @property
    def patients(self) -> frozenset[UUID]:
        return frozenset(self._patients)


class PatientReadMiddleware:
    """Nothing about a patient leaves before it is recorded who looked; else the answer is withheld."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        seen, actor = request.seen.patients, request.actor  # type: ignore[attr-defined]
        if not seen or actor is None:
            return response
        name = request.resolver_match.view_name if request.resolver_match else "unnamed"
        kept = record_read(by=actor, now=_now(), route=name, patients=seen, status=response.status_code)
        return response if kept else refusal_response(request, away())


def _now() -> datetime:
    try:
        return clock.now()
    except DATABASE_AWAY:
        return clock.real_now()
