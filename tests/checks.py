"""`make check`: every check runs, each failure is shown, one failure fails all."""

import os
import secrets
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PYTHON = sys.executable

# What a deployment would say, so that `check --deploy` judges the strict settings. Nothing listens there.
DEPLOYMENT = {
    "STEPWELL_MODE": "production",
    "SECRET_KEY": secrets.token_urlsafe(64),
    "DATABASE_URL": "postgresql://stepwell@127.0.0.1:1/stepwell",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "PUBLIC_URL": "https://clinic.example",
}
DEVELOPER = {"STEPWELL_MODE": "test", "DATABASE_URL": DEPLOYMENT["DATABASE_URL"]}

CHECKS: list[tuple[str, list[str], dict[str, str]]] = [
    ("style", [str(BIN / "ruff"), "check", "."], {}),
    ("format", [str(BIN / "ruff"), "format", "--check", "."], {}),
    ("types", [str(BIN / "mypy")], DEVELOPER),
    ("layers", [str(BIN / "lint-imports"), "--no-logo"], DEVELOPER),
    ("migrations", [PYTHON, "-W", "ignore", "manage.py", "makemigrations", "--check", "--dry-run"], DEVELOPER),
    ("deployment", [PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], DEPLOYMENT),
    ("laws", [PYTHON, "-m", "pytest", "-q", "-n", "0", "tests/architecture"], {}),
]


def main() -> int:
    failed = [name for name, command, environment in CHECKS if not _passes(name, command, environment)]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


def _passes(name: str, command: list[str], environment: dict[str, str]) -> bool:
    began = time.monotonic()
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    print(f"{name:<12}{'failed' if done.returncode else 'ok':<8}{time.monotonic() - began:5.1f} s", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr)
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
