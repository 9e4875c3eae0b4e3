from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from clinic.database import OWNER, as_role, grant_application


class Command(BaseCommand):
    help = "Give the application's database role its rights: everything but changing or removing history."

    def handle(self, *args: Any, **options: Any) -> None:
        with as_role(OWNER), transaction.atomic():
            counts = grant_application()
        self.stdout.write(f"{counts['ordinary']} tables granted, {counts['append_only']} of them append-only.")
