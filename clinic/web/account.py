"""A person's own page, and the switches of the shell."""

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import clock
from clinic.actions import staff as acts
from clinic.errors import Refused, not_found
from clinic.models import StaffMember
from clinic.models.staff import Theme
from clinic.queries.second_factors import has_second_factor
from clinic.rules.sentences import sentence
from clinic.web.forms import Form
from clinic.web.pages import back, found, go_on


class AccountForm(Form):
    """A person's own settings."""

    full_name = forms.CharField(label=_("Name"), max_length=120)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    theme = forms.ChoiceField(
        label=_("Look"), choices=[("auto", _("As the device")), ("light", _("Light")), ("dark", _("Dark"))]
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    single_keys = forms.BooleanField(label=_("Single keys such as j and k work on pages"), required=False)


def account(request: HttpRequest) -> HttpResponse:
    member: StaffMember = request.staff  # type: ignore[attr-defined]
    initial = {name: getattr(member, name) for name in AccountForm.base_fields}
    form = AccountForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            acts.update_account(member=member, **form.cleaned_data, by=member.actor, now=clock.now())
            return go_on(request, reverse("account"), sentence("staff.saved"))
        except Refused as refused:
            form.refuse(refused)
    context = {"form": form, "second_factor": has_second_factor(member)}
    return render(request, "clinic/account/account.html", context, status=422 if form.errors else 200)


def switch_site(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("site", "")
    site = found(next((each for each in request.sites if str(each.public_id) == wanted), None))  # type: ignore[attr-defined]
    acts.choose_site(member=request.staff, site=site, by=request.actor, now=clock.now())  # type: ignore[attr-defined]
    return go_on(request, back(request), sentence("sites.chosen", name=site.name))


def theme(request: HttpRequest) -> HttpResponse:
    member: StaffMember = request.staff  # type: ignore[attr-defined]
    wanted = request.POST.get("theme", "")
    if wanted not in Theme.values:
        raise not_found()
    acts.update_account(
        member=member,
        full_name=member.full_name,
        phone=member.phone,
        theme=wanted,
        language=member.language,
        single_keys=member.single_keys,
        by=member.actor,
        now=clock.now(),
    )
    return go_on(request, back(request))
