"""Actions are the only writers; doors do not reach for managers."""

import ast
import re

import pytest

from tests.architecture.sources import Module, modules, place

ALWAYS = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "abulk_create", "asave"}
ON_ROWS = {"create", "update", "delete", "acreate", "aupdate", "adelete"}
ROWS = re.compile(r"\.(objects|_base_manager|_default_manager)\b|\.(filter|exclude|all|visible_to|select_for_update)\(")
SQL = re.compile(r"\s*(INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|TRUNCATE)\b", re.IGNORECASE)

# What prepares the database itself, before there is anything to act on.
OPERATORS = {"clinic/database.py"}


def _may_write(module: Module) -> bool:
    return module.layer in {"actions", "running", "config"} or module.name in OPERATORS


def _writes(tree: ast.AST) -> list[ast.Call]:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return [call for call in calls if _is_write(call)]


def _is_write(call: ast.Call) -> bool:
    assert isinstance(call.func, ast.Attribute)
    verb, receiver = call.func.attr, ast.unparse(call.func.value)
    if verb in ALWAYS:
        return True
    if verb in {"delete", "adelete"} and not call.args and not call.keywords:
        return True
    if verb == "execute" and call.args:
        return bool(SQL.match(ast.unparse(call.args[0]).lstrip("f'\"")))
    return verb in ON_ROWS and bool(ROWS.search(f".{receiver}" if receiver.startswith("objects") else receiver))


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("patient.save()", True),
        ("Patient.objects.create(name='x')", True),
        ("Patient.objects.filter(id=1).update(name='x')", True),
        ("patient.delete()", True),
        ("Patient.objects.bulk_create(rows)", True),
        ("cursor.execute('DELETE FROM patients_patient')", True),
        ("cursor.execute('SELECT 1')", False),
        ("facts.update(more)", False),
        ("cache.delete(key)", False),
        ("digest.update(body)", False),
    ],
)
def test_the_guard_itself_sees_writes(code: str, found: bool) -> None:
    assert bool(_writes(ast.parse(code))) is found


def test_only_actions_write() -> None:
    found = [
        f"{place(module, call)} {ast.unparse(call.func)}"
        for module in modules()
        if not _may_write(module)
        for call in _writes(module.tree)
    ]
    assert not found, "\n".join(found)


def test_doors_use_no_managers() -> None:
    found = [
        f"{place(module, node)} {ast.unparse(node)}"
        for module in modules()
        if module.is_door
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager", "_base_manager"}
    ]
    assert not found, "\n".join(found)


def test_actions_take_keywords_only_and_say_what_they_guarantee() -> None:
    wrong = [
        f"{place(module, function)} {function.name}"
        for module in modules()
        if module.layer == "actions"
        for function in ast.walk(module.tree)
        if isinstance(function, ast.FunctionDef) and _is_action(function)
        if function.args.args or function.args.posonlyargs or not ast.get_docstring(function)
    ]
    assert not wrong, "\n".join(wrong)


def _is_action(function: ast.FunctionDef) -> bool:
    calls = [d for d in function.decorator_list if isinstance(d, ast.Call)]
    return any(isinstance(call.func, ast.Name) and call.func.id == "action" for call in calls)


def test_tasks_know_no_delay() -> None:
    """PostgreSQL is the queue of record: no ETA, no countdown anywhere."""
    found = [
        place(module, node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.keyword) and node.arg in {"eta", "countdown"}
    ]
    assert not found, found
