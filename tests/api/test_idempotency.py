"""A request sent again does not happen again, and says the same."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from clinic import clock
from clinic.actions import idempotency
from clinic.actions.idempotency import Answer, once, purge_expired
from clinic.actions.verbs import allow_direct_writes
from clinic.errors import Refused
from clinic.models import Actor, AuditEntry, IdempotentAnswer, Site
from clinic.rules.roles import Role
from tests.api.callers import Caller, administrator, place
from tests.factories import clinic as make


@pytest.mark.django_db
def test_the_same_key_and_body_replay_the_same_answer() -> None:
    caller = administrator()
    first = caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1")
    again = caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 201, first.content
    assert first.content == again.content
    assert (first["ETag"], first["Location"]) == (again["ETag"], again["Location"])
    assert first["Content-Type"] == again["Content-Type"] == "application/json"
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Site.objects.filter(code="harbor").count() == 1


@pytest.mark.django_db
def test_another_body_under_the_key_is_refused() -> None:
    caller = administrator()
    caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1")
    answer = caller.post("/api/v1/sites/", place(code="other"), Idempotency_Key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")
    assert not Site.objects.filter(code="other").exists()


@pytest.mark.django_db
def test_the_same_key_of_another_caller_is_another_key() -> None:
    administrator().post("/api/v1/sites/", place(), Idempotency_Key="k-1")
    answer = administrator().post("/api/v1/sites/", place(code="other"), Idempotency_Key="k-1")
    assert answer.status_code == 201


@pytest.mark.django_db
def test_a_definite_refusal_is_replayed_and_recorded_once() -> None:
    caller = administrator()
    sent = place(phone="none")
    first = caller.post("/api/v1/sites/", sent, Idempotency_Key="k-1")
    again = caller.post("/api/v1/sites/", sent, Idempotency_Key="k-1")
    assert first.status_code == again.status_code == 422
    assert first.content == again.content
    assert first["Content-Type"] == again["Content-Type"] == "application/problem+json"
    assert AuditEntry.objects.filter(action="site.open", outcome="refused").count() == 1


@pytest.mark.django_db
def test_without_a_key_nothing_is_kept() -> None:
    administrator().post("/api/v1/sites/", place())
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 256, "with\ttab", "ключ"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    answer = administrator().post("/api/v1/sites/", place(), Idempotency_Key=key)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_unusable")


@pytest.mark.django_db
def test_permission_is_asked_again_before_a_replay() -> None:
    member = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    caller = Caller(make.sign_in(Client(), member))
    caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1")
    with allow_direct_writes():
        member.actor.roles = [Role.NURSE]
        member.actor.save()
    assert caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1").status_code == 403


@pytest.mark.django_db
def test_what_the_caller_may_no_longer_see_is_not_replayed() -> None:
    by, now = make.actor(), clock.real_now()
    asked = {"by": by, "key": "k", "method_and_path": "POST /x", "body_hash": "h", "now": now}

    def gone() -> None:
        raise Refused("not_found", status=404)

    once(**asked, verb=lambda: Answer(200, b"{}"), allowed=gone)
    with pytest.raises(Refused) as caught:
        once(**asked, verb=lambda: Answer(200, b"{}"), allowed=gone)
    assert caught.value.status == 404


@pytest.mark.django_db
def test_the_kept_answer_cannot_be_read_in_the_table() -> None:
    administrator().post("/api/v1/sites/", place(name="Quiet Harbor"), Idempotency_Key="k-1")
    row = IdempotentAnswer.objects.get()
    assert b"Quiet Harbor" not in bytes(row.body)
    assert "Quiet Harbor" not in json.dumps(row.headers)


@pytest.mark.django_db
def test_what_may_be_otherwise_in_a_moment_is_not_kept() -> None:
    by, now, calls = make.actor(), clock.real_now(), []

    def verb() -> Answer:
        calls.append(1)
        raise Refused("busy", status=409)

    for _ in range(2):
        with pytest.raises(Refused):
            _once(by, "k", verb, now)
    assert len(calls) == 2
    assert not IdempotentAnswer.objects.exists()


@pytest.mark.django_db
def test_a_refused_verb_leaves_nothing_of_itself() -> None:
    by, now = make.actor(), clock.real_now()

    def verb() -> Answer:
        make.site("Half made")
        raise Refused("not_found", status=404)

    answer = _once(by, "k", verb, now)
    assert answer.status == 404
    assert not Site.objects.filter(name="Half made").exists()
    assert IdempotentAnswer.objects.count() == 1


@pytest.mark.django_db
def test_after_a_day_the_key_is_free_and_the_answer_forgotten() -> None:
    by, now = make.actor(), clock.real_now()
    _once(by, "k", lambda: Answer(200, b"1"), now)
    later = now + timedelta(hours=24)
    assert _once(by, "k", lambda: Answer(200, b"2"), later - timedelta(seconds=1)).body == b"1"
    assert _once(by, "k", lambda: Answer(200, b"3"), later).body == b"3"
    assert purge_expired(by=make.job(), now=later) == 0
    assert purge_expired(by=make.job(), now=later + timedelta(hours=24)) == 1


@pytest.mark.django_db
def test_patients_shown_are_remembered_with_the_answer() -> None:
    by, now = make.actor(), clock.real_now()
    seen = ("7d3c8f5e-0000-4000-8000-000000000001",)
    _once(by, "k", lambda: Answer(200, b"{}", patients=seen), now)
    assert _once(by, "k", lambda: Answer(200, b"{}"), now).patients == seen


@pytest.mark.django_db(transaction=True)
def test_while_one_is_under_way_another_is_told_to_wait() -> None:
    by, now = make.actor(), clock.real_now()
    begun, leave = threading.Event(), threading.Event()

    def slow() -> Answer:
        begun.set()
        assert leave.wait(20)
        return Answer(200, b'"slow"')

    other = _thread(lambda: _once(by, "k", slow, now))
    assert begun.wait(20)
    with pytest.raises(Refused) as caught:
        _once(by, "k", lambda: Answer(200, b'"quick"'), now)
    leave.set()
    other.join()
    assert (caught.value.code, caught.value.status) == ("in_flight", 409)
    assert _once(by, "k", lambda: Answer(200, b'"quick"'), now).body == b'"slow"'


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_have_one_effect_and_one_answer() -> None:
    member = make.staff(roles=[Role.SYSTEM_ADMINISTRATOR])
    start, answers = threading.Barrier(16), []

    def ask() -> None:
        caller = Caller(make.sign_in(Client(), member))
        start.wait(20)
        while (answer := caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1")).status_code == 409:
            assert answer.json()["code"] == "in_flight"
        answers.append(answer)

    for thread in [_thread(ask) for _ in range(16)]:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" not in answer for answer in answers) == 1
    assert Site.objects.filter(code="harbor").count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_effect_whose_answer_cannot_be_kept_did_not_happen(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(purpose: str, content: bytes) -> bytes:
        raise OSError("no room")

    caller = administrator()
    caller.client.raise_request_exception = False
    monkeypatch.setattr(idempotency, "seal", full)
    assert caller.post("/api/v1/sites/", place(), Idempotency_Key="k-1").status_code == 500
    assert not Site.objects.filter(code="harbor").exists()


def _once(by: Actor, key: str, verb: Callable[[], Answer], now: Any) -> Answer:
    def told(refused: Refused) -> Answer:
        return Answer(refused.status, b"{}")

    return once(by=by, key=key, method_and_path="POST /x", body_hash="h", verb=verb, now=now, told=told)


def _thread(work: Callable[[], Any]) -> threading.Thread:
    def working() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=working)
    thread.start()
    return thread
