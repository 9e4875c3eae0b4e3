"""Counters with Valkey and without it."""

from clinic.config.cache import CounterCache


def test_counters_are_shared_while_valkey_answers(valkey: str) -> None:
    one, other = CounterCache(valkey, {"KEY_PREFIX": "t"}), CounterCache(valkey, {"KEY_PREFIX": "t"})
    one.set("calls", 1, 60)
    assert other.incr("calls") == 2
    other.clear()
    assert one.get("calls") is None


def test_without_valkey_counters_hold_in_this_process() -> None:
    cache = CounterCache("unix:///nowhere/valkey.sock", {"KEY_PREFIX": "t"})
    cache.set("calls", 1, 60)
    assert cache.incr("calls") == 2
    assert cache.add("calls", 9) is False
    assert cache.has_key("calls")
    cache.delete("calls")
    assert cache.get("calls", 0) == 0
