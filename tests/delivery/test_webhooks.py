"""Who brings us letters over HTTP proves it, and proves it now."""

from datetime import UTC, datetime, timedelta

import pytest

from pathways.delivery.email.webhooks import signature, signature_holds
from tests.factories.mail import SECRET

NOW = datetime(2026, 6, 19, 14, 0, tzinfo=UTC)
BODY = b"From: sam@mail.example\r\n\r\nYes"


def headers(
    *, secret: str = SECRET, call: str = "call_1", at: datetime = NOW, body: bytes = BODY, **changes: str
) -> dict[str, str]:
    moment = str(int(at.timestamp()))
    given = {
        "Webhook-Id": call, "Webhook-Timestamp": moment, "Webhook-Signature": signature(secret, call, moment, body),
    }  # fmt: skip
    return given | {name.replace("_", "-"): value for name, value in changes.items()}


def holds(given: dict[str, str], *, body: bytes = BODY, secret: str = SECRET) -> bool:
    return signature_holds(secret, given, body, now=NOW)


def test_the_signature_is_that_of_the_standard() -> None:
    """The example of the specification's own libraries."""
    given = signature(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330",
        b'{"test": 2432232314}',
    )  # fmt: skip
    assert given == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_signed_call_holds_also_while_keys_are_changed_over() -> None:
    assert holds(headers())
    assert holds(headers(Webhook_Signature=f"v1,AAAA v1a,BBBB {headers()['Webhook-Signature']}"))


def test_a_call_for_another_letter_id_time_or_secret_does_not_hold() -> None:
    assert not holds(headers(), body=BODY + b"!")
    assert not holds(headers(Webhook_Id="call_2"))
    assert not holds(headers(Webhook_Timestamp=str(int(NOW.timestamp()) + 1)))
    assert not holds(headers(secret="whsec_" + "A" * 40))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_call_of_another_time_does_not_hold(seconds: int) -> None:
    assert not holds(headers(at=NOW + timedelta(seconds=seconds)))
    assert holds(headers(at=NOW + timedelta(seconds=seconds * 299 // 301)))


@pytest.mark.parametrize("moment", ["", "now", "-1", "1e9", "９９９９", "9" * 30])
def test_a_time_that_is_none_does_not_hold(moment: str) -> None:
    assert not holds(headers(Webhook_Timestamp=moment))


@pytest.mark.parametrize("name", ["Webhook-Id", "Webhook-Timestamp", "Webhook-Signature"])
def test_what_is_not_there_does_not_hold(name: str) -> None:
    given = headers()
    del given[name]
    assert not holds(given)


def test_without_a_secret_nobody_is_believed() -> None:
    assert not holds(headers(), secret="")
