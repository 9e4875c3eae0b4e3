"""Where a clinic on one machine keeps what is its own, and how it writes what nobody else may read."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Places:
    var: Path

    @classmethod
    def of_environment(cls) -> "Places":
        return cls(Path(os.environ.get("VAR_DIR", str(ROOT / "var"))).resolve())

    @property
    def logs(self) -> Path:
        return self.var / "log"

    @property
    def lock(self) -> Path:
        return self.var / "run" / "lock"

    @property
    def environment(self) -> Path:
        return self.var / "run" / "environment"

    @property
    def secret_key(self) -> Path:
        return self.var / "secret-key"

    @property
    def demo_secrets(self) -> Path:
        return self.var / "demo-secrets.json"

    @property
    def demo(self) -> Path:
        return self.var / "demo.json"

    def make(self) -> None:
        self.var.mkdir(parents=True, exist_ok=True)
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.lock.parent.mkdir(mode=0o700, exist_ok=True)


def write_private(path: Path, text: str) -> None:
    """Replace the file at once; nobody but its owner ever could read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)
