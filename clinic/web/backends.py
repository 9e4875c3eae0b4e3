"""How a session finds its person: one row of the database instead of three."""

from allauth.account.auth_backends import AuthenticationBackend

from clinic.models import User
from clinic.queries.staff import user_with_staff


class StaffBackend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in by e-mail address like the library's; brings the member of staff and their actor along."""

    def get_user(self, user_id: int) -> User | None:
        user = user_with_staff(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
