"""How signing in differs here from the library's habit: nobody signs up, and letters stay neutral."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from clinic.rules.sentences import sentence
from clinic.web.answers import language_of
from clinic.web.forms import storable
from clinic.wording import say


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Only somebody who knew the password gets here."""
        messages.error(request, say(sentence("sign_in.closed"), language_of(request)))
        return HttpResponseRedirect(reverse("account_login"))

    def clean_email(self, email: str) -> str:
        return str(super().clean_email(email)) if storable(email) else ""

    def get_client_ip(self, request: HttpRequest) -> str:
        from django.conf import settings
        from django.utils.module_loading import import_string

        return str(import_string(settings.AXES_CLIENT_IP_CALLABLE)(request))
