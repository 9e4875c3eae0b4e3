"""The evidence of a stop, read back from the record for people to read."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from clinic.rules.sentences import sentence
from clinic.wording import say
from pathways.rules.replies import ReplyChannel, Written, written

REPLY, MESSAGE = UUID(int=1), UUID(int=2)
CHANNELS = {"text message": ReplyChannel.SMS, "e-mail": ReplyChannel.EMAIL}


@pytest.mark.parametrize("code", ["reply.evidence", "reply.evidence_answering"])
@pytest.mark.parametrize("words", ["STOP PLEASE", "“stop”, 2026-01-01 10:00 UTC, e-mail, reply", ""])
def test_what_the_record_says_is_read_back_whole(code: str, words: str) -> None:
    line = say(sentence(code, words=words, at="2026-11-30 23:33 UTC", channel="text message", reply=str(REPLY),
                        message=str(MESSAGE)))  # fmt: skip
    at = datetime(2026, 11, 30, 23, 33, tzinfo=UTC)
    assert written(line, CHANNELS) == Written(words, at, ReplyChannel.SMS, REPLY)


@pytest.mark.parametrize("evidence", ["", "said so on the phone", "“stop”, yesterday, reply 1"])
def test_evidence_of_another_kind_is_no_reply(evidence: str) -> None:
    assert written(evidence, CHANNELS) is None
