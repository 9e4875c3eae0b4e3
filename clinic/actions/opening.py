"""Opening a clinic: the first site and the person who can invite everybody else."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinic.actions.jobs import job
from clinic.actions.sites import Place, found_site
from clinic.actions.staff import admit
from clinic.actions.verbs import action
from clinic.errors import Refused, bad_input
from clinic.models import Actor, Site, StaffMember
from clinic.rules.roles import Role
from clinic.rules.sentences import sentence


def open_clinic(
    *, code: str, place: Place, email: str, full_name: str, password: str | None, now: datetime
) -> StaffMember:
    """The first site and its administrator; without a password they set one from a letter.

    Raises Refused 409 where there is a clinic already, 422 with a sentence per field.
    """
    return _open(
        code=code, place=place, email=email, full_name=full_name, password=password, by=job("opening"), now=now
    )


@action(None, "clinic.open")
def _open(
    *, code: str, place: Place, email: str, full_name: str, password: str | None, by: Actor, now: datetime
) -> StaffMember:
    """Everything or nothing; only an operator at the machine gets here, and only once."""
    if Site.objects.exists() or StaffMember.objects.exists():
        raise Refused("clinic_open", sentence("opening.already_open"))
    site = found_site(code=code, place=place, by=by, now=now)
    member = admit(
        email=email, full_name=full_name, roles=[Role.SYSTEM_ADMINISTRATOR], sites=[site], by=by, now=now,
        title="", phone="", language="en",
    )  # fmt: skip
    if password is not None:
        try:
            validate_password(password, member.user)
        except ValidationError as error:
            raise bad_input(password=sentence("opening.weak_password")) from error
        member.user.set_password(password)
        member.user.save(update_fields=["password"])
    return member
