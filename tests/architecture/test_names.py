"""Names and sizes."""

import ast

from tests.architecture.sources import modules, place

BANNED = {"utils", "util", "common", "core", "helpers", "helper", "base", "misc", "services", "service", "managers"}
LONGEST_FUNCTION = 50
LONGEST_MODULE = 400


def test_no_module_is_called_by_a_word_that_says_nothing() -> None:
    banned = [module.name for module in modules() if BANNED & {part.lower() for part in module.parts}]
    assert not banned, banned


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{place(module, node)} {node.name}: {_length(node)} lines"
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_module_is_longer_than_one_can_read_at_once() -> None:
    long = [f"{module.name}: {module.lines} lines" for module in modules() if module.lines > LONGEST_MODULE]
    assert not long, long


def test_rules_say_what_they_decide() -> None:
    silent = [
        f"{place(module, node)} {node.name}"
        for module in modules()
        if module.layer == "rules"
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of code; the docstring is free."""
    last = node.end_lineno or node.lineno
    first = node.body[0]
    documented = ast.get_docstring(node) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0
    return last - node.lineno + 1 - docstring
