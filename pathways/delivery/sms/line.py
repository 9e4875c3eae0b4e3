"""One connection to the SMS provider: a request is written in one piece, its answer is read to its end."""

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from select import POLLIN, poll

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

LARGEST_ANSWER = 4 * 1024 * 1024
"""Bytes. A page of the provider's list is a few hundred kilobytes."""
READ_AT_ONCE = 65_536


class BrokenAnswer(Exception):
    """What came back is no HTTP answer, not a whole one, or far too much."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answered, read to its end. `headers` by name, in small letters."""

    status: int
    headers: Mapping[str, str]
    data: bytes


class Line:
    """A connection, kept open as long as `stays_open`. Used by one thread at a time."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.stays_open = True

    def ask(self, request: bytes) -> Reply:
        """One request and its answer. Raises OSError (TimeoutError where nothing came in time) or BrokenAnswer;
        the line is of no use then."""
        self.stays_open = False
        self._socket.sendall(request)
        with closing(_Answer()) as answer:
            while not answer.is_whole:
                data = self._socket.recv(READ_AT_ONCE)
                if not data:
                    return answer.cut_off()
                answer.feed(data)
            self.stays_open = answer.keeps_open
            return answer.reply()

    def is_quiet(self) -> bool:
        """Nothing has come that nobody asked for: as a rule, the end of the connection."""
        asked = poll()
        asked.register(self._socket, POLLIN)
        return not asked.poll(0)

    def close(self) -> None:
        self._socket.close()


class _Answer:
    """An answer as it comes in; the parser calls `on_…`."""

    def __init__(self) -> None:
        self.is_whole = self.keeps_open = False
        self._parser = HttpResponseParser(self)
        self._headers: dict[str, str] = {}
        self._data = bytearray()
        self._status = 0

    def close(self) -> None:
        """Lets go of the parser, which holds this answer: neither waits for the garbage collector."""
        del self._parser

    def feed(self, data: bytes) -> None:
        """Raises BrokenAnswer."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            raise BrokenAnswer from error
        if len(self._data) > LARGEST_ANSWER:
            raise BrokenAnswer

    def cut_off(self) -> Reply:
        """The connection has ended: whole only where nothing said how long it would be. Raises BrokenAnswer."""
        if not self._status or {"content-length", "transfer-encoding"} & self._headers.keys():
            raise BrokenAnswer
        return self.reply()

    def reply(self) -> Reply:
        return Reply(self._status, self._headers, bytes(self._data))

    def on_message_begin(self) -> None:
        if self.is_whole:
            raise BrokenAnswer
        self._headers.clear()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        # What is said on the way ("100 Continue") is no answer yet.
        self._status = status if status >= 200 else 0

    def on_body(self, data: bytes) -> None:
        self._data += data

    def on_message_complete(self) -> None:
        self.is_whole, self.keeps_open = bool(self._status), self._parser.should_keep_alive()


def connect(host: str, port: int, tls: ssl.SSLContext | None, *, connect_timeout: float, read_timeout: float) -> Line:
    """A new line; times in seconds. Raises OSError (ssl.SSLError where it cannot be encrypted)."""
    connected = socket.create_connection((host, port), connect_timeout)
    try:
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = connected if tls is None else tls.wrap_socket(connected, server_hostname=host)
        line.settimeout(read_timeout)
    except BaseException:
        connected.close()
        raise
    return Line(line)
