"""Words of old messages are let go by the setting; what became of them stays."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from clinic.actions.verbs import allow_direct_writes
from pathways import tasks
from pathways.actions.reminders import retention
from pathways.models import Attempt, Reminder, Reply
from tests.factories import clinic
from tests.faults.load import NOON, plant_due, stand_at

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def sent(settings: Any, tmp_path: Any) -> list[Attempt]:
    """Three messages that went out at noon."""
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    stand_at(NOON)
    plant_due(3)
    tasks.deliver_due_reminders("sms")
    return list(Attempt.objects.order_by("pk"))


def _reply(**fields: Any) -> Reply:
    given = {
        "provider": "sms", "provider_id": uuid4().hex, "channel": "sms", "address": "+12025550100", "text": "Yes",
        "intent": "free", "received_at": NOON, "received_by": clinic.job(),
    }  # fmt: skip
    with allow_direct_writes():
        return Reply.objects.create(**given | fields)


def test_words_and_addresses_go_and_what_became_of_it_stays(sent: list[Attempt], settings: Any) -> None:
    settings.MESSAGE_RETENTION_DAYS = 30
    stand_at(NOON + 31 * DAY)
    assert tasks.purge_words() == {"messages": 3, "replies": 0}
    for before, after in zip(sent, Attempt.objects.order_by("pk"), strict=True):
        assert before.text
        assert (after.text, after.subject, after.address) == ("", "", "")
        assert (after.outcome, after.provider_id) == ("delivered", before.provider_id)
        assert after.purged_at is not None
    assert tasks.purge_words() == {"messages": 0, "replies": 0}
    assert set(Reminder.objects.values_list("status", flat=True)) == {"delivered"}


def test_what_is_younger_stays_and_zero_keeps_everything(sent: list[Attempt], settings: Any) -> None:
    settings.MESSAGE_RETENTION_DAYS = 30
    stand_at(NOON + 29 * DAY)
    assert tasks.purge_words() == {"messages": 0, "replies": 0}
    settings.MESSAGE_RETENTION_DAYS = 0
    stand_at(NOON + 4000 * DAY)
    assert tasks.purge_words() == {}
    assert not Attempt.objects.filter(text="").exists()


def test_it_goes_on_where_a_batch_ended(sent: list[Attempt], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    by, before = clinic.job(), NOON + DAY
    purged, after = retention.purge_words(by=by, now=NOON, before=before)
    assert (purged, after) == (2, sent[1].pk)
    assert retention.purge_words(by=by, now=NOON, before=before, after=after) == (1, sent[2].pk)


def test_a_reply_nobody_has_looked_at_yet_keeps_its_words(settings: Any) -> None:
    settings.MESSAGE_RETENTION_DAYS = 30
    done, waiting = _reply(), _reply(needs_person=True)
    stand_at(NOON + 31 * DAY)
    assert tasks.purge_words() == {"messages": 0, "replies": 1}
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert (done.text, waiting.text) == ("", "Yes")
