"""The data files a program comes with: programs, words, catalogues."""

from pathlib import Path
from typing import Any

import yaml

# The same safe loader in C where the wheel has it: a tenth of the time, for every process that starts.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """What a YAML file holds. Raises yaml.YAMLError."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_SAFE)  # noqa: S506 - one of the two safe loaders
