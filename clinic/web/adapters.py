"""How signing in differs here from the library's habit: nobody signs up, and letters stay in the house on practice."""

import smtplib
from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from clinic.letters import outbox
from clinic.rules.sentences import sentence
from clinic.web.answers import language_of
from clinic.wording import say

log = structlog.get_logger(__name__)


class ClosedAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by invitation alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Only somebody who knew the password gets here."""
        messages.error(request, say(sentence("sign_in.closed"), language_of(request)))
        return HttpResponseRedirect(reverse("account_login"))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A server that is away changes nothing on the page: that would tell which addresses are known."""
        letter = self.render_mail(template_prefix, email, {"email": email, **context})
        letter.connection = outbox()
        try:
            letter.send()
        except (OSError, smtplib.SMTPException) as error:
            log.error("letter_not_sent", kind=type(error).__name__)

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Signing in and out need no words: one sees it."""
        if not {"account/messages/logged_in.txt", "account/messages/logged_out.txt"} & {*args[:1]}:
            super().add_message(request, level, *args, **kwargs)
