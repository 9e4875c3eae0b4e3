import os
from typing import Any

from celery import Celery
from celery.bootsteps import StartStopStep
from celery.signals import beat_init, worker_process_init
from django.conf import settings

from clinic.config.garbage import set_the_program_aside

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.config.settings")

app = Celery("stepwell")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


class ProcessWatch(StartStopStep):
    """A process that was killed is replaced within a second. Celery notices an exit at once, but now and then before
    there is anything to clear away, and then looks again only after five."""

    requires = ("celery.worker.components:Pool",)

    def start(self, worker: Any) -> None:
        maintain = getattr(worker.pool, "maintain_pool", None)
        if worker.hub is not None and maintain is not None:
            worker.hub.call_repeatedly(1.0, maintain)


app.steps["worker"].add(ProcessWatch)


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
