"""A Twilio-compatible SMS provider on a loopback socket: counts what it takes, can be asked, can be told to
misbehave.

Real HTTP/1.1 with kept-alive connections, on asyncio without a framework, fast enough to be the sink of a
benchmark. In a test it runs in a thread (`with Provider() as provider`); as the sink of fault tests and
benchmarks it runs as a process of its own (`python -m tests.delivery.provider --port 0`, prints its
address) and is told and asked over HTTP: `POST /_behave` (JSON of a `Behaviour`), `GET /_counts`, `POST
/_forget`.
"""

import argparse
import asyncio
import json
import sys
from base64 import b64encode
from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from email.utils import format_datetime
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

ACCOUNT = "AC00000000000000000000000000000001"
TOKEN = "a-token-for-tests"
LARGEST_REQUEST = 1_000_000


@dataclass(frozen=True)
class Behaviour:
    """How the next `times` requests for a new message are met (None: all from now on).

    `kind`: ok; too_many (429, `retry_after`); error (`status`, `code`); garbled (201 without JSON);
    take_and_drop (takes the message, then closes without an answer); take_and_fail (takes it, then answers
    `status`); drop (closes without taking); silent (takes it and never answers); lose (never answers, takes
    nothing). `delay`: seconds before any answer.
    """

    kind: str = "ok"
    times: int | None = None
    delay: float = 0.0
    status: int = 500
    code: int | None = None
    retry_after: str | None = None
    only_to: str | None = None


@dataclass
class Taken:
    """A message the provider has, as it lists it."""

    sid: str
    to: str
    sender: str
    body: str
    callback: str
    created: datetime
    status: str = "queued"
    error_code: int | None = None

    def row(self, *, tells_callback: bool) -> dict[str, Any]:
        row = {
            "sid": self.sid,
            "to": self.to,
            "from": self.sender,
            "body": self.body,
            "status": self.status,
            "error_code": self.error_code,
            "date_created": format_datetime(self.created),
            "account_sid": ACCOUNT,
        }
        return row | {"status_callback": self.callback} if tells_callback else row


@dataclass
class Ledger:
    """Everything taken, counted; safe to read from another thread."""

    taken: list[Taken] = field(default_factory=list)
    requests: int = 0
    connections: int = 0
    by_reference: Counter[str] = field(default_factory=Counter)
    by_body: Counter[str] = field(default_factory=Counter)
    by_number: dict[str, list[Taken]] = field(default_factory=dict)
    by_words: Counter[tuple[str, str]] = field(default_factory=Counter)
    lock: Lock = field(default_factory=Lock)

    def take(self, form: dict[str, str]) -> Taken:
        callback = form.get("StatusCallback", "")
        with self.lock:
            row = Taken(
                sid=f"SM{len(self.taken):032x}",
                to=form.get("To", ""),
                sender=form.get("From", ""),
                body=form.get("Body", ""),
                callback=callback,
                created=datetime.now(UTC),
            )
            self.taken.append(row)
            self.by_reference[callback.rsplit("/", 1)[-1]] += 1
            self.by_body[row.body] += 1
            self.by_number.setdefault(row.to, []).append(row)
            self.by_words[row.to, row.body] += 1
        return row

    def counts(self) -> dict[str, Any]:
        """Totals, and what came more than once."""
        with self.lock:
            return {
                "messages": len(self.taken),
                "requests": self.requests,
                "connections": self.connections,
                "references": len(self.by_reference),
                "bodies": len(self.by_body),
                "addresses": len(self.by_number),
                "sent_twice": sorted(key for key, count in self.by_reference.items() if key and count > 1),
                "same_words_twice": sum(count > 1 for count in self.by_words.values()),
            }


class Provider:
    """The server, in a thread of its own. `account` and `token` are what callers must show."""

    def __init__(self, *, port: int = 0, tells_callback: bool = False) -> None:
        self.account = ACCOUNT
        self.token = TOKEN
        self.tells_callback = tells_callback
        self.ledger = Ledger()
        self.behaviours: list[Behaviour] = []
        self.authorization = b"Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode())
        self.messages_path = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        self._port = port
        self._ready = Event()
        self._thread: Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self.open: set[asyncio.Transport] = set()

    def __enter__(self) -> Self:
        self._thread = Thread(target=lambda: asyncio.run(self.serve()), name="provider", daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the provider did not start")
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread is not None:
            self._thread.join(10)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def taken(self) -> list[Taken]:
        with self.ledger.lock:
            return list(self.ledger.taken)

    def behave(self, kind: str, **options: Any) -> None:
        """The newest instruction goes first; one with `times` is forgotten when used up."""
        self.behaviours.insert(0, Behaviour(kind, **options))

    def behave_well(self) -> None:
        self.behaviours.clear()

    def forget(self) -> None:
        self.ledger = Ledger()

    async def serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await self._loop.create_server(lambda: _Connection(self), "127.0.0.1", self._port, backlog=1024)
        self._port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        for transport in list(self.open):
            transport.abort()
        await asyncio.sleep(0)

    def next_behaviour(self, to: str) -> Behaviour:
        for place, each in enumerate(self.behaviours):
            if each.only_to is not None and each.only_to != to:
                continue
            if each.times is None:
                return each
            left = each.times - 1
            self.behaviours[place] = Behaviour(**{**asdict(each), "times": left})
            if left <= 0:
                self.behaviours.pop(place)
            return each
        return Behaviour()


@dataclass(frozen=True)
class _Answer:
    """What goes back; `silent`: nothing, `close`: the connection ends."""

    status: int = 200
    document: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    close: bool = False
    delay: float = 0.0


class _Connection(asyncio.Protocol):
    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.buffer = bytearray()
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.provider.open.add(transport)
        self.provider.ledger.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        if self.transport is not None:
            self.provider.open.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.buffer[:end])
            length = _content_length(head)
            if length > LARGEST_REQUEST:
                self._write(_Answer(413, {"code": 413}, close=True))
                return
            if len(self.buffer) < end + 4 + length:
                return
            body = bytes(self.buffer[end + 4 : end + 4 + length])
            del self.buffer[: end + 4 + length]
            self._answer(_handle(self.provider, head, body))

    def _answer(self, answer: _Answer) -> None:
        if answer.delay:
            asyncio.get_running_loop().call_later(answer.delay, self._write, answer)
        else:
            self._write(answer)

    def _write(self, answer: _Answer) -> None:
        if self.transport is None or self.transport.is_closing() or answer.silent:
            return
        if answer.close and answer.document is None:
            self.transport.abort()
            return
        body = answer.document if isinstance(answer.document, bytes) else json.dumps(answer.document).encode()
        extra = "".join(f"{name}: {value}\r\n" for name, value in answer.headers)
        head = f"HTTP/1.1 {answer.status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self.transport.write(f"{head}{extra}\r\n".encode() + body)
        if answer.close:
            self.transport.close()


def _content_length(head: bytes) -> int:
    place = head.lower().find(b"\r\ncontent-length:")
    return int(head[place + 17 :].split(b"\r\n", 1)[0]) if place >= 0 else 0


def _handle(provider: Provider, head: bytes, body: bytes) -> _Answer:
    method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
    if target.startswith("/_"):
        return _told(provider, method, target, body)
    provider.ledger.requests += 1
    if provider.authorization not in head:
        return _Answer(401, {"code": 20003, "message": "Authenticate"})
    url = urlsplit(target)
    if method == "POST" and url.path == provider.messages_path:
        return _create(provider, dict(parse_qsl(body.decode(), keep_blank_values=True)))
    if method == "GET" and url.path == provider.messages_path:
        return _list(provider, dict(parse_qsl(url.query)))
    return _Answer(404, {"code": 20404})


def _create(provider: Provider, form: dict[str, str]) -> _Answer:
    if not provider.behaviours:
        return _Answer(201, provider.ledger.take(form).row(tells_callback=provider.tells_callback))
    how = provider.next_behaviour(form.get("To", ""))
    wait = (("Retry-After", how.retry_after),) if how.retry_after else ()
    without_taking = {
        "too_many": _Answer(429, {"code": 20429}, wait, delay=how.delay),
        "error": _Answer(how.status, {"code": how.code}, wait, delay=how.delay),
        "drop": _Answer(close=True, delay=how.delay),
        "lose": _Answer(silent=True),
    }
    if how.kind in without_taking:
        return without_taking[how.kind]
    row = provider.ledger.take(form)
    if how.kind == "ok":
        return _Answer(201, row.row(tells_callback=provider.tells_callback), delay=how.delay)
    return {
        "take_and_drop": _Answer(close=True, delay=how.delay),
        "take_and_fail": _Answer(how.status, {"code": how.code}, delay=how.delay),
        "silent": _Answer(silent=True),
        "garbled": _Answer(201, b"<html>", delay=how.delay),
    }[how.kind]


def _list(provider: Provider, query: dict[str, str]) -> _Answer:
    size, page = int(query.get("PageSize", "50")), int(query.get("Page", "0"))
    asked = query.get("To")
    rows = provider.taken[::-1] if asked is None else provider.ledger.by_number.get(asked, [])[::-1]
    shown = rows[page * size : (page + 1) * size]
    following = None
    if len(rows) > (page + 1) * size:
        following = f"{provider.messages_path}?{urlencode({**query, 'Page': page + 1})}"
    document = [each.row(tells_callback=provider.tells_callback) for each in shown]
    return _Answer(200, {"messages": document, "page": page, "next_page_uri": following})


def _told(provider: Provider, method: str, target: str, body: bytes) -> _Answer:
    match method, target:
        case "GET", "/_counts":
            return _Answer(200, provider.ledger.counts())
        case "GET", "/_taken":
            return _Answer(200, {"messages": len(provider.ledger.taken)})
        case "POST", "/_forget":
            provider.forget()
            provider.behave_well()
            return _Answer(200, {})
        case "POST", "/_behave":
            known = {each.name for each in fields(Behaviour)}
            asked = {name: value for name, value in json.loads(body).items() if name in known}
            provider.behaviours.insert(0, Behaviour(**asked))
            return _Answer(200, {})
    return _Answer(404, {})


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--tells-callback", action="store_true")
    chosen = options.parse_args()
    with Provider(port=chosen.port, tells_callback=chosen.tells_callback) as provider:
        sys.stdout.write(f"{provider.base_url}\n")
        sys.stdout.flush()
        Event().wait()


if __name__ == "__main__":
    main()
