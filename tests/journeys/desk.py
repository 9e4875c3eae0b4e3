"""A person at a browser: a real Chromium that minds what the pages do wrong while the journey goes on."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect, sync_playwright

from tests.chromium import found
from tests.factories.clinic import PASSWORD

AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
PICTURES = Path(__file__).resolve().parents[2] / "var" / "journeys"
GRAVE = {"serious", "critical"}
# A refusal is an answer with its status, which the browser's console reports as an error of the network.
REFUSALS = tuple(f"the server responded with a status of {each}" for each in (404, 409, 410, 422))

# What is there before a step carries a mark; where nothing carries it any more, the step was answered.
BEFORE = "data-before"
ON_ITS_WAY = ".htmx-request, .htmx-swapping, .htmx-settling"


class Desk:
    """One page and what was noticed on it. Every step that leads to a page checks it against axe-core."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.wrong: list[str] = []
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("console", self._heard)

    def _heard(self, message: ConsoleMessage) -> None:
        """Errors of scripts, and everything the Content-Security-Policy kept out."""
        if message.type == "error" and not any(each in message.text for each in REFUSALS):
            self.wrong.append(f"{self.page.url}: {message.text}")

    def sign_in(self, email: str) -> None:
        self.visit("/accounts/login/")
        self.page.get_by_label(re.compile("^E-?mail", re.IGNORECASE)).fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.press("Sign in")

    def visit(self, path: str) -> None:
        self.page.goto(f"{self.url}{path}")
        self.look()

    def press(self, name: str) -> None:
        """A button, and the page it leads to."""
        self.go(self.page.get_by_role("button", name=name, exact=True))

    def follow(self, name: str) -> None:
        """A link of the page, and where it leads to."""
        self.go(self.page.locator("#main").get_by_role("link", name=name, exact=True).first)

    def confirm(self, name: str) -> None:
        """A button that asks first, the answer yes, and the page it leads to."""
        with self.leaving():
            self.page.get_by_role("button", name=name, exact=True).click()
            self.page.locator("#confirm").get_by_role("button", name="Yes, do it").click()

    def go(self, way: Locator) -> None:
        """A click that leads to another page."""
        with self.leaving():
            way.click()

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """What is done meanwhile leads to another page, also if scripts send it a little later: that page is there
        afterwards. A click alone does not wait for it, and a page on its way out cannot be looked at."""
        _mark(self.page.locator("html"))
        yield
        self.page.locator(f"html:not([{BEFORE}])").wait_for(state="attached")
        self.look()

    @contextmanager
    def replacing(self, part: Locator) -> Iterator[None]:
        """What is done meanwhile is answered on the same page: something else stands in the place of the part."""
        _mark(part)
        yield
        self.page.locator(f"[{BEFORE}]").wait_for(state="detached")
        expect(self.page.locator(ON_ITS_WAY)).to_have_count(0)
        self.look()

    def look(self) -> None:
        """No serious or critical finding of axe-core, no error, nothing kept out by the policy. What leads to another
        page looks at it by itself; this is for what changed in place."""
        self.page.wait_for_load_state("load")
        told: list[dict[str, Any]] = self.page.evaluate(
            f"async () => {{ if (!window.axe) {{ {AXE} }}; return (await window.axe.run()).violations; }}"
        )
        grave = [
            f"{each['id']} at {node['target']}" for each in told if each["impact"] in GRAVE for node in each["nodes"]
        ]
        assert not grave, f"{self.page.url}: {grave}"
        assert not self.wrong, self.wrong

    def fits(self) -> None:
        """Nothing of the page stands out at the side."""
        wide, window = self.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        assert wide <= window, f"{self.page.url} is {wide} wide in a window of {window}"

    def sees(self, text: str) -> None:
        expect(self.page.locator("#main").get_by_text(text).first).to_be_visible()

    def heading(self, name: str) -> None:
        expect(self.page.get_by_role("heading", name=name).first).to_be_visible()


def _mark(part: Locator) -> None:
    part.evaluate(f"part => part.setAttribute('{BEFORE}', '')")


@contextmanager
def desk(url: str, *, width: int = 1440, height: int = 1000) -> Iterator[Desk]:
    """A fresh browser with one window."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=arguments)
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US", reduced_motion="reduce"
        )
        page = context.new_page()
        try:
            yield Desk(page, url)
        except BaseException:
            _remember(page)
            raise
        finally:
            context.close()
            browser.close()


def _remember(page: Page) -> None:
    """What the page looked like when the journey ended early."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "ended-early.png", full_page=True)
    print(f"{page.url}\n{page.locator('body').inner_text()[:4000]}")
