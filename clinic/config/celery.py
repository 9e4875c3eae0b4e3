import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_process_init
from django.conf import settings

from clinic.config.garbage import set_the_program_aside

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")

app = Celery("stepwell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect
def wake_everything_once(sender: Any, **kwargs: Any) -> None:
    """What fell due while nobody was awake is not left until the first interval has passed."""
    for entry in app.conf.beat_schedule.values():
        if entry["task"] in settings.WOKEN_IN_TURN:
            continue
        app.send_task(entry["task"], args=entry.get("args"), retry=False, **entry["options"])


@worker_process_init.connect
def set_the_program_itself_aside(**kwargs: Any) -> None:
    """Once for each process of a worker."""
    set_the_program_aside()
