"""Every sentence exists, in both languages, with the same parameters."""

import ast
import re
import string
from collections.abc import Iterator

import yaml

from clinic.rules.roles import SCOPES
from clinic.wording import LANGUAGES, codes
from clinic.wording.store import FOLDER
from tests.architecture.sources import Module, modules, place

_CODE = re.compile(r"[a-z][\w-]*(\.[\w-]+)+")


def _catalogue() -> dict[str, dict[str, str]]:
    entries: dict[str, dict[str, str]] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        entries |= yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return entries


def _parameters(pattern: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(pattern) if name}


def test_every_code_has_both_languages() -> None:
    missing = [
        f"{code}: {language}"
        for code, texts in _catalogue().items()
        for language in LANGUAGES
        if not str(texts.get(language, "")).strip()
    ]
    assert not missing, missing


def test_every_scope_of_an_api_client_has_its_words() -> None:
    assert [scope for scope in SCOPES if f"label.Scope.{scope}" not in codes()] == []


def test_both_languages_use_the_same_parameters() -> None:
    differ = [
        code for code, texts in _catalogue().items() if len({frozenset(_parameters(t)) for t in texts.values()}) > 1
    ]
    assert not differ, differ


def test_every_sentence_the_code_says_stands_in_the_catalogue() -> None:
    unknown = [f"{where} {code}" for module in modules() for where, code in _said(module) if code not in codes()]
    assert not unknown, "\n".join(unknown)


def test_every_kind_of_message_has_a_name() -> None:
    from pathways.messages.library import templates

    assert [each.key for each in templates() if f"template.key.{each.key}" not in codes()] == []


def _said(module: Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name, first = getattr(node.func, "id", getattr(node.func, "attr", "")), node.args[0].value
            if name in {"sentence", "Sentence"} and isinstance(first, str) and _CODE.fullmatch(first):
                yield place(module, node), first
            if name == "Refused" and isinstance(first, str) and len(node.args) == 1:
                yield place(module, node), f"refused.{first}"
