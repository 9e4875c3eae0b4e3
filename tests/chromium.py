"""Finds a Chromium for the browser tests, or gets one: they are never skipped. `--path` prints where it is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


def found() -> str | None:
    """CHROMIUM of the environment, a system's browser, or the one Playwright downloaded."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if shutil.which(named) else None
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _playwrights()


def _playwrights() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def get() -> str | None:
    """Debian's package where we may install, else Playwright's own download."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("Installing Chromium with apt-get ...", file=sys.stderr)
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "chromium"]):
            subprocess.run(command, check=False, env=environment, **quiet)  # type: ignore[call-overload]
        if path := found():
            return path
    print("Downloading Chromium with Playwright ...", file=sys.stderr)
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False, stdout=sys.stderr)
    return found()


def main() -> int:
    path = found() or get()
    if path is None:
        wrong = f"CHROMIUM names {os.environ['CHROMIUM']}, which is no program. " if os.environ.get("CHROMIUM") else ""
        print(
            f"{wrong}The browser tests need Chromium: install the package chromium (Debian: apt-get install chromium) "
            "or set CHROMIUM to the path of a Chrome.",
            file=sys.stderr,
        )
        return 1
    if "--path" in sys.argv:
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
