"""Letters to staff: a link to set a password. Doors send them after the action has committed."""

import smtplib

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from clinic.models import StaffMember
from clinic.queries.installation import is_practice
from clinic.rules.sentences import sentence
from clinic.wording import say

_SMTP = "django.core.mail.backends.smtp.EmailBackend"
_FOLDER = "django.core.mail.backends.filebased.EmailBackend"


def outbox() -> BaseEmailBackend:
    """Where letters to staff go. From practice data none leaves the house: they fall into the mailbox folder."""
    if settings.EMAIL_BACKEND == _SMTP and is_practice():
        return get_connection(_FOLDER, file_path=str(settings.EMAIL_FILE_PATH))
    return get_connection()


def password_link(member: StaffMember) -> str:
    """An address that sets this person's password once, within `PASSWORD_RESET_TIMEOUT`."""
    user = member.user
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return f"{settings.PUBLIC_URL}{reverse('account_reset_password_from_key', kwargs=key)}"


def send_password_letter(member: StaffMember) -> bool:
    """Whether the letter was taken. It says nothing about what kind of place this is."""
    days = settings.PASSWORD_RESET_TIMEOUT // (24 * 3600)
    words = sentence("letter.password.body", name=member.full_name, link=password_link(member), days=days)
    letter = EmailMessage(
        say(sentence("letter.password.subject"), member.language),
        say(words, member.language),
        to=[member.user.email],
        connection=outbox(),
    )
    try:
        return bool(letter.send())
    except (OSError, smtplib.SMTPException):
        return False
