"""What was found of a person: drafts and assessments. They enter at the verbs the pages use."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api.etags import etag_of
from clinic.api.schema import operation
from clinic.api.views import Door
from clinic.errors import Refused, not_found
from clinic.models import Site
from clinic.queries.workplaces import workplaces_of
from clinic.wording import say
from pathways.actions import findings
from pathways.api.finding_shapes import (
    AmendmentBody,
    AssessmentBody,
    AssessmentFilters,
    AssessmentRow,
    DraftBody,
    DraftRow,
    ReasonBody,
    RecordedRow,
    RecordingBody,
)
from patients.actions import drafts
from patients.models import Assessment, AssessmentDraft, Patient
from patients.queries import assessments as queries
from patients.queries import patients as people
from patients.rules.scoring import score

# What a body about a form holds beside its answers.
OWN_MEMBERS = frozenset({"answers", "context", "effective_at", "instrument", "reason", "site"})


@contextmanager
def items_in_answers() -> Iterator[None]:
    """A refused item is a member of `answers` in the body, and is pointed at there."""
    try:
        yield
    except Refused as refused:
        refused.fields = {_place(name): said for name, said in refused.fields.items()}
        raise


def _place(name: str) -> str:
    return name if name.split(".")[0] in OWN_MEMBERS else f"answers.{name}"


class FindingsDoor(Door):
    """What the doors about one person's findings share."""

    def admit(self, request: Request, **parts: Any) -> None:
        people.get(self.actor, parts["public_id"])

    def patient(self, public_id: UUID) -> Patient:
        found = people.get(self.actor, public_id)
        self.seen(found.public_id)
        return found

    def site(self, public_id: UUID | None) -> Site | None:
        """The named one of the caller's sites."""
        if public_id is None:
            return None
        found = workplaces_of(self.actor).filter(public_id=public_id).first()
        if found is None:
            raise not_found()
        return found

    def recorded(self, made: Assessment) -> Response:
        row = queries.get(self.actor, made.public_id)
        self.seen(row.patient.public_id)
        warning = queries.too_soon(row.patient, row.instrument, row.effective_at, but=row.public_id)
        language = str(getattr(self.request._request, "language", "en"))[:2]
        told = {**AssessmentRow(row).data, "warnings": [say(warning, language)] if warning else []}
        return self.ok(told, status=201, location=reverse("api_assessment", args=[row.public_id]))


class AssessmentsDoor(FindingsDoor):
    """The assessments of a person."""

    @operation("list_assessments", answers=AssessmentRow, pages=True, filters=AssessmentFilters)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Newest first, whatever became of them."""
        patient, wanted = self.patient(public_id), self.filters(AssessmentFilters)
        listed = queries.listed(self.actor, patient, instrument=wanted.get("instrument", ""))
        return self.page(listed, ("-effective_at", "-id"), lambda row: AssessmentRow(row).data, AssessmentFilters)

    @operation("record_assessment", takes=AssessmentBody, answers=RecordedRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """A finished form, scored and frozen. One that lacks answers is kept without a score."""
        patient, given = self.patient(public_id), self.body(AssessmentBody)
        site = self.site(given.pop("site", None))
        at = given.pop("effective_at", self.now)
        with items_in_answers():
            made = findings.record_assessment(
                patient=patient, site=site, effective_at=at, by=self.actor, now=self.now, **given
            )
        return self.recorded(made)


class AssessmentDoorBase(FindingsDoor):
    """What the doors about one assessment share."""

    def admit(self, request: Request, **parts: Any) -> None:
        queries.get(self.actor, parts["public_id"])

    def one(self, public_id: UUID) -> Assessment:
        found = queries.get(self.actor, public_id)
        self.seen(found.patient.public_id)
        return found


class AssessmentDoor(AssessmentDoorBase):
    """One assessment."""

    @operation("read_assessment", answers=AssessmentRow)
    def get(self, request: Request, public_id: UUID) -> Response:
        """As it was frozen."""
        return self.ok(AssessmentRow(self.one(public_id)).data)


class AmendmentDoor(AssessmentDoorBase):
    """A corrected copy."""

    @operation("amend_assessment", takes=AmendmentBody, answers=RecordedRow, status=201)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The copy counts from now on; the original stays."""
        row, given = self.one(public_id), self.body(AmendmentBody)
        with items_in_answers():
            made = findings.amend_assessment(assessment=row, by=self.actor, now=self.now, **given)
        return self.recorded(made)


class RetractionDoor(AssessmentDoorBase):
    """Entered in error."""

    @operation("retract_assessment", takes=ReasonBody, answers=AssessmentRow)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Kept, but it counts for nothing any more."""
        row, given = self.one(public_id), self.body(ReasonBody)
        findings.retract_assessment(assessment=row, by=self.actor, now=self.now, **given)
        return self.ok(AssessmentRow(self.one(public_id)).data)


class DraftsDoor(FindingsDoor):
    """What is being filled in."""

    @operation("list_drafts", answers=DraftRow, pages=True)
    def get(self, request: Request, public_id: UUID) -> Response:
        """Newest saved first."""
        listed = queries.drafts(self.actor, self.patient(public_id))
        return self.page(listed, ("-saved_at", "-id"), draft_row)


class DraftDoor(FindingsDoor):
    """The draft of one form of one person."""

    @operation("read_draft", answers=DraftRow)
    def get(self, request: Request, public_id: UUID, instrument: str) -> Response:
        """404 until something was saved."""
        return self._told(self._one(public_id, instrument))

    @operation("save_draft", takes=DraftBody, answers=DraftRow)
    def put(self, request: Request, public_id: UUID, instrument: str) -> Response:
        """Save the answers so far; with `If-Match` where a draft exists. Its flags are raised at once."""
        patient, given = self.patient(public_id), self.body(DraftBody)
        queries.definition_of(instrument)
        known = queries.draft(self.actor, patient, instrument)
        version = self.expected_version() if known or "If-Match" in request.headers else None
        saved = findings.save_draft(
            patient=patient, instrument=instrument, expected_version=version, by=self.actor, now=self.now, **given
        )
        return self._told(saved.draft)

    @operation("discard_draft", edits=True, status=204)
    def delete(self, request: Request, public_id: UUID, instrument: str) -> Response:
        """Throw it away; flags it raised stay open."""
        version, draft = self.expected_version(), self._one(public_id, instrument)
        drafts.discard_draft(draft=draft, expected_version=version, by=self.actor, now=self.now)
        return Response(status=204)

    def _one(self, public_id: UUID, instrument: str) -> AssessmentDraft:
        found = queries.draft(self.actor, self.patient(public_id), instrument)
        if found is None:
            raise not_found()
        return found

    def _told(self, draft: AssessmentDraft) -> Response:
        return self.ok(draft_row(draft), etag=etag_of(draft))


class RecordingDoor(FindingsDoor):
    """A draft becomes an assessment."""

    @operation("record_draft", takes=RecordingBody, answers=RecordedRow, status=201, edits=True)
    def post(self, request: Request, public_id: UUID, instrument: str) -> Response:
        """It keeps its id and its flags."""
        version, given = self.expected_version(), self.body(RecordingBody)
        draft = queries.draft(self.actor, self.patient(public_id), instrument)
        if draft is None:
            raise not_found()
        made = findings.record_draft(
            draft=draft, expected_version=version, effective_at=given.get("effective_at"), by=self.actor, now=self.now
        )
        return self.recorded(made)


def draft_row(draft: AssessmentDraft) -> dict[str, Any]:
    """A draft with its scoring so far."""
    definition = queries.definition_of(draft.instrument, draft.definition_version)
    context = queries.context_of(draft.patient, draft.context)
    draft.scoring = score(definition, draft.answers, context)  # type: ignore[attr-defined]
    return dict(DraftRow(draft).data)
