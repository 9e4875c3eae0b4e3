"""The pooled HTTP client of the SMS provider: what it takes to ask, and whether a failed request was
written.
"""

import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from select import POLLIN, poll
from typing import cast
from urllib.parse import quote, urlencode, urlsplit
from weakref import finalize

from pathways.delivery.gate import is_loopback
from pathways.delivery.messages import Detail, Message, Outcome, temporary, uncertain
from pathways.delivery.sms.answers import outcome_of, read


@dataclass(frozen=True, slots=True)
class SmsConfig:
    """Where and how. `callback_url` is our public address for status reports, without a slash at its end;
    the attempt's reference is added. Raises ValueError for an address that is not https, loopback apart.
    """

    base_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    callback_url: str = ""
    connections: int = 16
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    ca_file: str | None = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the SMS provider's address is not a web address")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise ValueError("messages are not sent over an unencrypted connection")

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def path(self) -> str:
        folder = urlsplit(self.base_url).path.rstrip("/")
        return f"{folder}/2010-04-01/Accounts/{quote(self.account_sid, safe='')}/Messages.json"


class Unanswered(Exception):
    """The provider did not answer a question."""


class NotReached(Exception):
    """No connection could be made, so nothing was written; carries the outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail_code)
        self.outcome = outcome


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered, read to its end. `headers` finds names in any spelling."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class SmsClient:
    """Keeps as many connections open as threads use it at once, and uses them over and over."""

    def __init__(self, config: SmsConfig) -> None:
        self._config = config
        self._tls = _tls(config)
        self._idle: list[HTTPConnection] = []  # append and pop are safe from several threads
        finalize(self, _close_all, self._idle)
        token = b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}
        self._form_headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}

    def create(self, message: Message) -> Outcome:
        """Asks the provider to send one message, once: never repeated, no redirect followed."""
        try:
            answer = self._asked("POST", self._config.path, self._form_headers, self._form(message))
        except NotReached as nobody:
            return nobody.outcome
        except TimeoutError:
            return uncertain(Detail.NO_ANSWER)
        except (OSError, HTTPException):
            return uncertain(Detail.CONNECTION_LOST)
        return outcome_of(answer.status, answer.headers, answer.data)

    def listed(self, page: str) -> dict[str, object]:
        """One page of the provider's list. Raises Unanswered."""
        try:
            answer = self._asked("GET", page, self._headers)
        except (NotReached, OSError, HTTPException) as error:
            raise Unanswered from error
        document = read(answer.data)
        if answer.status != 200 or not isinstance(document.get("messages"), list):
            raise Unanswered(f"answered {answer.status}")
        return document

    def close(self) -> None:
        _close_all(self._idle)

    def _asked(self, method: str, path: str, headers: Mapping[str, str], body: str | None = None) -> Reply:
        """One request and its answer. The connection is kept only when the answer was read to its end."""
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            reply = Reply(answer.status, cast("Mapping[str, str]", answer.headers), answer.read())
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:  # the provider did not ask to close it
            self._idle.append(connection)
        return reply

    def _connection(self) -> HTTPConnection:
        """One kept open, unless the provider has closed it meanwhile; else a new one. Raises NotReached."""
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if not _readable(kept):
                return kept
            kept.close()
        try:
            return self._opened()
        except ssl.SSLError as error:
            raise NotReached(temporary(Detail.NOT_ENCRYPTED)) from error
        except OSError as error:
            raise NotReached(temporary(Detail.CANNOT_CONNECT)) from error

    def _opened(self) -> HTTPConnection:
        config, port = self._config, urlsplit(self._config.base_url).port
        if self._tls is None:
            connection = HTTPConnection(config.host, port, timeout=config.connect_timeout)
        else:
            connection = HTTPSConnection(config.host, port, timeout=config.connect_timeout, context=self._tls)
        connection.connect()
        connection.sock.settimeout(config.read_timeout)
        return connection

    def _form(self, message: Message) -> str:
        form = {"To": message.to, "From": message.sender, "Body": message.text}
        if self._config.callback_url:
            form["StatusCallback"] = f"{self._config.callback_url}/{message.reference}"
        return urlencode(form)


def _close_all(idle: list[HTTPConnection]) -> None:
    while idle:
        idle.pop().close()


def _readable(idle: HTTPConnection) -> bool:
    """Something has come that nobody asked for: the end of the connection, as a rule."""
    asked = poll()
    asked.register(idle.sock, POLLIN)
    return bool(asked.poll(0))


def _tls(config: SmsConfig) -> ssl.SSLContext | None:
    """Encryption that checks the provider's certificate; None for the loopback address alone (see `SmsConfig`)."""
    if urlsplit(config.base_url).scheme == "http":
        return None
    return ssl.create_default_context(cafile=config.ca_file)
