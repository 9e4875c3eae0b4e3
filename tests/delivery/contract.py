"""What every channel must keep, whatever is behind it. Each channel's tests inherit this and say how it is reached."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pathways.delivery import Answer, Channel, Message
from pathways.rules.reminders import Finding, OutcomeKind

TEXT = "Harbor House: we would like to hear from you. Call +12025550100. Reply STOP to opt out."
TOOK_IT = {OutcomeKind.SENT, OutcomeKind.DELIVERED}


def long_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


class ChannelContract:
    """Fixtures to give: `channel`; `arrived`, a callable that lists what came through as (address, text)."""

    provider_name = ""
    """Whose folder it is, where it is a provider's."""
    sender = "+12025550199"
    can_be_asked = True

    def address(self, number: int) -> str:
        return f"+1202555{number:04d}"

    def message(self, number: int = 1, **changes: str) -> Message:
        fields = {
            "reference": str(uuid4()),
            "channel": "sms",
            "to": self.address(number),
            "sender": self.sender,
            "text": f"{TEXT} {number}",
            "subject": "A note from Harbor House",
        }
        return Message(**{**fields, **changes})

    def test_every_message_of_a_window_arrives_once_and_has_one_outcome(self, channel: Channel, arrived) -> None:
        messages = [self.message(number) for number in range(60)]
        outcomes = list(channel.send(messages))
        assert sorted(each.reference for each, _ in outcomes) == sorted(each.reference for each in messages)
        assert {outcome.kind for _, outcome in outcomes} <= TOOK_IT
        assert sorted(arrived()) == sorted((each.to, each.text) for each in messages)

    def test_an_empty_window_is_no_trouble(self, channel: Channel, arrived) -> None:
        assert list(channel.send([])) == []
        assert arrived() == []

    def test_letters_of_all_scripts_arrive_as_written(self, channel: Channel, arrived) -> None:
        message = self.message(text="Ñandú: ¿cómo está? €5 — \u2028 😀 {x} . \n.\n..leading dots\nlast")
        [(_, outcome)] = channel.send([message])
        assert outcome.kind in TOOK_IT
        assert arrived() == [(message.to, message.text)]

    def test_a_closed_channel_may_be_used_again(self, channel: Channel, arrived) -> None:
        channel.close()
        list(channel.send([self.message(1)]))
        channel.close()
        channel.close()
        list(channel.send([self.message(2)]))
        assert len(arrived()) == 2

    def test_a_consumer_that_stops_early_leaves_nothing_hanging(self, channel: Channel, arrived) -> None:
        outcomes = channel.send([self.message(number) for number in range(1000)])
        next(outcomes)
        outcomes.close()  # type: ignore[attr-defined]
        assert 1 <= len(arrived()) < 1000

    def test_a_channel_that_can_be_asked_finds_what_it_sent_and_nothing_else(self, channel: Channel) -> None:
        sent, other = self.message(1), self.message(2)
        [(_, outcome)] = channel.send([sent])
        found = channel.find(sent, since=long_ago())
        if not self.can_be_asked:
            assert found == Answer(Finding.UNKNOWN)
            return
        assert (found.finding, found.provider_id) == (Finding.FOUND, outcome.provider_id)
        assert channel.find(other, since=long_ago()).finding is Finding.NOT_FOUND

    def test_no_outcome_tells_an_address_or_a_text(self, channel: Channel) -> None:
        broken = self.message(to="nobody at all", text="secret words")
        [(_, outcome)] = channel.send([broken])
        assert "nobody" not in f"{outcome}"
        assert "secret" not in f"{outcome}"


class NetworkContract(ChannelContract):
    """For channels that leave the house. Further fixtures: `shut_channel`, the same behind a shut latch;
    `nowhere_channel`, where nobody listens."""

    def test_behind_a_shut_latch_nothing_leaves(self, shut_channel: Channel, arrived) -> None:
        outcomes = [outcome for _, outcome in shut_channel.send([self.message(number) for number in range(5)])]
        assert [each.kind for each in outcomes] == [OutcomeKind.TEMPORARY] * 5
        assert {each.detail_code for each in outcomes} == {"latch_shut"}
        assert arrived() == []

    def test_where_nobody_listens_nothing_was_sent(self, nowhere_channel: Channel) -> None:
        outcomes = [outcome for _, outcome in nowhere_channel.send([self.message(number) for number in range(40)])]
        assert {each.kind for each in outcomes} == {OutcomeKind.TEMPORARY}
        assert {each.detail_code for each in outcomes} == {"cannot_connect", "not_tried"}

    def test_who_cannot_be_reached_cannot_be_asked(self, nowhere_channel: Channel) -> None:
        assert nowhere_channel.find(self.message(), since=long_ago()).finding is Finding.UNKNOWN
