"""Rules import with every framework blocked."""

import subprocess
import sys

from tests.architecture.sources import ROOT, modules

BLOCKED = ("django", "rest_framework", "celery", "psycopg2", "requests", "allauth", "redis", "smtplib")

_PROGRAM = """
import importlib, sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {blocked}:
            raise ImportError(name + " is blocked")

sys.meta_path.insert(0, Block())
for name in {names}:
    importlib.import_module(name)
"""


def test_rules_import_with_frameworks_blocked() -> None:
    names = [
        ".".join(module.path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for module in modules()
        if module.layer == "rules"
    ]
    program = _PROGRAM.format(blocked=set(BLOCKED), names=names)
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert names
    assert done.returncode == 0, done.stderr


def test_rules_read_no_clock() -> None:
    import ast

    from tests.architecture.sources import place

    clocks = {"now", "today", "utcnow", "time", "monotonic"}
    asked = [
        place(module, node)
        for module in modules()
        if module.layer == "rules"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in clocks
        if isinstance(node.func.value, ast.Name) and node.func.value.id in {"datetime", "date", "time", "timezone"}
    ]
    assert not asked, asked
