"""A request sent again does not happen again (decisions.md 13)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction

from clinic.actions.locks import lock_name_if_free
from clinic.actions.verbs import DEADLOCK, SERIALIZATION, action, refusals_recorded_after
from clinic.errors import BAD_INPUT, BUSY, Refused
from clinic.models import Actor, IdempotentAnswer
from clinic.sealing import seal, unseal

KEPT_FOR = timedelta(hours=24)
LONGEST_KEY = 255
PURPOSE = "idempotent answer"

# What will be the same tomorrow. A missing permission, a busy row or a full minute may be otherwise a moment later,
# and none of them had an effect, so asking again is safe.
DEFINITE = frozenset({404, 409, 410, 412, 422})
PASSING_CODES = frozenset({"busy", "in_flight"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door says: status, headers and body as sent, and the patients it shows (public ids, for the audit)."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    patients: tuple[str, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Request:
    by: Actor
    key: str
    fingerprint: str
    now: datetime
    verb: Callable[[], Answer]
    told: Callable[[Refused], Answer] | None
    allowed: Callable[[], object] | None


def once(
    *,
    by: Actor,
    key: str,
    method_and_path: str,
    body_hash: str,
    verb: Callable[[], Answer],
    now: datetime,
    told: Callable[[Refused], Answer] | None = None,
    allowed: Callable[[], object] | None = None,
) -> Answer:
    """Do `verb` at most once for this actor and key, and say the same thing every time within 24 hours.

    Guarantees: the verb and its kept answer are committed together or not at all; while one request with the key is
    under way another is refused (409 in_flight); another method, path or body under the key is refused (422
    key_reused). `told` makes an answer of a refusal; only 2xx and definite 4xx answers are kept. `allowed` is asked
    before a replay and raises Refused where the actor may no longer see this. `now` is real time. Tried once more
    after a deadlock.
    """
    _check(key)
    fingerprint = hashlib.sha256(f"{method_and_path}\n{body_hash}".encode()).hexdigest()
    request = _Request(by, key, fingerprint, now, verb, told, allowed)
    try:
        outcome = _in_one_transaction(request)
    except OperationalError as error:
        again = getattr(error.__cause__, "pgcode", None) in {DEADLOCK, SERIALIZATION}
        if not again or connection.in_atomic_block:
            raise
        outcome = _in_one_transaction(request)
    if isinstance(outcome, Refused):
        raise outcome
    return outcome


@action(None, "idempotency.purge_expired")
def purge_expired(*, by: Actor, now: datetime) -> int:
    """Forget answers older than 24 hours. Returns how many. `now` is real time; `by` is the named job."""
    count, _ = IdempotentAnswer.objects.filter(expires_at__lte=now).delete()
    return count


def _check(key: str) -> None:
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Refused("key_unusable", status=BAD_INPUT)


def _in_one_transaction(request: _Request) -> Answer | Refused:
    with transaction.atomic():
        _take_turn(request)
        kept = IdempotentAnswer.objects.filter(actor=request.by, key=request.key, expires_at__gt=request.now).first()
        if kept is not None:
            return _replayed(kept, request)
        outcome, definite = _done(request)
        if definite and isinstance(outcome, Answer):
            _keep(by=request.by, now=request.now, key=request.key, fingerprint=request.fingerprint, answer=outcome)
        return outcome


def _take_turn(request: _Request) -> None:
    if not lock_name_if_free(f"idempotency {request.by.pk} {request.key}"):
        raise Refused("in_flight", status=BUSY)


def _replayed(kept: IdempotentAnswer, request: _Request) -> Answer:
    if kept.fingerprint != request.fingerprint:
        raise Refused("key_reused", status=BAD_INPUT)
    if request.allowed is not None:
        request.allowed()
    return Answer(
        status=kept.status,
        body=unseal(PURPOSE, bytes(kept.body)),
        headers=kept.headers["sent"],
        patients=tuple(kept.headers["patients"]),
        replayed=True,
    )


def _done(request: _Request) -> tuple[Answer | Refused, bool]:
    """The verb inside a savepoint: a refusal undoes it, and can still be recorded beside it."""
    try:
        with refusals_recorded_after(), transaction.atomic():
            answer = request.verb()
    except Refused as refused:
        definite = refused.status in DEFINITE and refused.code not in PASSING_CODES
        if request.told is None or not definite:
            return refused, False
        return request.told(refused), True
    return answer, 200 <= answer.status < 300


@action(None, "idempotency.keep")
def _keep(*, by: Actor, now: datetime, key: str, fingerprint: str, answer: Answer) -> None:
    """Keep the answer in the transaction of its effect, encrypted: it may hold what was said about a person."""
    IdempotentAnswer.objects.update_or_create(
        actor=by,
        key=key,
        defaults={
            "fingerprint": fingerprint,
            "status": answer.status,
            "headers": {"sent": dict(answer.headers), "patients": list(answer.patients)},
            "body": seal(PURPOSE, answer.body),
            "answered_at": now,
            "expires_at": now + KEPT_FOR,
        },
    )
