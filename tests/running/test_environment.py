"""Settings out of the environment: nonsense stops the start and names the variable."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from clinic.config import environment as env


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("maybe", lambda: env.flag("STEPWELL_X", default=True)),
        ("12x", lambda: env.number("STEPWELL_X", default=1, least=0, most=20)),
        ("21", lambda: env.number("STEPWELL_X", default=1, least=0, most=20)),
        ("-1", lambda: env.number("STEPWELL_X", default=1, least=0, most=20)),
        ("loud", lambda: env.choice("STEPWELL_X", "quiet", "silent", default="quiet")),
        ("ftp://host", lambda: env.url("STEPWELL_X", "https")),
        ("host", lambda: env.url("STEPWELL_X", "https")),
        ("whsec_", lambda: env.signing_secret("STEPWELL_X")),
        ("whsec_c2hvcnQ=", lambda: env.signing_secret("STEPWELL_X")),
        ("whsec_not base64, whatever its length", lambda: env.signing_secret("STEPWELL_X")),
        ("not base64, whatever its length", lambda: env.signing_secret("STEPWELL_X")),
    ],
)
def test_nonsense_is_refused_by_name(value: str, read: Callable[[], object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWELL_X", value)
    with pytest.raises(ImproperlyConfigured, match="STEPWELL_X must"):
        read()


def test_a_signing_secret_may_be_there_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.signing_secret("STEPWELL_X") == ""
    monkeypatch.setenv("STEPWELL_X", "whsec_" + "A" * 32)
    assert env.signing_secret("STEPWELL_X") == "whsec_" + "A" * 32


def test_a_secret_may_come_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("hush\n")
    monkeypatch.setenv("STEPWELL_X_FILE", str(tmp_path / "secret"))
    assert env.text("STEPWELL_X") == "hush"


def test_a_secret_in_two_places_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWELL_X", "one")
    monkeypatch.setenv("STEPWELL_X_FILE", str(tmp_path / "two"))
    with pytest.raises(ImproperlyConfigured, match="not both"):
        env.text("STEPWELL_X")


def test_a_missing_secret_file_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPWELL_X_FILE", str(tmp_path / "none"))
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        env.text("STEPWELL_X")


def test_a_database_address_is_understood() -> None:
    found = env.database("postgresql://us%40er:p%2Fw@db.example:6432/clinic?sslmode=require")
    assert found["USER"], found["PASSWORD"] == ("us@er", "p/w")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.example", "6432", "clinic")
    assert found["OPTIONS"] == {"sslmode": "require"}


def test_a_database_behind_a_socket_is_understood() -> None:
    assert env.database("postgresql://stepwell@/clinic?host=%2Fvar%2Fpg")["HOST"] == "/var/pg"


@pytest.mark.parametrize("address", ["mysql://host/name", "postgresql://host", "postgresql://host/", "clinic"])
def test_a_database_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like"):
        env.database(address)
