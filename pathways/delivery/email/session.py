"""One connection to an SMTP server: opened, signed in, and what each of its answers means."""

import smtplib
import ssl
from dataclasses import dataclass, field
from enum import StrEnum

from pathways.delivery.gate import is_loopback
from pathways.delivery.messages import Detail, Outcome, permanent, temporary, uncertain
from pathways.rules.mail import about_address, status_in
from pathways.rules.reminders import OutcomeKind

# Characters of an answer in which its enhanced code is looked for.
LONGEST_ANSWER = 200


class SmtpSecurity(StrEnum):
    """Whether the connection is encrypted: not at all, after STARTTLS (or not used), or from the first
    byte.
    """

    NONE = "none"
    STARTTLS = "starttls"
    TLS = "tls"


@dataclass(frozen=True, slots=True)
class SmtpConfig:
    """Where and how. Raises ValueError where a password would travel unencrypted to another machine."""

    host: str
    port: int = 587
    security: SmtpSecurity = SmtpSecurity.STARTTLS
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = 20.0
    connections: int = 8
    ca_file: str | None = None
    hello_name: str = "localhost"

    def __post_init__(self) -> None:
        if self.password and self.security is SmtpSecurity.NONE and not is_loopback(self.host):
            raise ValueError("a password is not sent over an unencrypted connection")


class NoSession(Exception):
    """The server could not be reached or did not let us in; nothing was sent. Carries the outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail_code)
        self.outcome = outcome


class Session:
    """An open connection. `envelope` may fail without harm; from `content` on, silence means uncertain."""

    def __init__(self, config: SmtpConfig) -> None:
        self._smtp = _opened(config)

    def envelope(self, sender: str, to: str) -> Outcome | None:
        """Sender, recipient, permission to go on. An outcome where the server said no; raises OSError when
        lost.
        """
        code, said = self._smtp.mail(sender)
        if code != 250:
            return self._refused(code, said, Detail.SENDER_REFUSED)
        code, said = self._smtp.rcpt(to)
        if code not in (250, 251):
            return self._refused(code, said, Detail.BAD_ADDRESS)
        code, said = self._smtp.docmd("DATA")
        return None if code == 354 else self._refused(code, said, Detail.REFUSED)

    def content(self, letter: bytes) -> Outcome:
        """The letter itself. The server may have it from here on, whatever happens to the connection."""
        try:
            self._smtp.send(letter + b".\r\n")
            code, said = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            return uncertain(Detail.NO_ANSWER if timed_out(error) else Detail.CONNECTION_LOST)
        if code == 250:
            return Outcome(OutcomeKind.SENT)
        return _outcome(code, said, Detail.REFUSED)

    def reset(self) -> None:
        """Makes the connection ready for the next letter. Raises OSError when it is lost."""
        self._smtp.rset()

    def end(self) -> None:
        """Takes leave, politely where the server still listens."""
        try:
            self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            self._smtp.close()

    def drop(self) -> None:
        """Closes at once, without waiting for an answer."""
        self._smtp.close()

    def _refused(self, code: int, said: bytes, why: Detail) -> Outcome:
        if code in (421, -1):
            raise smtplib.SMTPServerDisconnected("the server is closing")
        return _outcome(code, said, why)


def timed_out(error: BaseException) -> bool:
    """Whether the server was silent, rather than gone; the library hides it in the error it raises."""
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _outcome(code: int, said: bytes, why: Detail) -> Outcome:
    if code == -1 or not 400 <= code < 600:
        return uncertain(Detail.ODD_ANSWER, code)
    if code in (530, 535, 538):
        return temporary(Detail.SIGN_IN_REFUSED, code)
    if why is Detail.SENDER_REFUSED:  # about us, not about the recipient: an operator can mend it
        return temporary(why, code)
    return temporary(Detail.BUSY, code) if code < 500 else permanent(_for_good(said, why), code)


def _for_good(said: bytes, why: Detail) -> Detail:
    """Whether it is about the address: as the answer's enhanced code says, else as the place of the answer does."""
    status = status_in(said.decode("ascii", "replace")[:LONGEST_ANSWER])
    if status is None or not status.startswith("5"):
        return why
    return Detail.BAD_ADDRESS if about_address(status) else Detail.REFUSED


def _opened(config: SmtpConfig) -> smtplib.SMTP:
    try:
        smtp = _connected(config)
    except ssl.SSLError as error:
        raise NoSession(temporary(Detail.NOT_ENCRYPTED)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NoSession(temporary(Detail.CANNOT_CONNECT)) from error
    try:
        _signed_in(smtp, config)
    except NoSession:
        smtp.close()
        raise
    return smtp


def _connected(config: SmtpConfig) -> smtplib.SMTP:
    if config.security is SmtpSecurity.TLS:
        context = ssl.create_default_context(cafile=config.ca_file)
        return smtplib.SMTP_SSL(config.host, config.port, config.hello_name, timeout=config.timeout, context=context)
    return smtplib.SMTP(config.host, config.port, config.hello_name, config.timeout)


def _signed_in(smtp: smtplib.SMTP, config: SmtpConfig) -> None:
    """Encrypts first, then says who we are; never the other way round, never without."""
    try:
        smtp.ehlo_or_helo_if_needed()
        if config.security is SmtpSecurity.STARTTLS:
            smtp.starttls(context=ssl.create_default_context(cafile=config.ca_file))
            smtp.ehlo()
    except (ssl.SSLError, smtplib.SMTPNotSupportedError) as error:
        raise NoSession(temporary(Detail.NOT_ENCRYPTED)) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NoSession(temporary(Detail.CANNOT_CONNECT)) from error
    try:
        if config.user:
            smtp.login(config.user, config.password)
    except (OSError, smtplib.SMTPException) as error:
        raise NoSession(temporary(Detail.SIGN_IN_REFUSED)) from error
