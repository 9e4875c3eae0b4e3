"""What the libraries tell when somebody signs in, goes, or tries: kept in the audit."""

from typing import Any

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed

from clinic import clock
from clinic.actions.sign_ins import record_failure, record_sign_in
from clinic.models import User
from clinic.queries.staff import staff_of


def _of_person(what: str) -> Any:
    def note(sender: object, user: User | None = None, **kwargs: Any) -> None:
        member = staff_of(user) if user is not None and user.pk else None
        if member is not None:
            record_sign_in(what=what, by=member.actor, now=clock.now())

    return note


def _failed(sender: object, credentials: dict[str, Any], **kwargs: Any) -> None:
    typed = credentials.get("email") or credentials.get("username") or ""
    record_failure(what="failed", email=str(typed)[:254].strip(), now=clock.now())


def _locked_out(sender: object, username: str | None = None, **kwargs: Any) -> None:
    record_failure(what="locked_out", email=str(username or "")[:254], now=clock.now())


_RECEIVERS = {
    "in": (user_logged_in, _of_person("in")),
    "out": (user_logged_out, _of_person("out")),
    "password_changed": (password_changed, _of_person("password_changed")),
    "password_reset": (password_reset, _of_person("password_reset")),
    "second_factor_added": (authenticator_added, _of_person("second_factor_added")),
    "second_factor_removed": (authenticator_removed, _of_person("second_factor_removed")),
    "failed": (user_login_failed, _failed),
    "locked_out": (user_locked_out, _locked_out),
}


def connect() -> None:
    """Listen from the start of the process on."""
    for what, (signal, receiver) in _RECEIVERS.items():
        signal.connect(receiver, dispatch_uid=f"clinic.sign_in.{what}", weak=False)
