"""The sandbox latch as the channels ask it."""

import pytest

from pathways.delivery import Gate, Latch
from pathways.delivery.gate import is_loopback

OPEN, SHUT = (lambda: Latch(open=True)), (lambda: Latch(open=False, reason="practice"))
HOSTS = frozenset({"api.sms.example"})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "LOCALHOST", "localhost."])
def test_this_machine_is_let_through_only_by_the_flag_of_the_tests(host: str) -> None:
    assert is_loopback(host)
    for latch in (OPEN, SHUT):
        assert Gate(latch, HOSTS, loopback_allowed=True).lets_through(host)
        assert not Gate(latch, HOSTS | {host}).lets_through(host)


@pytest.mark.parametrize(
    "host", ["api.sms.example", "127.0.0.1.example", "localhost.example", "0.0.0.0", "10.0.0.1", ""]
)
def test_shut_it_lets_nothing_else_through(host: str) -> None:
    assert not Gate(SHUT, HOSTS | {host}, loopback_allowed=True).lets_through(host)


def test_open_it_lets_only_the_configured_hosts_through() -> None:
    gate = Gate(OPEN, HOSTS)
    assert gate.lets_through("API.sms.example")
    assert not gate.lets_through("api.sms.example.evil.example")
    assert not Gate(OPEN).lets_through("api.sms.example")


def test_the_latch_is_asked_every_time() -> None:
    answers = iter([Latch(open=True), Latch(open=False)])
    gate = Gate(lambda: next(answers), HOSTS)
    assert [gate.lets_through("api.sms.example") for _ in range(2)] == [True, False]
