"""The people who work here, and how they sign in."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower

from clinic.models.actor import Actor
from clinic.models.keys import Keyed, Versioned
from clinic.models.pairs import paired


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail address, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """Credentials only; who the person is stands on StaffMember."""

    email = models.EmailField(max_length=254, unique=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May open the operators' read-only admin.")
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.email


class Theme(models.TextChoices):
    AUTO = "auto", "As the device"
    LIGHT = "light", "Light"
    DARK = "dark", "Dark"


class StaffMember(Keyed, Versioned):
    """[Practitioner] Roles and sites stand on the actor; settings of the person stand here."""

    user = models.OneToOneField(User, models.PROTECT, related_name="staff_member")
    actor = models.OneToOneField(Actor, models.PROTECT, related_name="staff_member")
    full_name = models.CharField(max_length=120)
    title = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    theme = models.CharField(max_length=5, choices=Theme.choices, default=Theme.AUTO)
    language = models.CharField(max_length=2, default="en")
    single_keys = models.BooleanField(default=True, help_text="Keys such as j and k work on pages.")
    current_site = models.ForeignKey("clinic.Site", models.SET_NULL, null=True, blank=True, related_name="+")
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(Actor, models.PROTECT, related_name="+")
    deactivated_at = models.DateTimeField(null=True, blank=True)
    deactivated_by = models.ForeignKey(Actor, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["full_name"]
        constraints = [
            paired("deactivated", name="staff_deactivated_at_by"),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def initials(self) -> str:
        words = self.full_name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()
