"""Reading scripts: those shipped with the product, and what a person wrote."""

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

from clinic.rules.sentences import sentence
from pathways.programs.library import read_yaml
from pathways.rules.documents import Problem
from pathways.rules.programs import DocumentError
from pathways.rules.rehearsals import LONGEST_SCRIPT, Script, ScriptError, as_data, read_script

FOLDER = Path(__file__).parent


class Preset(StrEnum):
    """The scripts one can choose; the first four are files beside this one."""

    STEADY = "steady"
    SLOW_START = "slow_start"
    RETURN_TO_USE = "return_to_use"
    GOES_SILENT = "goes_silent"
    RANDOM = "random"


SHIPPED = (Preset.STEADY, Preset.SLOW_START, Preset.RETURN_TO_USE, Preset.GOES_SILENT)


@cache
def text_of(preset: Preset) -> str:
    """A shipped script as it is written. Raises FileNotFoundError for the random one, which no file holds."""
    return (FOLDER / f"{preset.value}.yaml").read_text(encoding="utf-8")


@cache
def script_of(preset: Preset) -> Script:
    """A shipped script, read and checked."""
    return script_from(text_of(preset))


def script_from(text: str) -> Script:
    """A script from YAML or JSON text. Raises ScriptError with every problem, the line where it is none at all."""
    if len(text) > LONGEST_SCRIPT:
        raise ScriptError((Problem("script", sentence("program.problem.too_long", most=LONGEST_SCRIPT)),))
    try:
        data = read_yaml(text)
    except DocumentError as error:
        raise ScriptError(error.problems) from error
    return read_script(data)


def text_from(script: Script | Mapping[str, object]) -> str:
    """A script as YAML that people can read and change."""
    data = as_data(script) if isinstance(script, Script) else dict(script)
    return yaml.safe_dump(data, sort_keys=False, allow_unicode=True, default_flow_style=None, width=100)
