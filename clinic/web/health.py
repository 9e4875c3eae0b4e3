"""Probes: is the process alive, can it serve, and what do its counters say."""

import hmac
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from clinic.clock import real_now
from clinic.queries.health import heartbeat_ages
from clinic.web.answers import DATABASE_AWAY, RETRY_SECONDS

LOOPBACK = frozenset({"127.0.0.1", "::1"})


@never_cache
@require_safe
def livez(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers and is migrated. Valkey away is a warning: writes go on without it."""
    try:
        pending = _pending_migrations()
        figures = {"heartbeats": heartbeat_ages(real_now()), **_figures()} if not pending else {}
    except DATABASE_AWAY:
        return _not_ready({"database": "away"})
    if pending:
        return _not_ready({"database": "ok", "migrations": pending})
    return JsonResponse({"status": "ready", "database": "ok", "migrations": 0, "valkey": _valkey(), **figures})


def _not_ready(parts: dict[str, Any]) -> JsonResponse:
    return JsonResponse({"status": "not ready", **parts}, status=503, headers={"Retry-After": str(RETRY_SECONDS)})


def _pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _figures() -> dict[str, Any]:
    """What other parts report about themselves, each under the name of its function."""
    return {dotted.rpartition(".")[2]: import_string(dotted)(real_now()) for dotted in settings.READINESS_PROBES}


def _valkey() -> str:
    if not settings.REDIS_URL:
        return "not used"
    asked = getattr(cache, "is_away", None)
    return "away" if asked is not None and asked() else "ok"


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for the machine itself or the bearer of the token."""
    if not _may_measure(request):
        return HttpResponseForbidden("Only for the loopback address or the bearer of METRICS_TOKEN.\n")
    return HttpResponse(generate_latest() + generate_latest(_sampled()), content_type=CONTENT_TYPE_LATEST)


def _sampled() -> CollectorRegistry:
    """What other parts say of themselves now; a sample of the same name with other labels joins its gauge."""
    registry, gauges = CollectorRegistry(), dict[str, Gauge]()
    for dotted in settings.METRIC_PROBES:
        for name, about, labels, value in import_string(dotted)(real_now()):
            if name not in gauges:
                gauges[name] = Gauge(name, about, sorted(labels), registry=registry)
            (gauges[name].labels(**labels) if labels else gauges[name]).set(value)
    return registry


def _may_measure(request: HttpRequest) -> bool:
    token = settings.METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(token.encode(), given.encode()):
        return True
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers
