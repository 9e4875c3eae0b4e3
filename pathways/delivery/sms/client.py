"""The pooled HTTP client of the SMS provider: what it takes to ask, and whether a failed request was
written.
"""

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit
from weakref import finalize

from pathways.delivery.gate import is_loopback
from pathways.delivery.messages import Detail, Message, Outcome, temporary, uncertain
from pathways.delivery.sms.answers import outcome_of, read
from pathways.delivery.sms.line import BrokenAnswer, Line, Reply, connect


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
    def port(self) -> int:
        parts = urlsplit(self.base_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

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


class SmsClient:
    """Keeps as many connections open as threads use it at once, and uses them over and over."""

    def __init__(self, config: SmsConfig) -> None:
        self._config = config
        self._tls = _tls(config)
        self._idle: list[Line] = []  # append and pop are safe from several threads
        finalize(self, _close_all, self._idle)
        self._headers = _headers(config)
        self._callback = quote(config.callback_url, safe="")

    def create(self, message: Message) -> Outcome:
        """Asks the provider to send one message, once: never repeated, no redirect followed."""
        try:
            answer = self._asked(self._creation(message))
        except NotReached as nobody:
            return nobody.outcome
        except TimeoutError:
            return uncertain(Detail.NO_ANSWER)
        except (OSError, BrokenAnswer):
            return uncertain(Detail.CONNECTION_LOST)
        return outcome_of(answer.status, answer.headers, answer.data)

    def listed(self, page: str) -> dict[str, object]:
        """One page of the provider's list, by its path. Raises Unanswered."""
        if not page.isascii() or not page.isprintable() or " " in page:
            raise Unanswered("that is no path")
        try:
            answer = self._asked(f"GET {page} HTTP/1.1\r\n{self._headers}\r\n".encode())
        except (NotReached, OSError, BrokenAnswer) as error:
            raise Unanswered from error
        document = read(answer.data)
        if answer.status != 200 or not isinstance(document.get("messages"), list):
            raise Unanswered(f"answered {answer.status}")
        return document

    def close(self) -> None:
        _close_all(self._idle)

    def _asked(self, request: bytes) -> Reply:
        """One request and its answer. The connection is kept only when the answer was read to its end."""
        line = self._line()
        try:
            reply = line.ask(request)
        except BaseException:
            line.close()
            raise
        if line.stays_open:
            self._idle.append(line)
        else:
            line.close()
        return reply

    def _line(self) -> Line:
        """One kept open, unless the provider has closed it meanwhile; else a new one. Raises NotReached."""
        while self._idle:
            try:
                kept = self._idle.pop()
            except IndexError:  # another thread was quicker
                break
            if kept.is_quiet():
                return kept
            kept.close()
        config = self._config
        waits = {"connect_timeout": config.connect_timeout, "read_timeout": config.read_timeout}
        try:
            return connect(config.host, config.port, self._tls, **waits)
        except ssl.SSLError as error:
            raise NotReached(temporary(Detail.NOT_ENCRYPTED)) from error
        except OSError as error:
            raise NotReached(temporary(Detail.CANNOT_CONNECT)) from error

    def _creation(self, message: Message) -> bytes:
        form = urlencode({"To": message.to, "From": message.sender, "Body": message.text})
        if self._callback:
            form += f"&StatusCallback={self._callback}%2F{message.reference}"
        head = f"POST {self._config.path} HTTP/1.1\r\n{self._headers}"
        kind = "Content-Type: application/x-www-form-urlencoded"
        return f"{head}{kind}\r\nContent-Length: {len(form)}\r\n\r\n{form}".encode()


def _headers(config: SmsConfig) -> str:
    """What every request says, a line each."""
    host = f"[{config.host}]" if ":" in config.host else config.host
    token = b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
    lines = {
        "Host": f"{host}:{config.port}",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Authorization": f"Basic {token}",
    }
    return "".join(f"{name}: {value}\r\n" for name, value in lines.items())


def _close_all(idle: list[Line]) -> None:
    while idle:
        idle.pop().close()


def _tls(config: SmsConfig) -> ssl.SSLContext | None:
    """Encryption that checks the provider's certificate; None for the loopback address alone (see `SmsConfig`)."""
    if urlsplit(config.base_url).scheme == "http":
        return None
    return ssl.create_default_context(cafile=config.ca_file)
