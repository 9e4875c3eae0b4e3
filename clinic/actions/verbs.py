"""What makes a function an action: who asks is known, allowed, and everything happens or nothing does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, transaction

from clinic.actions import audit
from clinic.clock import real_now
from clinic.errors import BUSY, Refused, forbidden
from clinic.models import Actor, ActorKind
from clinic.rules.roles import PERSON_ONLY, Permission
from clinic.rules.sentences import sentence
from clinic.wording import codes

Params = ParamSpec("Params")
Result = TypeVar("Result")
DEADLOCK, SERIALIZATION, LOCK_NOT_AVAILABLE = "40P01", "40001", "55P03"

_depth: ContextVar[int] = ContextVar("action_depth", default=0)
_alone: ContextVar[int] = ContextVar("depth_of_verbs_undone_alone", default=0)
_direct: ContextVar[bool] = ContextVar("direct_writes", default=False)
Refusal = tuple[str, dict[str, Any], Refused]
_deferred: ContextVar[list[Refusal] | None] = ContextVar("deferred_refusals", default=None)


def inside_action() -> bool:
    """Whether a verb is under way: only then may our tables be written."""
    return _depth.get() > 0 or _direct.get()


@contextmanager
def allow_direct_writes() -> Iterator[None]:
    """For factories of test roots alone."""
    token = _direct.set(True)
    try:
        yield
    finally:
        _direct.reset(token)


@contextmanager
def refusals_survived() -> Iterator[None]:
    """For a verb that goes on after a refusal of another: each verb called inside is undone alone, by a savepoint."""
    token = _alone.set(_depth.get())
    try:
        yield
    finally:
        _alone.reset(token)


def action(permission: Permission | None, name: str) -> Callable[[Callable[Params, Result]], Callable[Params, Result]]:
    """Make a keyword-only function `verb(*, by: Actor, now: datetime, …)` a writer.

    Guarantees: an anonymous or unpermitted actor is refused (403) and the refusal recorded; all of it happens in one
    transaction; a violated constraint surfaces as `Refused`; the outermost verb is tried once more after a deadlock.
    The refusal of an inner verb undoes the outer one as well (see `refusals_survived`).
    `permission=None` is for verbs whose caller has already decided (an inner verb, a job, one's own account).
    """

    def decorate(verb: Callable[Params, Result]) -> Callable[Params, Result]:
        @wraps(verb)
        def acting(*args: Params.args, **kwargs: Params.kwargs) -> Result:
            if args:
                raise TypeError(f"{verb.__name__} takes keywords only")
            return _act(verb, permission, name, kwargs)

        acting.verb_name = name  # type: ignore[attr-defined]
        acting.permission = permission  # type: ignore[attr-defined]
        return acting

    return decorate


def _act(verb: Callable[..., Result], permission: Permission | None, name: str, kwargs: dict[str, Any]) -> Result:
    outermost = _depth.get() == 0
    try:
        _check(kwargs.get("by"), permission)
        return _again_after_deadlock(verb, kwargs) if outermost else _in_transaction(verb, kwargs)
    except Refused as refused:
        if outermost:
            _record_or_defer(name, kwargs, refused)
        raise


def _check(by: object, permission: Permission | None) -> None:
    if not isinstance(by, Actor):
        raise Refused("anonymous", status=401)
    if permission is None:
        return
    if not by.may(permission) or (permission in PERSON_ONLY and not by.is_person):
        raise forbidden() if by.kind != ActorKind.API_CLIENT else forbidden(sentence("refused.forbidden_program"))


def _again_after_deadlock(verb: Callable[..., Result], kwargs: dict[str, Any]) -> Result:
    try:
        return _in_transaction(verb, kwargs)
    except OperationalError as error:
        if _sqlstate(error) not in {DEADLOCK, SERIALIZATION} or transaction.get_connection().in_atomic_block:
            raise
    return _in_transaction(verb, kwargs)


def _in_transaction(verb: Callable[..., Result], kwargs: dict[str, Any]) -> Result:
    # An inner verb stands and falls with the outer one: nothing more is written after its refusal.
    alone = _depth.get() == _alone.get()
    token = _depth.set(_depth.get() + 1)
    try:
        with transaction.atomic(savepoint=alone):
            return verb(**kwargs)
    except IntegrityError as error:
        raise _refusal_of(error) from error
    except OperationalError as error:
        if _sqlstate(error) == LOCK_NOT_AVAILABLE:
            raise Refused("busy", status=BUSY) from error
        raise
    finally:
        _depth.reset(token)


def _sqlstate(error: Exception) -> str | None:
    return getattr(error.__cause__, "pgcode", None)


def _refusal_of(error: IntegrityError) -> Refused:
    """The sentence of the constraint (catalogue code `constraint.<name>`), or the general one."""
    constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""
    code = f"constraint.{constraint}"
    return Refused(constraint or "constraint", sentence(code if code in codes() else "refused.constraint"))


@contextmanager
def refusals_recorded_after() -> Iterator[None]:
    """For a caller that puts verbs into a savepoint of its own: their refusals are recorded once that is undone."""
    refusals: list[Refusal] = []
    token = _deferred.set(refusals)
    try:
        yield
    except Refused:
        _deferred.reset(token)
        _record_all(refusals)
        raise
    except BaseException:
        _deferred.reset(token)
        raise
    _deferred.reset(token)
    _record_all(refusals)


def _record_all(refusals: list[Refusal]) -> None:
    for name, kwargs, refused in refusals:
        _record_refusal(name, kwargs, refused)


def _record_or_defer(name: str, kwargs: dict[str, Any], refused: Refused) -> None:
    waiting = _deferred.get()
    if waiting is None:
        _record_refusal(name, kwargs, refused)
    else:
        waiting.append((name, kwargs, refused))


def _record_refusal(name: str, kwargs: dict[str, Any], refused: Refused) -> None:
    """After the rollback, in a transaction of its own (decisions.md 15)."""
    by = kwargs.get("by")
    token = _depth.set(1)
    try:
        with transaction.atomic():
            audit.record(
                action=name,
                by=by if isinstance(by, Actor) else None,
                now=kwargs.get("now") or real_now(),
                outcome="refused",
                details={"code": refused.code, "status": refused.status},
            )
    finally:
        _depth.reset(token)
