"""What one fills in about a plan: a line, one's own words, a review, a signature."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import Actor
from clinic.web.forms import Form
from clinic.web.widgets import DatePartsField
from clinic.wording import label, say
from pathways.actions import plan_elements, plans
from pathways.actions.plan_elements import Content
from pathways.modalities import modalities
from pathways.models import PlanElement
from pathways.queries.plans import Findings, finding_said
from pathways.rules.plans import OPEN, ElementStatus, PlanElementKind, PlanSigner, SigningMethod
from patients.models import Assessment, Observation

Choices = list[tuple[str, str]]
E = PlanElementKind
WITH_MODALITY = frozenset({E.INTERVENTION, E.SUPPORT_GROUP, E.COMPLEMENTARY_THERAPY})
WITH_FINDINGS = frozenset({E.PROBLEM})
WITHOUT_DATES = frozenset({E.TRIGGER, E.WARNING_SIGN, E.PERSON_TO_CALL, E.SOCIAL_NETWORK})
LONG = {"rows": 2}


class LineForm(Form):
    """One line; its kind decides which of the fields are asked for."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(label=_("What"), max_length=plan_elements.LIMITS["text"], widget=forms.Textarea(LONG))
    own_words = forms.CharField(
        label=_("In the patient's own words"),
        max_length=plan_elements.LIMITS["own_words"],
        required=False,
        widget=forms.Textarea(LONG),
    )
    contact = forms.CharField(label=_("How to reach them"), max_length=120, required=False)
    modality = forms.ChoiceField(label=_("Kind of treatment"), required=False)
    owner = forms.ChoiceField(label=_("Who sees to it"), required=False)
    starts_on = DatePartsField(label=_("Begins"), required=False)
    due_on = DatePartsField(label=_("By"), required=False)
    status = forms.ChoiceField(label=_("Where it stands"))
    progress = forms.CharField(label=_("Progress"), max_length=plan_elements.LIMITS["progress"], required=False)
    finding = forms.ChoiceField(label=_("Built on"), required=False)
    diagnosis = forms.CharField(label=_("Diagnosis, ICD-10-CM"), max_length=12, required=False)
    co_occurring = forms.BooleanField(label=_("Co-occurring condition"), required=False)

    def __init__(
        self,
        *args: Any,
        kind: PlanElementKind,
        staff: Iterable[Actor],
        findings: Findings,
        language: str,
        row: PlanElement | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._drop(kind)
        self._choose("owner", [("", str(_("The patient"))), *_people(staff, row)])
        self._choose("status", [(each.value, label(each, language)) for each in OPEN])
        kinds = sorted((say(each.title, language), each.key) for each in modalities())
        self._choose("modality", [("", "–"), *((key, words) for words, key in kinds)])
        self._choose("finding", [("", "–"), *_found(findings, row, language)])
        self.fields["status"].initial = ElementStatus.ACTIVE.value

    def _drop(self, kind: PlanElementKind) -> None:
        """Fields this kind of line has no use for."""
        unused = {
            "contact": kind is not E.PERSON_TO_CALL,
            "modality": kind not in WITH_MODALITY,
            "starts_on": kind in WITHOUT_DATES,
            "due_on": kind in WITHOUT_DATES,
            **dict.fromkeys(("finding", "diagnosis", "co_occurring"), kind not in WITH_FINDINGS),
        }
        for name in [each for each, is_unused in unused.items() if is_unused]:
            del self.fields[name]

    def _choose(self, name: str, choices: Choices) -> None:
        if name in self.fields:
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def content(self) -> Content:
        """What was filled in, as the verb takes it."""
        given = self.cleaned_data
        kind, _dot, found = given.get("finding", "").partition(".")
        finding = UUID(found) if found else None
        return Content(
            text=given["text"],
            own_words=given["own_words"],
            contact=given.get("contact", ""),
            modality=given.get("modality", ""),
            owner_id=UUID(given["owner"]) if given["owner"] else None,
            starts_on=given.get("starts_on"),
            due_on=given.get("due_on"),
            status=ElementStatus(given["status"]),
            progress=given["progress"],
            co_occurring=given.get("co_occurring", False),
            diagnosis=given.get("diagnosis", "").strip().upper(),
            assessment_id=finding if kind == "assessment" else None,
            observation_id=finding if kind == "observation" else None,
        )


def _people(staff: Iterable[Actor], row: PlanElement | None) -> Choices:
    """Who works here, and whoever has the line now."""
    people = {str(each.public_id): each.name for each in staff}
    if row is not None and row.owner is not None:
        people.setdefault(str(row.owner.public_id), row.owner.name)
    return list(people.items())


def _found(findings: Findings, row: PlanElement | None, language: str) -> Choices:
    """What was found lately, and what the line is built on already."""
    rows: list[Assessment | Observation] = [*findings.assessments, *findings.observations]
    if row is not None:
        rows += [each for each in (row.from_assessment, row.from_observation) if each is not None]
    return list({_key(each): say(finding_said(each), language) for each in rows}.items())


def _key(found: Assessment | Observation | None) -> str:
    if found is None:
        return ""
    return f"{'assessment' if isinstance(found, Assessment) else 'observation'}.{found.public_id}"


def initial_of(row: PlanElement) -> dict[str, Any]:
    """A line as its form shows it."""
    names = ("version", "text", "own_words", "contact", "modality", "starts_on", "due_on", "status", "progress",
             "diagnosis", "co_occurring")  # fmt: skip
    finding = _key(row.from_assessment or row.from_observation)
    owner = str(row.owner.public_id) if row.owner else ""
    return {**{name: getattr(row, name) for name in names}, "owner": owner, "finding": finding}


class EndForm(Form):
    """How a line ends."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    status = forms.ChoiceField(label=_("How it ends"), widget=forms.RadioSelect)
    progress = forms.CharField(label=_("What came of it"), max_length=plan_elements.LIMITS["progress"], required=False)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ends = (ElementStatus.COMPLETE, ElementStatus.STOPPED)
        self.fields["status"].choices = [(each.value, label(each, language)) for each in ends]  # type: ignore[attr-defined]


class WordsForm(Form):
    """What matters most to the patient."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    own_words = forms.CharField(
        label=_("What matters most, in the patient's own words"),
        max_length=plans.WORDS_LIMIT,
        required=False,
        widget=forms.Textarea({"rows": 4}),
    )


class ReviewForm(Form):
    """What the review found, and when the next one is."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    note = forms.CharField(
        label=_("What was found"), max_length=plans.NOTE_LIMIT, required=False, widget=forms.Textarea({"rows": 3})
    )
    next_review_on = DatePartsField(label=_("Next review"), required=False)


class SignForm(Form):
    """Who signs, and how."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    signer = forms.ChoiceField(label=_("Who signs"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name"), max_length=plans.NAME_LIMIT, required=False)
    method = forms.ChoiceField(label=_("How"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signer"].choices = [(each.value, label(each, language)) for each in PlanSigner]  # type: ignore[attr-defined]
        self.fields["method"].choices = [(each.value, label(each, language)) for each in SigningMethod]  # type: ignore[attr-defined]
        self.fields["name"].help_text = _("You sign with your own name.")
