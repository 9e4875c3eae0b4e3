"""The e-mail channel against a real SMTP server on a socket."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pathways.delivery import EmailChannel, Gate, Latch, SmtpConfig, SmtpSecurity
from pathways.delivery.patience import MOST_SILENCES
from pathways.rules.reminders import Finding, OutcomeKind
from tests.delivery.contract import NetworkContract, long_ago
from tests.delivery.mail_server import PASSWORD, USER, MailServer, certificate

TESTS_ONLY = Gate(lambda: Latch(open=False), loopback_allowed=True)


def config_for(server: MailServer, **changes: object) -> SmtpConfig:
    options = {"security": SmtpSecurity.NONE, "timeout": 0.5, "hello_name": "harbor.example", **changes}
    return SmtpConfig("127.0.0.1", server.port, **options)  # type: ignore[arg-type]


class TestEmail(NetworkContract):
    provider_name = "email"
    sender = "Harbor House <hello@harbor.example>"
    can_be_asked = False

    def address(self, number: int) -> str:
        return f"person{number}@mail.example"

    @pytest.fixture
    def server(self) -> Iterator[MailServer]:
        with MailServer() as server:
            yield server

    @pytest.fixture
    def channel(self, server: MailServer) -> Iterator[EmailChannel]:
        channel = EmailChannel(config_for(server), TESTS_ONLY)
        yield channel
        channel.close()

    @pytest.fixture
    def arrived(self, server: MailServer) -> Callable[[], list[tuple[str, str]]]:
        return lambda: [
            (str(each["To"]), each.get_content().replace("\r\n", "\n").removesuffix("\n"))
            for each in server.letters.parsed()
        ]

    @pytest.fixture
    def shut_channel(self, server: MailServer) -> EmailChannel:
        return EmailChannel(config_for(server), Gate(lambda: Latch(open=False)))

    @pytest.fixture
    def nowhere_channel(self) -> EmailChannel:
        with MailServer() as gone:
            config = config_for(gone)
        return EmailChannel(config, TESTS_ONLY)

    def one(self, channel: EmailChannel, **changes: str):
        [(message, outcome)] = channel.send([self.message(**changes)])
        return message, outcome

    def test_one_connection_carries_many_letters(self, server: MailServer) -> None:
        channel = EmailChannel(config_for(server, connections=1), TESTS_ONLY)
        for _ in range(3):
            list(channel.send([self.message(number) for number in range(25)]))
        channel.close()
        assert len(server.letters.taken) == 75
        assert server.letters.connections == 1

    def test_no_more_connections_are_opened_than_allowed(self, server: MailServer) -> None:
        channel = EmailChannel(config_for(server, connections=3), TESTS_ONLY)
        list(channel.send([self.message(number) for number in range(200)]))
        channel.close()
        assert len(server.letters.taken) == 200
        assert 1 <= server.letters.connections <= 3

    def test_a_domain_that_hangs_does_not_hold_up_the_others(self, server: MailServer) -> None:
        channel = EmailChannel(config_for(server, connections=4, timeout=3.0), TESTS_ONLY)
        server.letters.hangs = "hangs.example"
        hung = [self.message(number, to=f"person{number}@hangs.example") for number in range(10)]
        window = [*hung, *(self.message(number) for number in range(100))]
        order = [(message.to.partition("@")[2], outcome) for message, outcome in channel.send(window)]
        channel.close()
        assert [domain for domain, _ in order[:100]] == ["mail.example"] * 100
        assert {outcome.detail_code for _, outcome in order[100:]} == {"no_answer", "not_tried"}
        assert {outcome.kind for _, outcome in order[100:]} == {OutcomeKind.TEMPORARY}

    def test_the_headers_are_neutral_and_the_id_follows_the_reference(self, server: MailServer) -> None:
        moment = datetime(2026, 6, 19, 14, 0, tzinfo=UTC)
        channel = EmailChannel(config_for(server), TESTS_ONLY, clock=lambda: moment)
        message, _ = self.one(channel, subject="Una nota de Casa Ñandú", language="es")
        channel.close()
        [letter] = server.letters.parsed()
        assert letter["Message-ID"] == f"<{message.reference}@harbor.example>"
        assert letter["Subject"] == "Una nota de Casa Ñandú"
        assert letter["Date"].datetime == moment
        assert letter["From"].addresses[0].display_name == "Harbor House"
        neutral = "from to subject date message-id auto-submitted mime-version"
        about_the_text = "content-type content-transfer-encoding content-language"
        assert {each.lower() for each in letter} == {*neutral.split(), *about_the_text.split()}
        [envelope] = server.letters.taken
        assert (envelope.mail_from, envelope.rcpt_tos) == ("hello@harbor.example", [message.to])

    @pytest.mark.parametrize(
        ("place", "answer", "kind", "detail"),
        [
            ("RCPT", "550 5.1.1 no such user", OutcomeKind.PERMANENT, "bad_address:550"),
            ("RCPT", "451 4.3.0 later", OutcomeKind.TEMPORARY, "busy:451"),
            ("RCPT", "550 no such user", OutcomeKind.PERMANENT, "bad_address:550"),
            ("RCPT", "550 5.7.1 you are on a list", OutcomeKind.PERMANENT, "refused:550"),
            ("RCPT", "552 5.2.2 mailbox full", OutcomeKind.PERMANENT, "refused:552"),
            ("END", "550 5.1.1 no such user", OutcomeKind.PERMANENT, "bad_address:550"),
            ("END", "554 5.7.1 no", OutcomeKind.PERMANENT, "refused:554"),
            ("END", "452 4.2.2 full", OutcomeKind.TEMPORARY, "busy:452"),
            ("MAIL", "550 5.7.1 not you", OutcomeKind.TEMPORARY, "sender_refused:550"),
            ("MAIL", "530 5.7.0 sign in", OutcomeKind.TEMPORARY, "sign_in_refused:530"),
            ("END", "299 what", OutcomeKind.UNCERTAIN, "odd_answer:299"),
        ],
    )
    def test_four_hundreds_pass_and_five_hundreds_stay(
        self, place: str, answer: str, kind: OutcomeKind, detail: str, channel: EmailChannel, server: MailServer
    ) -> None:
        server.letters.answers[place] = answer
        _, outcome = self.one(channel)
        assert (outcome.kind, outcome.detail_code) == (kind, detail)
        server.letters.answers.clear()
        assert self.one(channel)[1].kind is OutcomeKind.SENT

    @pytest.mark.parametrize("place", ["END", "TAKEN"])
    def test_a_connection_lost_after_the_content_is_uncertain_and_not_tried_again(
        self, place: str, channel: EmailChannel, server: MailServer
    ) -> None:
        server.letters.drops[place] = 1
        message, outcome = self.one(channel)
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.UNCERTAIN, "connection_lost")
        assert len(server.letters.taken) <= 1
        assert channel.find(message, since=long_ago()).finding is Finding.UNKNOWN
        assert self.one(channel)[1].kind is OutcomeKind.SENT

    @pytest.mark.parametrize("place", ["MAIL", "RCPT"])
    def test_a_connection_lost_before_the_content_is_opened_once_more(
        self, place: str, channel: EmailChannel, server: MailServer
    ) -> None:
        self.one(channel)
        server.letters.drops[place] = 1
        assert self.one(channel)[1].kind is OutcomeKind.SENT
        server.letters.drops[place] = 2
        _, outcome = self.one(channel)
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.TEMPORARY, "connection_lost")
        assert len(server.letters.taken) == 2

    def test_a_server_that_closes_is_left_and_met_again(self, channel: EmailChannel, server: MailServer) -> None:
        server.letters.answers["MAIL"] = "421 closing"
        assert self.one(channel)[1].kind is OutcomeKind.TEMPORARY
        server.letters.answers.clear()
        assert self.one(channel)[1].kind is OutcomeKind.SENT

    def test_a_server_fallen_silent_is_not_pressed_on(self, server: MailServer) -> None:
        channel = EmailChannel(config_for(server, timeout=0.2, connections=1), TESTS_ONLY)
        server.letters.delay = 0.6
        kinds = [outcome.kind for _, outcome in channel.send([self.message(number) for number in range(10)])]
        assert kinds == [OutcomeKind.UNCERTAIN] * MOST_SILENCES + [OutcomeKind.TEMPORARY] * (10 - MOST_SILENCES)
        server.letters.delay = 0.0
        channel.close()

    @pytest.mark.parametrize(
        "to",
        ["", "ana", "a@b, c@d.example", "Ana <a@b.example>", "a@b\r\nBcc: x@y.example", "ñ@b.example", "a b@c.example"],
    )
    def test_what_is_not_one_plain_address_goes_nowhere(
        self, to: str, channel: EmailChannel, server: MailServer
    ) -> None:
        _, outcome = self.one(channel, to=to)
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.PERMANENT, "bad_address")
        assert server.letters.connections == 0

    def test_a_subject_cannot_smuggle_a_header_in(self, channel: EmailChannel, server: MailServer) -> None:
        _, outcome = self.one(channel, subject="Hello\r\nBcc: x@y.example")
        assert (outcome.kind, outcome.detail_code) == (OutcomeKind.PERMANENT, "bad_message")
        assert server.letters.taken == []

    @pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
    @pytest.mark.parametrize("security", [SmtpSecurity.STARTTLS, SmtpSecurity.TLS])
    def test_it_encrypts_then_signs_in(self, security: SmtpSecurity, tmp_path: Path) -> None:
        context, authority = certificate(tmp_path)
        with MailServer(tls=context, at_once=security is SmtpSecurity.TLS, sign_in=True) as server:
            config = config_for(
                server, security=security, ca_file=str(authority), user=USER, password=PASSWORD, timeout=5.0
            )
            channel = EmailChannel(config, TESTS_ONLY)
            assert self.one(channel)[1].kind is OutcomeKind.SENT
            channel.close()
            assert len(server.letters.taken) == 1

    def test_a_server_nobody_vouches_for_gets_nothing(self, tmp_path: Path) -> None:
        context, _ = certificate(tmp_path)
        with MailServer(tls=context) as server:
            channel = EmailChannel(config_for(server, security=SmtpSecurity.STARTTLS, timeout=5.0), TESTS_ONLY)
            assert self.one(channel)[1].detail_code == "not_encrypted"
            assert server.letters.taken == []

    def test_a_server_without_encryption_gets_nothing(self, server: MailServer) -> None:
        channel = EmailChannel(config_for(server, security=SmtpSecurity.STARTTLS), TESTS_ONLY)
        assert self.one(channel)[1].detail_code == "not_encrypted"
        assert server.letters.taken == []

    @pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
    def test_a_wrong_password_is_temporary_and_ends_the_window(self) -> None:
        with MailServer(sign_in=True) as server:
            channel = EmailChannel(config_for(server, user=USER, password="wrong", connections=1), TESTS_ONLY)
            outcomes = [outcome for _, outcome in channel.send([self.message(number) for number in range(3)])]
            assert [each.detail_code for each in outcomes] == ["sign_in_refused", "not_tried", "not_tried"]

    def test_a_password_is_not_sent_in_the_clear_to_another_machine(self) -> None:
        with pytest.raises(ValueError):
            SmtpConfig("mail.example", 25, SmtpSecurity.NONE, user="a", password="b")
        assert "secret" not in repr(SmtpConfig("mail.example", password="secret"))
