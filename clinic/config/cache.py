"""Counters that survive the loss of Valkey: limits then hold per process, and writes go on."""

import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

# After a failure the server is left alone this long, so that not every request pays the timeout.
REST_SECONDS = 5.0


class CounterCache(BaseCache):
    """Valkey while it answers, memory of this process while it does not. Nothing here is a record."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._local = LocMemCache("counters", dict(params))
        self._remote: BaseCache | None = RedisCache(location, _with_timeouts(params)) if location else None
        self._rest_until = 0.0

    def _ask(self, work: Callable[[BaseCache], Any]) -> Any:
        if self._remote is not None and time.monotonic() >= self._rest_until:
            try:
                return work(self._remote)
            except (RedisError, OSError):
                self._rest_until = time.monotonic() + REST_SECONDS
        return work(self._local)

    def is_away(self) -> bool:
        """Whether Valkey does not answer, as it is just now or was within the last few seconds."""
        self._ask(lambda cache: cache.has_key("anybody"))
        return time.monotonic() < self._rest_until

    def add(self, key: str, value: Any, timeout: Any = ..., version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.add(key, value, **_kept(timeout, version))))

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self._ask(lambda cache: cache.get(key, default, version=version))

    def set(self, key: str, value: Any, timeout: Any = ..., version: int | None = None) -> None:
        self._ask(lambda cache: cache.set(key, value, **_kept(timeout, version)))

    def touch(self, key: str, timeout: Any = ..., version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.touch(key, **_kept(timeout, version))))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.delete(key, version=version)))

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask(lambda cache: cache.incr(key, delta, version=version)))

    def has_key(self, key: str, version: int | None = None) -> bool:
        return bool(self._ask(lambda cache: cache.has_key(key, version=version)))

    def clear(self) -> None:
        """Forget our own counters; the wake-ups on the same server stay."""
        self._ask(_forget)


def _forget(cache: BaseCache) -> None:
    if isinstance(cache, RedisCache):
        client = cache._cache.get_client(None, write=True)
        for key in client.scan_iter(match=f"{cache.key_prefix}:*"):
            client.delete(key)
    else:
        cache.clear()


def _kept(timeout: Any, version: int | None) -> dict[str, Any]:
    return {"version": version} if timeout is ... else {"timeout": timeout, "version": version}


def _with_timeouts(params: dict[str, Any]) -> dict[str, Any]:
    limits = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
    return {**params, "OPTIONS": {**params.get("OPTIONS", {}), **limits}}
