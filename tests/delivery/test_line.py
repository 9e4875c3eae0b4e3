"""How an answer of the SMS provider is read, byte for byte, from a real socket."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest

from pathways.delivery.sms import line
from pathways.delivery.sms.line import BrokenAnswer, Line, Reply, connect

REQUEST = b"GET / HTTP/1.1\r\n\r\n"
CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\n{}"


class Server:
    """Takes one connection and answers each request with the next of these pieces; then it hangs up."""

    def __init__(self) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.thread: Thread | None = None

    def says(self, *answers: bytes) -> Line:
        self.thread = Thread(target=self._answer, args=(answers,), daemon=True)
        self.thread.start()
        return connect("127.0.0.1", self.listening.getsockname()[1], None, connect_timeout=5, read_timeout=5)

    def _answer(self, answers: tuple[bytes, ...]) -> None:
        taken, _ = self.listening.accept()
        with taken:
            for each in answers:
                taken.recv(65_536)
                taken.sendall(each)

    def close(self) -> None:
        self.listening.close()
        if self.thread is not None:
            self.thread.join(5)


@pytest.fixture
def server() -> Iterator[Server]:
    running = Server()
    yield running
    running.close()


def asked(server: Server, answer: bytes) -> tuple[Reply, bool]:
    """The reply to one request, and whether the line is good for another."""
    one = server.says(answer)
    try:
        return one.ask(REQUEST), one.stays_open
    finally:
        one.close()


def test_an_answer_is_read_to_its_end_and_the_line_kept(server: Server) -> None:
    assert asked(server, CREATED) == (Reply(201, {"content-length": "2", "retry-after": "7"}, b"{}"), True)


def test_a_line_serves_one_request_after_another(server: Server) -> None:
    one = server.says(CREATED, CREATED.replace(b"{}", b"[]"))
    assert [one.ask(REQUEST).data, one.ask(REQUEST).data] == [b"{}", b"[]"]
    one.close()


@pytest.mark.parametrize(
    ("answer", "data"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", b"{}"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + CREATED, b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
    ],
    ids=["in pieces", "after a continue", "without words"],
)
def test_an_answer_is_whole_however_it_is_framed(server: Server, answer: bytes, data: bytes) -> None:
    reply, stays_open = asked(server, answer)
    assert (reply.data, stays_open) == (data, True)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
    ],
    ids=["it says so", "an old server", "its end is the end of the answer"],
)
def test_a_line_the_provider_closes_is_not_used_again(server: Server, answer: bytes) -> None:
    reply, stays_open = asked(server, answer)
    assert (reply.data, stays_open) == (b"{}", False)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 201 Created\r\nContent-Length: 20\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"220 mail.example.org ESMTP\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        CREATED + CREATED,
    ],
    ids=[
        "nothing",
        "half a line",
        "half the words",
        "half a piece",
        "never more",
        "no HTTP",
        "another language",
        "two",
    ],
)
def test_what_is_no_whole_answer_is_none(server: Server, answer: bytes) -> None:
    with pytest.raises(BrokenAnswer):
        asked(server, answer)


def test_an_answer_without_end_is_not_read_for_ever(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "LARGEST_ANSWER", 1_000)
    with pytest.raises(BrokenAnswer):
        asked(server, b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2_000)


def test_what_nobody_asked_for_is_noticed(server: Server) -> None:
    one = server.says(CREATED)
    one.ask(REQUEST)
    assert server.thread is not None
    server.thread.join(5)  # it has hung up
    assert not one.is_quiet()
    one.close()
