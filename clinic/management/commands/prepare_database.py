from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection

from clinic.database import OWNER, as_role, make_roles

# Two starting at once (two machines, one database) take turns.
_TURN = 7_220_315


class Command(BaseCommand):
    help = "Make the database roles, migrate as the owner, grant the application its rights. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_TURN])
        try:
            make_roles(settings.WEB_DATABASE_PASSWORD)
            with as_role(OWNER):
                call_command("migrate", interactive=False, verbosity=options["verbosity"], stdout=self.stdout)
            call_command("grant_app_role", stdout=self.stdout)
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_TURN])
