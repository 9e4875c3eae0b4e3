"""The pooled HTTP client of the SMS provider: what it takes to ask, and whether a failed request was
written.
"""

import ssl
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode, urlsplit

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError, ReadTimeoutError, SSLError

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
    concurrency: int = 8
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


class SmsClient:
    """Keeps at most `concurrency` connections open; safe for as many threads."""

    def __init__(self, config: SmsConfig) -> None:
        self._config = config
        self._pool = _pool(config)
        token = b64encode(f"{config.account_sid}:{config.auth_token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {token}", "Accept": "application/json"}
        self._form_headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}

    def create(self, message: Message) -> Outcome:
        """Asks the provider to send one message, once: never repeated, no redirect followed."""
        try:
            answer = self._pool.urlopen(
                "POST", self._config.path, body=self._form(message), headers=self._form_headers,
                retries=False, redirect=False,
            )  # fmt: skip
        except (NewConnectionError, ConnectTimeoutError):
            return temporary(Detail.CANNOT_CONNECT)
        except ReadTimeoutError:
            return uncertain(Detail.NO_ANSWER)
        except SSLError as error:
            return _not_encrypted(error)
        except HTTPError:
            return uncertain(Detail.CONNECTION_LOST)
        return outcome_of(answer.status, answer.headers, answer.data)

    def listed(self, page: str) -> dict[str, object]:
        """One page of the provider's list. Raises Unanswered."""
        try:
            answer = self._pool.urlopen("GET", page, headers=self._headers, retries=False, redirect=False)
        except HTTPError as error:
            raise Unanswered from error
        document = read(answer.data)
        if answer.status != 200 or not isinstance(document.get("messages"), list):
            raise Unanswered(f"answered {answer.status}")
        return document

    def close(self) -> None:
        self._pool.close()
        self._pool = _pool(self._config)

    def _form(self, message: Message) -> str:
        form = {"To": message.to, "From": message.sender, "Body": message.text}
        if self._config.callback_url:
            form["StatusCallback"] = f"{self._config.callback_url}/{message.reference}"
        return urlencode(form)


def _pool(config: SmsConfig) -> urllib3.HTTPConnectionPool:
    parts = urlsplit(config.base_url)
    timeout = urllib3.Timeout(connect=config.connect_timeout, read=config.read_timeout)
    if parts.scheme == "http":
        return urllib3.HTTPConnectionPool(
            config.host, parts.port, timeout=timeout, maxsize=config.concurrency, block=True
        )
    context = ssl.create_default_context(cafile=config.ca_file)
    return urllib3.HTTPSConnectionPool(
        config.host, parts.port, timeout=timeout, maxsize=config.concurrency, block=True, ssl_context=context
    )


def _not_encrypted(error: SSLError) -> Outcome:
    """A certificate is refused before anything is written; any other trouble may come after."""
    if any(isinstance(each, ssl.SSLCertVerificationError) for each in (error.__cause__, *error.args)):
        return temporary(Detail.NOT_ENCRYPTED)
    return uncertain(Detail.CONNECTION_LOST)
