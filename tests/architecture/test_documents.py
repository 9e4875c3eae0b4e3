"""What the documents point at is there."""

import re
from pathlib import Path

from tests.architecture.sources import ROOT

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"```.*?```", re.DOTALL)


def _documents() -> list[Path]:
    return [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def test_every_link_leads_somewhere() -> None:
    broken = []
    for document in _documents():
        for target in _LINK.findall(_CODE.sub("", document.read_text(encoding="utf-8"))):
            path, _, anchor = target.partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            there = (document.parent / path).resolve() if path else document
            if not there.exists() or (anchor and there.suffix == ".md" and anchor not in _anchors(there)):
                broken.append(f"{document.relative_to(ROOT)}: {target}")
    assert not broken, broken


def test_every_make_target_the_documents_name_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for d in _documents() for name in re.findall(r"`make ([a-z-]+)", d.read_text(encoding="utf-8"))}
    assert named <= targets, named - targets


def _anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}
