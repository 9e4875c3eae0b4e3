"""Rules adapted for one person: what reads differently for them, why, until when; and making another one so."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from clinic.errors import Refused, bad_input, not_found
from clinic.rules.sentences import Sentence, sentence
from clinic.web.pages import go_on
from pathways.actions.adaptations import adapt_rule, end_adaptation
from pathways.models import Enrollment, RuleAdaptation
from pathways.queries import adaptations as queries
from pathways.queries.enrollments import enrollment
from pathways.queries.programs import document_of
from pathways.rules.gates import Criterion
from pathways.rules.programs import FollowUpRule, ProgramDocument
from pathways.rules.programs.adaptation import AdaptationTarget, described
from pathways.rules.programs.wording import schedule
from pathways.web.adaptation_forms import AdaptationForm, CriterionForm, EndForm, FollowUpForm
from pathways.web.lines import Reader
from pathways.web.places import reader_of

Shown = dict[str, Any]


def adaptations(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What is adapted for somebody, what was, and every rule that could be."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    document = document_of(row.program_version)
    found = [_shown(each, document, reader) for each in queries.adaptations(reader.actor, public_id)]
    context = {
        "enrollment": row,
        "patient": row.patient,
        "in_force": [each for each in found if each["in_force"]],
        "over": [each for each in found if not each["in_force"]],
        "criteria": [_criterion(each, row) for each in _criteria(row, document)],
        "contacts": [_contact(each, row) for each in document.follow_ups],
    }
    return render(request, "pathways/adaptations/adaptations.html", context)


def _shown(row: RuleAdaptation, document: ProgramDocument, reader: Reader) -> Shown:
    today = reader.now.astimezone(row.enrollment.site.zone).date()
    return {
        "row": row,
        "said": described(document, queries.adaptation_of(row)),
        "reason": row.reason if reader.reads_words(row.made_by_id) else "",
        "end_reason": row.end_reason if reader.reads_words(row.ended_by_id) else "",
        "in_force": row.ended_at is None and row.ends_on >= today,
        "end": reverse("adaptation_end", args=[row.public_id]),
    }


def _criteria(row: Enrollment, document: ProgramDocument) -> list[Criterion]:
    """The requirements of the phase somebody is in, and of the one before."""
    phase = document.find_phase(row.current_phase.key) if row.current_phase else None
    gates = [gate for gate in (phase.entry, phase.exit) if gate] if phase else []
    return [each for gate in gates for each in gate.walk()]


def _criterion(each: Criterion, row: Enrollment) -> Shown:
    return {"said": each.kind.asks(), "href": _address(row, AdaptationTarget.CRITERION, each.key)}


def _contact(rule: FollowUpRule, row: Enrollment) -> Shown:
    href = _address(row, AdaptationTarget.FOLLOW_UP, rule.rule_key)
    return {"title": rule.title, "when": schedule(rule), "href": href}


def _address(row: Enrollment, target: AdaptationTarget, key: str) -> str:
    return reverse("adapt", args=[row.public_id, target.value, key])


def adapt(request: HttpRequest, public_id: UUID, target: str, key: str) -> HttpResponse:
    """One rule: how it reads for this person from now on."""
    reader = reader_of(request)
    row = enrollment(reader.actor, public_id)
    request.seen.add(row.patient.public_id)  # type: ignore[attr-defined]
    form, said = _form(request, row, target, key, reader)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            _made(row, target, key, form, reader)
        except Refused as refused:
            form.refuse(_on_the_form(refused))
            status = refused.status
        else:
            return go_on(request, reverse("adaptations", args=[public_id]), sentence("adaptation.made"))
    context = {"enrollment": row, "patient": row.patient, "form": form, "said": said}
    status = 422 if form.errors and status == 200 else status
    return render(request, "pathways/adaptations/adapt.html", context, status=status)


def _made(row: Enrollment, target: str, key: str, form: AdaptationForm, reader: Reader) -> RuleAdaptation:
    return adapt_rule(
        by=reader.actor,
        now=reader.now,
        enrollment_id=row.public_id,
        target=AdaptationTarget(target),
        target_key=key,
        change=form.change,
        reason=form.cleaned_data["reason"],
        ends_on=form.cleaned_data["ends_on"],
    )


def _on_the_form(refused: Refused) -> Refused:
    """What stands against the change is told at the choice; the rest at its own field."""
    fields = {("way" if name.startswith(("change", "target")) else name): said for name, said in refused.fields.items()}
    return bad_input(**fields) if fields else refused


def _form(
    request: HttpRequest, row: Enrollment, target: str, key: str, reader: Reader
) -> tuple[AdaptationForm, Sentence]:
    document = document_of(row.program_version)
    data = request.POST or None
    if target == AdaptationTarget.CRITERION:
        for criterion in document.criteria():
            if criterion.key == key:
                return CriterionForm(data, criterion=criterion, language=reader.language), criterion.kind.asks()
    if target == AdaptationTarget.FOLLOW_UP:
        for rule in document.follow_ups:
            if rule.rule_key == key:
                said = sentence("adaptation.rule", title=rule.title, when=schedule(rule))
                return FollowUpForm(data, rule=rule, ladders=document.ladders), said
    raise not_found()


def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rule reads as the program writes it again."""
    reader = reader_of(request)
    row = queries.adaptation(reader.actor, public_id)
    request.seen.add(row.enrollment.patient.public_id)  # type: ignore[attr-defined]
    here = reverse("adaptations", args=[row.enrollment.public_id])
    form = EndForm(request.POST)
    if not form.is_valid():
        return go_on(request, here, sentence("adaptation.refused.end_reason"), level=messages.ERROR)
    try:
        end_adaptation(by=reader.actor, now=reader.now, adaptation_id=public_id, reason=form.cleaned_data["reason"])
    except Refused as refused:
        return go_on(request, here, refused.sentence, level=messages.ERROR)
    return go_on(request, here, sentence("adaptation.ended"))
