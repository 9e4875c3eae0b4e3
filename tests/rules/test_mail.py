"""What comes back by e-mail is read without fail: notifications, people's words, and machines that answer."""

from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.rules.mail import Bounce, DsnAction, Letter, about_address, bounce_in, letter_in, opened, status_in
from pathways.rules.reminders import OutcomeKind

REFERENCE = UUID("0b9f3c1e-5c4b-4f7e-9a63-2d1f7c9be001")
OURS = f"<{REFERENCE}@clinic.example>"

REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: office@clinic.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I could not deliver your message.

--b
Content-Type: {kind}

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; sam@mail.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--b
Content-Type: {returned}

Return-Path: <office@clinic.example>
Message-ID: {ours}
Subject: A note

--b--
"""


def report(
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 no",
    kind: str = "message/delivery-status",
    returned: str = "text/rfc822-headers",
    ours: str = OURS,
) -> bytes:
    whole = REPORT.format(action=action, status=status, said=said, kind=kind, returned=returned, ours=ours)
    return whole.replace("\n", "\r\n").encode()


def read(raw: bytes) -> Bounce | None:
    return bounce_in(opened(raw))


def letter_read(raw: bytes) -> Letter:
    return letter_in(opened(raw), raw)


# Notifications


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822", "message/global-headers"])
def test_a_notification_names_our_message_what_became_of_it_and_why(returned: str) -> None:
    assert read(report(returned=returned)) == Bounce(REFERENCE, DsnAction.FAILED, "5.1.1")


def test_the_international_form_is_read_as_well() -> None:
    assert read(report(kind="message/global-delivery-status")) == Bounce(REFERENCE, DsnAction.FAILED, "5.1.1")


def test_what_names_no_message_of_ours_is_a_notification_all_the_same() -> None:
    assert read(report(ours="<20260619.12345@elsewhere.example>")) == Bounce(None, DsnAction.FAILED, "5.1.1")


def test_our_message_may_be_named_by_what_the_notification_answers_alone() -> None:
    raw = report(ours="<other@elsewhere.example>").replace(b"Auto-Submitted", f"In-Reply-To: {OURS}\r\nX".encode())
    assert read(raw) == Bounce(REFERENCE, DsnAction.FAILED, "5.1.1")


@pytest.mark.parametrize(
    ("action", "outcome"),
    [
        ("failed", OutcomeKind.PERMANENT),
        ("Failed", OutcomeKind.PERMANENT),
        ("delivered", OutcomeKind.DELIVERED),
        ("delayed", None),
        ("relayed", None),
        ("expanded", None),
    ],
)
def test_only_what_failed_or_arrived_is_certain(action: str, outcome: OutcomeKind | None) -> None:
    found = read(report(action, "4.4.1"))
    assert found is not None
    assert found.outcome is outcome


def test_of_several_recipients_the_worst_counts() -> None:
    more = b"Action: delivered\r\nStatus: 2.0.0\r\n\r\nFinal-Recipient: rfc822; b@mail.example\r\nAction: failed"
    found = read(report().replace(b"Action: failed", more))
    assert found is not None
    assert found.action is DsnAction.FAILED


@pytest.mark.parametrize(
    ("status", "said", "read_as"),
    [
        ("5.1.1", "550 5.7.1 no", "5.1.1"),
        ("5.0.0", "550 5.1.1 no such user", "5.1.1"),
        ("5.0.0", "550 no", "5.0.0"),
        ("nonsense", "550 no", "5.0.0"),
        ("5.01.001", "550 no", "5.1.1"),
    ],
)
def test_the_more_exact_code_counts(status: str, said: str, read_as: str) -> None:
    found = read(report(status=status, said=said))
    assert found is not None
    assert found.status == read_as


@pytest.mark.parametrize("action", ["", "exploded", "failed again"])
def test_a_notification_that_does_not_say_what_became_of_it_is_none(action: str) -> None:
    assert read(report(action)) is None


def test_a_letter_that_quotes_a_notification_is_none() -> None:
    assert read(report().replace(b"multipart/report", b"multipart/mixed")) is None


@pytest.mark.parametrize("status", ["5.1.1", "5.1.2", "5.1.10", "5.0.0", "5.2.1", "5.4.4"])
def test_these_codes_say_that_there_is_no_such_address(status: str) -> None:
    assert about_address(status)


@pytest.mark.parametrize("status", ["4.1.1", "2.1.5", "5.2.2", "5.7.1", "5.3.4", "5.4.7", "5.6.1", "5.1.8"])
def test_these_codes_say_nothing_of_the_address(status: str) -> None:
    assert not about_address(status)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("5.1.1 no such user", "5.1.1"),
        ("The mail system (v12.5.1.1) said no", None),
        ("3.1.1", None),
        ("Requested 4.2.2 mailbox full 5.1.1", "4.2.2"),
        ("", None),
    ],
)
def test_a_code_is_found_in_what_a_server_says(text: str, code: str | None) -> None:
    assert status_in(text) == code


def test_what_is_no_code_says_nothing_and_is_refused() -> None:
    with pytest.raises(ValueError, match="no enhanced status code"):
        about_address("550")


# Letters


def letter(text: str = "Yes", **headers: str) -> EmailMessage:
    made = EmailMessage(policy=SMTP)
    given = {
        "From": "Sam <sam@mail.example>",
        "To": "office@clinic.example",
        "Message-ID": "<1@mail.example>",
    } | headers
    for name, value in given.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


def test_a_letter_tells_who_wrote_what_in_answer_to_which_message() -> None:
    found = letter_read(letter("STOP please", In_Reply_To=OURS, Subject="Re: A note").as_bytes())
    assert (found.sender, found.recipient, found.text) == ("sam@mail.example", "office@clinic.example", "STOP please")
    assert (found.provider_id, found.answers, found.automatic) == ("1@mail.example", REFERENCE, False)


def test_of_many_messages_named_the_last_is_answered() -> None:
    older = f"<{UUID(int=7)}@clinic.example>"
    assert letter_read(letter(References=f"{older} {OURS}").as_bytes()).answers == REFERENCE


def test_accents_and_other_scripts_are_read() -> None:
    assert letter_read(letter("¿Mañana? Sí, allí estaré 👍").as_bytes()).text == "¿Mañana? Sí, allí estaré 👍"


def test_an_empty_letter_says_what_its_subject_says() -> None:
    assert letter_read(letter("", Subject="Unsubscribe").as_bytes()).text == "Unsubscribe"


def test_a_page_is_read_as_it_is_shown_without_what_it_quotes() -> None:
    made = letter()
    made.set_content(
        "<html><head><style>p{}</style><title>t</title></head><body><p>Yes&nbsp;&amp; thanks</p>"
        "<blockquote>Reply STOP to opt out</blockquote></body></html>",
        subtype="html",
    )
    assert letter_read(made.as_bytes()).text == "Yes & thanks"


def test_plain_words_come_before_a_page_and_what_hangs_on_it_is_not_read() -> None:
    made = letter("Plain")
    made.add_alternative("<p>Page</p>", subtype="html")
    made.add_attachment("STOP", filename="words.txt")
    assert letter_read(made.as_bytes()).text == "Plain"


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto-Submitted": "auto-replied"},
        {"Auto-Submitted": "auto-generated; owner=x"},
        {"Precedence": "bulk"},
        {"X-Autoreply": "yes"},
        {"List-Id": "<news.example>"},
        {"Return-Path": "<>"},
        {"Subject": "Automatic reply: A note"},
        {"Subject": "Out of Office: back on Monday"},
        {"Subject": "Respuesta automática: Una nota"},
    ],
    ids=lambda each: "-".join(each.values()),
)
def test_what_a_machine_wrote_is_known(headers: dict[str, str]) -> None:
    assert letter_read(letter(**headers).as_bytes()).automatic


@pytest.mark.parametrize(
    "headers", [{}, {"Auto-Submitted": "no"}, {"Return-Path": "<sam@mail.example>"}, {"Subject": "Re: out of office?"}]
)
def test_what_a_person_wrote_is_not_taken_for_a_machines(headers: dict[str, str]) -> None:
    assert not letter_read(letter(**headers).as_bytes()).automatic


def test_a_letter_without_a_name_of_its_own_is_known_by_what_it_is() -> None:
    made = letter()
    del made["Message-ID"]
    first, again = letter_read(made.as_bytes()), letter_read(made.as_bytes())
    assert first.provider_id == again.provider_id
    assert first.provider_id.startswith("sha256:")
    assert len(letter_read(letter(**{"Message-ID": f"<{'x' * 300}@mail.example>"}).as_bytes()).provider_id) < 128


@pytest.mark.parametrize("raw", [b"", b"\x00\xff", b"Subject: hello\r\n\r\nwords"])
def test_a_letter_of_nobody_is_none(raw: bytes) -> None:
    with pytest.raises(ValueError, match="who wrote"):
        letter_read(raw)


def test_parts_within_parts_without_end_are_no_trouble() -> None:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n) for n in range(3_000))
    raw = b"From: sam@mail.example\r\n" + head
    try:
        assert letter_read(raw).sender == "sam@mail.example"
    except ValueError as error:
        assert str(error) == "this is no letter"


SCRAPS = st.sampled_from(
    [
        b"From: sam@mail.example\r\n", b"Content-Type: multipart/report; boundary=b\r\n", b"\r\n", b"--b\r\n", b"--b--",
        b"Content-Type: message/delivery-status\r\n", b"Content-Type: message/rfc822\r\n", b"Action: failed\r\n",
        b"Status: 5.1.1\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Type: text/html; charset=odd\r\n",
        b"Subject: =?utf-8?b?////?=\r\n", b"Message-ID: <\r\n", b"<p><script>", b"\xff\x00",
        b"Content-Type: text/plain; charset=utf-7\r\n", b"From: =?x?q?=00?=\r\n",
    ]
)  # fmt: skip


@given(st.lists(SCRAPS | st.binary(max_size=20), max_size=30))
def test_whatever_comes_in_is_read_or_refused(scraps: list[bytes]) -> None:
    raw = b"".join(scraps)
    bounce_in(opened(raw))
    try:
        assert letter_read(raw).sender
    except ValueError as error:
        assert str(error) == "it does not say who wrote"
