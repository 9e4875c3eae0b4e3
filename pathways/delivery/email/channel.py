"""The e-mail channel: a few SMTP connections, each of which carries many letters."""

import smtplib
from collections.abc import Callable
from datetime import UTC, datetime
from time import monotonic

from pathways.delivery.channel import Channel
from pathways.delivery.email.letter import address_problem, domain, letter, sender_address
from pathways.delivery.email.session import NoSession, Session, SmtpConfig, timed_out
from pathways.delivery.gate import Gate
from pathways.delivery.messages import Detail, Message, Outcome, permanent, temporary
from pathways.rules.reminders import OutcomeKind

# A connection unused for longer than this is given up rather than tried: servers close idle ones.
LONGEST_IDLE = 10.0


def _real_now() -> datetime:
    return datetime.now(UTC)


class EmailChannel(Channel):
    """E-mail through one SMTP server, which cannot be asked what it took: a person settles that. `clock` gives the
    date in the letters.
    """

    name = "email"

    def __init__(self, config: SmtpConfig, gate: Gate, *, clock: Callable[[], datetime] = _real_now) -> None:
        self._config = config
        self._gate = gate
        self._clock = clock
        self._idle: list[tuple[Session, float]] = []  # append and pop are safe from several threads
        self.connections = config.connections

    def shut(self) -> Outcome | None:
        return None if self._gate.lets_through(self._config.host) else temporary(Detail.LATCH_SHUT)

    def group(self, message: Message) -> str:
        return domain(message.to)

    def carry(self, message: Message) -> Outcome:
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

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[0].end()

    def _accepted(self, message: Message) -> tuple[Session, Outcome | None]:
        """A session that takes the letter, or its refusal. A lost connection is opened once more: nothing was sent."""
        for fresh in (False, True):
            session = Session(self._config) if fresh else self._session()
            try:
                return session, session.envelope(sender_address(message.sender), message.to)
            except (OSError, smtplib.SMTPException) as error:
                session.drop()
                if timed_out(error):  # it may hang for this recipient alone, and would again
                    raise NoSession(temporary(Detail.NO_ANSWER)) from error
        raise NoSession(temporary(Detail.CONNECTION_LOST))

    def _session(self) -> Session:
        """One kept open, unless it was idle for long; else a new one. Raises NoSession."""
        while self._idle:
            try:
                kept, since = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if monotonic() - since <= LONGEST_IDLE:
                return kept
            kept.drop()
        return Session(self._config)

    def _after(self, session: Session, outcome: Outcome) -> None:
        """Keeps the connection for the next letter where its state is known."""
        try:
            if outcome.kind is OutcomeKind.UNCERTAIN:
                session.drop()
                return
            if outcome.kind is not OutcomeKind.SENT:
                session.reset()
        except (OSError, smtplib.SMTPException):
            session.drop()
        else:
            self._idle.append((session, monotonic()))
