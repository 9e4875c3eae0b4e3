"""Starting twice, and a port that is taken: one sentence each, that says what to do."""

import socket
from pathlib import Path

import pytest

from clinic.running.places import Places, write_private
from clinic.running.refusals import CannotRun
from clinic.running.turn import check_port, chosen_port, take_turn


@pytest.fixture
def places(tmp_path: Path) -> Places:
    places = Places(tmp_path / "var")
    places.make()
    return places


def test_a_second_start_says_where_the_first_one_is(places: Places) -> None:
    with take_turn(places, "http://127.0.0.1:8123"), pytest.raises(CannotRun, match=r"already running .*:8123"):
        take_turn(places, "http://127.0.0.1:8124")


def test_after_the_first_has_ended_the_second_may_start(places: Places) -> None:
    take_turn(places, "http://127.0.0.1:8123").close()
    take_turn(places, "http://127.0.0.1:8124").close()
    assert places.lock.read_text() == "http://127.0.0.1:8124"


def test_a_taken_port_is_named_with_the_way_to_another() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(CannotRun, match=rf"Port {port} is taken .* make run PORT=\d+"):
            check_port(port)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "eight", "80.5", "٨٠٠٠"])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(CannotRun, match="PORT must be a number"):
        chosen_port()


def test_what_is_private_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o600
