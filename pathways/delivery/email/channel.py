"""The e-mail channel: one SMTP connection carries many letters."""

import smtplib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from time import monotonic

from pathways.delivery.email.letter import address_problem, letter, sender_address
from pathways.delivery.email.session import NoSession, Session, SmtpConfig
from pathways.delivery.gate import Gate
from pathways.delivery.messages import Answer, Detail, Message, Outcome, permanent, temporary
from pathways.delivery.patience import Patience
from pathways.rules.reminders import Finding, OutcomeKind

# A connection unused for longer than this is given up rather than tried: servers close idle ones.
LONGEST_IDLE = 10.0


def _real_now() -> datetime:
    return datetime.now(UTC)


class EmailChannel:
    """Not for use by several threads at once. `clock` gives the date in the letters."""

    name = "email"

    def __init__(self, config: SmtpConfig, gate: Gate, *, clock: Callable[[], datetime] = _real_now) -> None:
        self._config = config
        self._gate = gate
        self._clock = clock
        self._session: Session | None = None
        self._used_at = 0.0

    def send(self, messages: Sequence[Message]) -> Iterator[tuple[Message, Outcome]]:
        if not self._gate.lets_through(self._config.host):
            yield from ((message, temporary(Detail.LATCH_SHUT)) for message in messages)
            return
        patience = Patience()
        for message in messages:
            outcome = patience.rest
            if outcome is None:
                outcome = self._deliver(message)
                patience.note(outcome)
            yield message, outcome

    def find(self, message: Message, *, since: datetime, known: Collection[str] = ()) -> Answer:
        """An SMTP server cannot be asked what it took: a person settles it."""
        return Answer(Finding.UNKNOWN)

    def close(self) -> None:
        if self._session is not None:
            self._session.end()
            self._session = None

    def _deliver(self, message: Message) -> Outcome:
        if address_problem(message.to):
            return permanent(Detail.BAD_ADDRESS)
        try:
            content = letter(message, now=self._clock())
        except (ValueError, UnicodeError):
            return permanent(Detail.BAD_MESSAGE)
        try:
            session, refusal = self._accepted(message)
        except NoSession as no:
            return no.outcome
        outcome = refusal or session.content(content)
        self._after(session, outcome)
        return outcome

    def _accepted(self, message: Message) -> tuple[Session, Outcome | None]:
        """A session that takes the letter, or its refusal. A lost connection is opened once more: nothing
        was sent.
        """
        for fresh in (False, True):
            if fresh:
                self._forget()
            session = self._open_session()
            try:
                return session, session.envelope(sender_address(message.sender), message.to)
            except (OSError, smtplib.SMTPException):
                continue
        self._forget()
        raise NoSession(temporary(Detail.CONNECTION_LOST))

    def _open_session(self) -> Session:
        if self._session is not None and monotonic() - self._used_at > LONGEST_IDLE:
            self._forget()
        if self._session is None:
            self._session = Session(self._config)
        self._used_at = monotonic()
        return self._session

    def _after(self, session: Session, outcome: Outcome) -> None:
        """Keeps the connection for the next letter where its state is known."""
        if outcome.kind is OutcomeKind.UNCERTAIN:
            self._forget()
        elif outcome.kind is not OutcomeKind.SENT:
            try:
                session.reset()
            except (OSError, smtplib.SMTPException):
                self._forget()

    def _forget(self) -> None:
        if self._session is not None:
            self._session.drop()
            self._session = None
