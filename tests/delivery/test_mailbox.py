"""The folder channel keeps the contract, writes once, and is read back newest first."""

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pathways.delivery import MailboxChannel
from pathways.delivery.mailbox import read
from pathways.rules.reminders import Finding, OutcomeKind
from tests.delivery.contract import ChannelContract, long_ago


class TestMailbox(ChannelContract):
    provider_name = "mailbox"

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        return tmp_path / "mailbox"

    @pytest.fixture
    def channel(self, folder: Path) -> MailboxChannel:
        return MailboxChannel(folder)

    @pytest.fixture
    def arrived(self, folder: Path) -> Callable[[], list[tuple[str, str]]]:
        return lambda: [(each.message.to, each.message.text) for each in read(folder, limit=1000)]

    def test_the_same_message_twice_is_one_file_and_the_first_stays(
        self, channel: MailboxChannel, folder: Path
    ) -> None:
        message = self.message()
        with ThreadPoolExecutor(8) as pool:
            rounds = list(pool.map(lambda _: list(channel.send([message])), range(40)))
        assert {outcome.kind for each in rounds for _, outcome in each} == {OutcomeKind.DELIVERED}
        assert [each.name for each in folder.iterdir()] == [f"{message.reference}.json"]

    def test_only_the_owner_can_read_it(self, channel: MailboxChannel, folder: Path) -> None:
        list(channel.send([self.message()]))
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {each.stat().st_mode & 0o777 for each in folder.iterdir()} == {0o600}

    def test_the_time_written_is_the_clocks(self, folder: Path) -> None:
        moment = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
        list(MailboxChannel(folder, clock=lambda: moment).send([self.message()]))
        assert [each.delivered_at for each in read(folder)] == [moment]

    def test_a_folder_that_cannot_be_written_is_temporary_and_unclear_to_ask(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        channel = MailboxChannel(tmp_path / "file" / "mailbox")
        [(message, outcome)] = channel.send([self.message()])
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.TEMPORARY, "no_room")
        assert channel.find(message, since=long_ago()).finding is Finding.UNKNOWN

    def test_reading_goes_newest_first_a_page_at_a_time_without_gaps(
        self, channel: MailboxChannel, folder: Path
    ) -> None:
        messages = [self.message(number) for number in range(25)]
        list(channel.send(messages))
        for place, each in enumerate(messages):
            os.utime(folder / f"{each.reference}.json", ns=(0, 10**9 * (1 + place // 3)))
        seen: list[str] = []
        before: str | None = None
        while page := read(folder, limit=4, before=before):
            seen += [each.message.reference for each in page]
            before = page[-1].place
        assert sorted(seen) == sorted(each.reference for each in messages)
        assert seen[0] == messages[-1].reference
        assert seen[-1] in {each.reference for each in messages[:3]}

    def test_files_that_are_no_messages_are_left_out(self, channel: MailboxChannel, folder: Path) -> None:
        assert read(folder) == []
        list(channel.send([self.message()]))
        (folder / "note.txt").write_text("hello")
        (folder / ".half.json").write_text("{")
        (folder / "odd.json").write_text(json.dumps(["a"]))
        (folder / "broken.json").write_text("{")
        assert len(read(folder)) == 1
