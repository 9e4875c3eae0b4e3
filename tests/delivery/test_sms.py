"""The SMS channel against a Twilio-compatible provider on a real socket: what each misbehaviour means."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from pathways.delivery import Gate, Latch, SmsChannel, SmsConfig
from pathways.delivery.patience import MOST_SILENCES
from pathways.delivery.sms import report, signature, signature_holds
from pathways.rules.reminders import Finding, OutcomeKind
from tests.delivery.contract import NetworkContract, long_ago
from tests.delivery.provider import Provider

CALLBACK = "https://clinic.example/callbacks/sms"
TESTS_ONLY = Gate(lambda: Latch(open=False), loopback_allowed=True)


def config_for(provider: Provider, **changes: object) -> SmsConfig:
    options = {"base_url": provider.base_url, "read_timeout": 0.4, "callback_url": CALLBACK, **changes}
    return SmsConfig(account_sid=provider.account, auth_token=provider.token, **options)  # type: ignore[arg-type]


class TestSms(NetworkContract):
    provider_name = "sms"

    @pytest.fixture
    def provider(self) -> Iterator[Provider]:
        with Provider() as provider:
            yield provider

    @pytest.fixture
    def channel(self, provider: Provider) -> Iterator[SmsChannel]:
        channel = SmsChannel(config_for(provider), TESTS_ONLY)
        yield channel
        channel.close()

    @pytest.fixture
    def arrived(self, provider: Provider) -> Callable[[], list[tuple[str, str]]]:
        return lambda: [(each.to, each.body) for each in provider.taken]

    @pytest.fixture
    def shut_channel(self, provider: Provider) -> SmsChannel:
        return SmsChannel(config_for(provider), Gate(lambda: Latch(open=False)))

    @pytest.fixture
    def nowhere_channel(self) -> SmsChannel:
        with Provider() as gone:
            config = config_for(gone)
        return SmsChannel(config, TESTS_ONLY)

    def one(self, channel: SmsChannel, **changes: str):
        [(message, outcome)] = channel.send([self.message(**changes)])
        return message, outcome

    def test_the_provider_is_told_who_from_where_and_the_reference(
        self, channel: SmsChannel, provider: Provider
    ) -> None:
        message, outcome = self.one(channel)
        [taken] = provider.taken
        assert (taken.sender, taken.callback) == (self.sender, f"{CALLBACK}/{message.reference}")
        assert outcome.provider_id == taken.sid

    def test_a_window_uses_a_few_connections_over_and_over(self, channel: SmsChannel, provider: Provider) -> None:
        for _ in range(3):
            list(channel.send([self.message(number) for number in range(100)]))
        assert len(provider.taken) == 300
        assert provider.ledger.connections <= 8

    @pytest.mark.parametrize("kind", ["take_and_drop", "silent", "lose", "drop", "garbled", "take_and_fail"])
    def test_without_a_clear_answer_it_is_uncertain_and_never_tried_twice(
        self, kind: str, channel: SmsChannel, provider: Provider
    ) -> None:
        provider.behave(kind, times=1)
        message, outcome = self.one(channel)
        took_it = kind not in ("lose", "drop")
        assert outcome.kind is OutcomeKind.UNCERTAIN
        assert provider.ledger.requests == 1
        assert len(provider.taken) == took_it
        answer = channel.find(message, since=long_ago())
        assert answer.finding is (Finding.FOUND if took_it else Finding.NOT_FOUND)

    @pytest.mark.parametrize("status", [500, 502, 503, 408])
    def test_an_error_on_the_providers_side_is_uncertain(
        self, status: int, channel: SmsChannel, provider: Provider
    ) -> None:
        provider.behave("error", status=status, times=1)
        _, outcome = self.one(channel)
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.UNCERTAIN, f"odd_answer:{status}")

    @pytest.mark.parametrize(
        ("code", "detail"),
        [
            (21610, "opted_out:21610"),
            (21211, "bad_address:21211"),
            (21614, "bad_address:21614"),
            (21612, "unreachable:21612"),
            (21617, "bad_message:21617"),
            (99999, "refused:99999"),
            (None, "refused"),
        ],
    )
    def test_a_clear_no_is_for_good(
        self, code: int | None, detail: str, channel: SmsChannel, provider: Provider
    ) -> None:
        provider.behave("error", status=400, code=code, times=1)
        _, outcome = self.one(channel)
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.PERMANENT, detail)

    @pytest.mark.parametrize(("status", "code"), [(401, 20003), (400, 21606), (404, 20404), (302, None), (400, 21611)])
    def test_trouble_with_our_account_costs_no_reminder(
        self, status: int, code: int | None, channel: SmsChannel, provider: Provider
    ) -> None:
        provider.behave("error", status=status, code=code, times=1)
        _, outcome = self.one(channel)
        assert outcome.kind is OutcomeKind.TEMPORARY

    def test_asked_to_wait_the_rest_of_the_window_waits(self, provider: Provider) -> None:
        channel = SmsChannel(config_for(provider, connections=1), TESTS_ONLY)
        provider.behave("too_many", retry_after="120", times=1)
        outcomes = [outcome for _, outcome in channel.send([self.message(number) for number in range(20)])]
        assert provider.ledger.requests == 1
        assert [each.detail_code for each in outcomes].count("not_tried") == 19
        assert {(each.kind, each.retry_after) for each in outcomes} == {(OutcomeKind.TEMPORARY, timedelta(seconds=120))}

    def test_the_time_to_wait_may_be_a_date(self, channel: SmsChannel, provider: Provider) -> None:
        provider.behave("too_many", retry_after=format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True))
        _, outcome = self.one(channel)
        assert outcome.retry_after is not None
        assert timedelta(minutes=55) < outcome.retry_after <= timedelta(hours=1)

    @pytest.mark.parametrize("text", ["soon", "-5", "9" * 400, "Fri, 99 Foo 2026"])
    def test_a_time_to_wait_that_makes_no_sense_does_no_harm(
        self, text: str, channel: SmsChannel, provider: Provider
    ) -> None:
        provider.behave("too_many", retry_after=text)
        _, outcome = self.one(channel)
        assert outcome.kind is OutcomeKind.TEMPORARY

    def test_a_provider_fallen_silent_is_not_pressed_on(self, provider: Provider) -> None:
        channel = SmsChannel(config_for(provider, connections=1, read_timeout=0.1), TESTS_ONLY)
        provider.behave("silent")
        outcomes = [outcome.kind for _, outcome in channel.send([self.message(number) for number in range(30)])]
        assert outcomes.count(OutcomeKind.UNCERTAIN) == MOST_SILENCES
        assert outcomes.count(OutcomeKind.TEMPORARY) == 30 - MOST_SILENCES
        assert provider.ledger.requests == MOST_SILENCES

    def test_one_slow_number_does_not_hold_up_the_others(self, channel: SmsChannel, provider: Provider) -> None:
        provider.behave("ok", delay=0.3, only_to=self.address(0))
        order = [message.to for message, _ in channel.send([self.message(number) for number in range(50)])]
        assert order[-1] == self.address(0)

    @pytest.mark.parametrize("to", ["", "12025550100", "+", "+1 202 555 0100", "+1202\r\nX: y", "ana@example.org"])
    def test_an_address_that_is_no_number_goes_nowhere(self, to: str, channel: SmsChannel, provider: Provider) -> None:
        _, outcome = self.one(channel, to=to)
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.PERMANENT, "bad_address")
        assert provider.ledger.requests == 0

    def test_a_wrong_token_is_temporary(self, provider: Provider) -> None:
        channel = SmsChannel(SmsConfig(provider.base_url, provider.account, "wrong"), TESTS_ONLY)
        _, outcome = self.one(channel)
        assert outcome.detail_code == "sign_in_refused:20003"
        assert channel.find(self.message(), since=long_ago()).finding is Finding.UNKNOWN

    def test_the_same_words_to_the_same_number_are_told_apart_by_what_is_known(
        self, channel: SmsChannel, provider: Provider
    ) -> None:
        _, earlier = self.one(channel, text="same words")
        lost = self.message(text="same words")
        assert channel.find(lost, since=long_ago()).finding is Finding.FOUND
        answer = channel.find(lost, since=long_ago(), known={earlier.provider_id})
        assert answer.finding is Finding.NOT_FOUND

    def test_the_same_words_are_told_apart_by_our_reference_where_the_provider_tells_it(self) -> None:
        with Provider(tells_callback=True) as provider:
            channel = SmsChannel(config_for(provider), TESTS_ONLY)
            sent, _ = self.one(channel, text="same words")
            assert channel.find(sent, since=long_ago()).finding is Finding.FOUND
            assert channel.find(self.message(text="same words"), since=long_ago()).finding is Finding.NOT_FOUND

    def test_messages_from_before_the_attempt_are_not_taken_for_it(self, channel: SmsChannel) -> None:
        message, _ = self.one(channel)
        assert channel.find(message, since=datetime.now(UTC) + timedelta(hours=1)).finding is Finding.NOT_FOUND

    def test_a_long_list_is_read_to_its_end_and_a_longer_one_is_unclear(
        self, channel: SmsChannel, provider: Provider
    ) -> None:
        first, _ = self.one(channel)
        fill = {"To": first.to, "From": self.sender, "Body": "other words"}
        for _ in range(250):
            provider.ledger.take(fill)
        assert channel.find(first, since=long_ago()).finding is Finding.FOUND
        for _ in range(800):
            provider.ledger.take(fill)
        assert channel.find(first, since=long_ago()).finding is Finding.UNKNOWN

    def test_what_became_of_a_found_message_is_told(self, channel: SmsChannel, provider: Provider) -> None:
        message, _ = self.one(channel)
        provider.taken[0].status, provider.taken[0].error_code = "undelivered", 30003
        answer = channel.find(message, since=long_ago())
        assert (answer.kind, answer.detail_code) == (OutcomeKind.PERMANENT, "unreachable:30003")

    @pytest.mark.parametrize("url", ["http://api.sms.example", "ftp://127.0.0.1", "api.sms.example", ""])
    def test_an_address_that_is_not_encrypted_is_refused(self, url: str) -> None:
        with pytest.raises(ValueError):
            SmsConfig(url, "AC1", "secret")

    def test_the_token_is_not_printed(self) -> None:
        assert "secret" not in repr(SmsConfig("https://api.sms.example", "AC1", "secret"))


class TestCallbacks:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            ("queued", OutcomeKind.SENT),
            ("sent", OutcomeKind.SENT),
            ("delivered", OutcomeKind.DELIVERED),
            ("undelivered", OutcomeKind.PERMANENT),
            ("failed", OutcomeKind.PERMANENT),
        ],
    )
    def test_a_report_says_where_the_message_stands(self, status: str, kind: OutcomeKind) -> None:
        found = report({"MessageSid": "SM1", "MessageStatus": status})
        assert (found.provider_id, found.outcome.kind) == ("SM1", kind)

    def test_a_report_carries_the_reason(self) -> None:
        found = report({"MessageSid": "SM1", "MessageStatus": "failed", "ErrorCode": "21610"})
        assert found.outcome.detail_code == "opted_out:21610"

    @pytest.mark.parametrize(
        "form", [{}, {"MessageSid": "SM1"}, {"MessageStatus": "sent"}, {"MessageSid": "SM1", "MessageStatus": "eaten"}]
    )
    def test_a_report_that_makes_no_sense_is_refused(self, form: dict[str, str]) -> None:
        with pytest.raises(ValueError):
            report(form)


class TestSignature:
    URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
    FORM = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }

    def test_the_providers_own_example_holds(self) -> None:
        assert signature("12345", self.URL, self.FORM) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
        assert signature_holds("12345", self.URL, self.FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")

    def test_any_change_breaks_it(self) -> None:
        given = signature("12345", self.URL, self.FORM)
        assert not signature_holds("12345", self.URL, {**self.FORM, "Digits": "1235"}, given)
        assert not signature_holds("12345", self.URL + "&x=1", self.FORM, given)
        assert not signature_holds("12346", self.URL, self.FORM, given)
        assert not signature_holds("12345", self.URL, self.FORM, given[:-1] + "é")
        assert not signature_holds("12345", self.URL, self.FORM, "")

    def test_without_a_token_nothing_holds(self) -> None:
        assert not signature_holds("", self.URL, self.FORM, signature("", self.URL, self.FORM))

    def test_the_usual_port_may_be_written_out(self) -> None:
        given = signature("12345", "https://mycompany.com:443/a", self.FORM)
        assert signature_holds("12345", "https://mycompany.com/a", self.FORM, given)
        assert not signature_holds("12345", "https://mycompany.com:8443/a", self.FORM, given)

    def test_a_field_given_twice_counts_in_order(self) -> None:
        twice = signature("k", "https://a.example", {"A": ["2", "1", "1"]})
        assert twice == signature("k", "https://a.example", {"A": "1A2"})
