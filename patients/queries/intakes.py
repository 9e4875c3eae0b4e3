"""How far an intake is."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from clinic.errors import not_found
from clinic.models import Actor
from patients.models import Assessment, AssessmentDraft, Intake, Patient
from patients.models.assessment import AssessmentStatus
from patients.queries.assessments import context_of, definition_of
from patients.rules.instruments import Definition
from patients.rules.intake import Section, SectionFacts, arrange
from patients.rules.scoring import Scoring, score


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its form: definition, the draft or the assessment that holds the answers, what they come to.

    With both a draft and an assessment the form was recorded and then begun again: `scoring` is the assessment's.
    """

    section: Section
    definition: Definition
    draft: AssessmentDraft | None
    assessment: Assessment | None
    scoring: Scoring

    @property
    def drafted(self) -> Scoring | None:
        """What the draft comes to; None where there is none, or nothing is answered in it."""
        if self.draft is None:
            return None
        scoring = _scored(self.draft) if self.assessment else self.scoring
        return scoring if scoring.answered or scoring.problems else None


def get(actor: Actor, public_id: UUID | str) -> Intake:
    """An intake of somebody the actor may see, its drafts and assessments read. Raises Refused (404)."""
    found = _seen(actor).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def open_intake(actor: Actor, patient: Patient) -> Intake | None:
    """The intake of the person that is not signed yet."""
    return _seen(actor).filter(patient=patient, signed_at__isnull=True).first()


def listed(actor: Actor, patient: Patient | None = None) -> QuerySet[Intake]:
    """Intakes, newest first."""
    rows = _seen(actor)
    if patient is not None:
        rows = rows.filter(patient=patient)
    return rows.order_by("-opened_at", "-id")


def progress(intake: Intake) -> tuple[SectionView, ...]:
    """Every section in its present order. Counts follow from drafts and assessments; nothing is stored about them."""
    drafts = {each.instrument: each for each in intake.drafts.all()}
    recorded = {each.instrument: each for each in intake.assessments.all() if each.status == AssessmentStatus.FINAL}
    views = {key: _view(intake, key, drafts.get(key), recorded.get(key)) for key in intake.sections}
    ordered = arrange([_facts(key, views[key]) for key in intake.sections])
    return tuple(SectionView(section, *views[section.key]) for section in ordered)


_View = tuple[Definition, AssessmentDraft | None, Assessment | None, Scoring]


def _view(intake: Intake, key: str, draft: AssessmentDraft | None, recorded: Assessment | None) -> _View:
    held = draft if recorded is None else recorded
    definition = definition_of(key, held.definition_version if held else None)
    answers: Mapping[str, object] = held.answers if held else {}
    context = context_of(intake.patient, held.context if held else {})
    return definition, draft, recorded, score(definition, answers, context)


def _scored(draft: AssessmentDraft) -> Scoring:
    definition = definition_of(draft.instrument, draft.definition_version)
    return score(definition, draft.answers, context_of(draft.patient, draft.context))


def _facts(key: str, view: _View) -> SectionFacts:
    definition, _, recorded, got = view
    asked = sum(definition.item(one).required for one in got.visible)
    return SectionFacts(
        key=key,
        asked=asked,
        answered=asked - len(got.missing),
        missing=len(got.missing),
        begun=got.answered > 0,
        problems=len(got.problems),
        alerts=got.alerts,
        recorded=recorded is not None,
    )


def _seen(actor: Actor) -> QuerySet[Intake]:
    rows = Intake.objects.filter(patient__in=Patient.objects.visible_to(actor))
    return rows.select_related("patient", "site", "opened_by", "signed_by").prefetch_related(
        Prefetch("drafts", AssessmentDraft.objects.select_related("saved_by", "patient")),
        Prefetch("assessments", Assessment.objects.select_related("recorded_by").order_by("effective_at", "id")),
    )
