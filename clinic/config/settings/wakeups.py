"""Celery wakes workers and remembers nothing: what is owed stands as a due row in PostgreSQL."""

from datetime import time

from clinic.config import environment as env

from .delivery import DELIVERY_PROVIDERS as _DELIVERY_PROVIDERS
from .house import TESTING
from .storage import REDIS_URL as _REDIS_URL

# The same socket in the words of Celery's transport.
_BROKER = _REDIS_URL
if _BROKER.startswith("unix://"):
    _BROKER = _BROKER.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)

CELERY_BROKER_URL = _BROKER or "redis://127.0.0.1:1/0"
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = False  # a lost wake-up is repeated by the next beat
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_DEFAULT_QUEUE = "stepwell"
CELERY_TASK_PUBLISH_RETRY = False  # a web request never waits for a broker that is gone
CELERY_TASK_ALWAYS_EAGER = TESTING and env.flag("CELERY_EAGER", default=False)
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_BROKER_CONNECTION_RETRY = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than any task may run, so that no message is handed out twice while one still works on it.
    "visibility_timeout": 900,
    "socket_timeout": 30,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
    "health_check_interval": 30,
    "retry_on_timeout": False,
    "global_keyprefix": "stepwell:",
}
CELERY_TIMEZONE = "UTC"

# From this hour on (UTC, wall time) the check of the night is due: late in the night of the Americas.
RECONCILE_AT = time(env.number("RECONCILE_AT_HOUR", default=8, least=0, most=23))

# How often delivery is woken, in seconds; what looks after it follows at four and eight times that.
_TICK = env.number("WAKE_UP_SECONDS", default=15, least=1, most=30)

# Task, seconds. A wake-up older than its own interval is dropped: the next one finds the same rows.
_BEAT = {
    "clinic.tasks.beat_heartbeat": _TICK,
    "clinic.tasks.purge_answers": 3600,
    "clinic.tasks.seal_audit": 60,
    "pathways.tasks.adopt_versions": 5,
    "pathways.tasks.climb_ladders": 60,
    "pathways.tasks.deliver_template_trials": 15,
    "pathways.tasks.lapse_offers": 300,
    "pathways.tasks.plan_ahead": 3600,
    "pathways.tasks.plan_messages_anew": 30,
    "pathways.tasks.purge_words": 21_600,
    "pathways.tasks.reconcile": 60,
    "pathways.tasks.requeue_expired_leases": 4 * _TICK,
    "pathways.tasks.settle_uncertain": 8 * _TICK,
}
# Not woken at once when beat begins: what it would name as late is only then being caught up with.
WOKEN_IN_TURN = frozenset({"pathways.tasks.reconcile"})
CELERY_BEAT_SCHEDULE = {
    name: {"task": name, "schedule": float(seconds), "options": {"expires": float(seconds)}}
    for name, seconds in sorted(_BEAT.items())
}
# Each channel is woken by itself, so that none waits for another.
CELERY_BEAT_SCHEDULE |= {
    f"deliver {channel}": {
        "task": "pathways.tasks.deliver_due_reminders",
        "args": [channel],
        "schedule": float(_TICK),
        "options": {"expires": float(_TICK)},
    }
    for channel in sorted(_DELIVERY_PROVIDERS)
}
# The schedule is fixed, so nothing has to survive a restart of beat.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = min(_TICK, 5)
