from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ClinicConfig(AppConfig):
    name = "clinic"
    label = "clinic"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from clinic.database import take_role
        from clinic.web import signals

        connection_created.connect(take_role, dispatch_uid="clinic.take_role")
        signals.connect()
