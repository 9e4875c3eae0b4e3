"""The recording channel keeps the contract every channel keeps, and everything it is given."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from pathways.delivery.recording import RecordingChannel
from tests.delivery.contract import ChannelContract

MOMENT = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)


class TestRecording(ChannelContract):
    @pytest.fixture
    def channel(self) -> RecordingChannel:
        return RecordingChannel(clock=lambda: MOMENT)

    @pytest.fixture
    def arrived(self, channel: RecordingChannel) -> Callable[[], list[tuple[str, str]]]:
        return lambda: [(each.message.to, each.message.text) for each in channel.kept]

    def test_the_moment_kept_is_the_clocks(self, channel: RecordingChannel) -> None:
        list(channel.send([self.message()]))
        assert [each.at for each in channel.kept] == [MOMENT]

    def test_the_same_message_twice_is_kept_once(self, channel: RecordingChannel) -> None:
        message = self.message()
        list(channel.send([message]))
        list(channel.send([message]))
        assert [each.message for each in channel.kept] == [message]
