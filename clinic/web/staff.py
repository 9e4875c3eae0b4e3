"""Staff: who works here, in which role and where."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from clinic import clock, letters
from clinic.actions import staff as acts
from clinic.errors import Refused
from clinic.models import Site, StaffMember
from clinic.queries.second_factors import has_second_factor
from clinic.queries.sites import open_sites
from clinic.queries.staff import people, staff_member
from clinic.rules.sentences import sentence
from clinic.rules.staff import ASSIGNABLE, in_order
from clinic.web.forms import Form
from clinic.web.pages import found, go_on
from clinic.wording import label

PAGE = 50


class PersonForm(Form):
    """What an administrator says about a person."""

    full_name = forms.CharField(label=_("Name"), max_length=120)
    title = forms.CharField(label=_("Title"), max_length=80, required=False, help_text=_("As in “LCSW” or “RN”."))
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)
    sites = forms.MultipleChoiceField(label=_("Sites"), widget=forms.CheckboxSelectMultiple)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, sites: list[Site], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = (translation.get_language() or "en")[:2]
        self._sites = {str(site.public_id): site for site in sites}
        self.fields["roles"].choices = [(role.value, label(role, language)) for role in ASSIGNABLE]  # type: ignore[attr-defined]
        self.fields["sites"].choices = [(key, site.name) for key, site in self._sites.items()]  # type: ignore[attr-defined]

    @property
    def chosen_sites(self) -> list[Site]:
        return [self._sites[key] for key in self.cleaned_data["sites"]]


class InviteForm(PersonForm):
    """A person who is not here yet."""

    email = forms.EmailField(label=_("E-mail"), max_length=254, help_text=_("The letter with the link goes here."))
    field_order = ["full_name", "email", "title", "roles", "sites"]


def staff_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "")[:80].replace("\x00", "")
    former = "former" in request.GET
    page = Paginator(people(words, with_former=former), PAGE).get_page(request.GET.get("page"))
    rows = [(person, in_order(person.actor.roles)) for person in page]
    return render(request, "clinic/staff/list.html", {"page": page, "rows": rows, "words": words, "former": former})


def invite(request: HttpRequest) -> HttpResponse:
    form = InviteForm(request.POST or None, sites=open_sites())
    if request.method == "POST" and form.is_valid():
        try:
            return _invited(request, form)
        except Refused as refused:
            form.refuse(refused)
    status = 422 if form.errors else 200
    return render(request, "clinic/staff/invite.html", {"form": form}, status=status)


def _invited(request: HttpRequest, form: InviteForm) -> HttpResponse:
    given = form.cleaned_data
    member = acts.invite(
        email=given["email"],
        full_name=given["full_name"],
        title=given["title"],
        roles=given["roles"],
        sites=form.chosen_sites,
        language=request.language,  # type: ignore[attr-defined]
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
    )
    return _after_letter(request, member, "staff.invited")


def member(request: HttpRequest, public_id: UUID) -> HttpResponse:
    person = found(staff_member(public_id))
    sites = sorted({*open_sites(), *person.actor.sites.all()}, key=lambda site: (site.name, site.pk))
    form = PersonForm(request.POST or None, initial=_initial(person), sites=sites)
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            return _changed(request, person, form)
        except Refused as refused:
            form.refuse(refused)
            status = refused.status
    context = {"form": form, "person": person, "second_factor": has_second_factor(person)}
    return render(request, "clinic/staff/member.html", context, status=422 if form.errors and status == 200 else status)


def _initial(person: StaffMember) -> dict[str, object]:
    return {
        "full_name": person.full_name,
        "title": person.title,
        "roles": person.actor.roles,
        "sites": [str(site.public_id) for site in person.actor.sites.all()],
        "version": person.version,
    }


def _changed(request: HttpRequest, person: StaffMember, form: PersonForm) -> HttpResponse:
    given = form.cleaned_data
    acts.change(
        member=person,
        full_name=given["full_name"],
        title=given["title"],
        roles=given["roles"],
        sites=form.chosen_sites,
        by=request.actor,  # type: ignore[attr-defined]
        now=clock.now(),
        expected_version=given["version"],
    )
    return go_on(request, _page_of(person), sentence("staff.saved"))


def letter(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _after_letter(request, found(staff_member(public_id)), "staff.letter_sent")


def deactivate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    person = found(staff_member(public_id))
    return _told(request, person, acts.deactivate, "staff.deactivated")


def reactivate(request: HttpRequest, public_id: UUID) -> HttpResponse:
    person = found(staff_member(public_id))
    try:
        person = acts.reactivate(member=person, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, _page_of(person), refused.sentence, level=messages.ERROR)
    return _after_letter(request, person, "staff.reactivated")


def remove_second_factor(request: HttpRequest, public_id: UUID) -> HttpResponse:
    person = found(staff_member(public_id))
    return _told(request, person, acts.remove_second_factor, "staff.second_factor_removed")


def _told(request: HttpRequest, person: StaffMember, act: Any, code: str) -> HttpResponse:
    """Do it, and say on the person's page what came of it."""
    try:
        act(member=person, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    except Refused as refused:
        return go_on(request, _page_of(person), refused.sentence, level=messages.ERROR)
    return go_on(request, _page_of(person), sentence(code, name=person.full_name))


def _after_letter(request: HttpRequest, person: StaffMember, code: str) -> HttpResponse:
    params = {"name": person.full_name, "email": person.user.email}
    if letters.send_password_letter(person):
        return go_on(request, _page_of(person), sentence(code, **params))
    return go_on(request, _page_of(person), sentence("staff.letter_not_sent", **params), level=messages.WARNING)


def _page_of(person: StaffMember) -> str:
    return reverse("staff_member", args=[person.public_id])
