"""The core knows no feature: neither by an import nor by a name in quotes."""

from __future__ import annotations

import ast
import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = [entry for entry in entry_points(group="ptgbot.features") if entry.value.startswith("ptgbot.")]
# A feature may have another name than its folder.
FEATURES = sorted({name for entry in OURS for name in (entry.name, entry.module.removeprefix("ptgbot."))})
ALLOWED = {
    "ptgbot/demo.py": "the sample is a gathering, with the board of a made-up server",
    "ptgbot/parts/jobs.py": "the status is that of a process that has ended",
    "ptgbot/web/child.py": "the status is that of an answer of HTTP",
    "ptgbot/web/remote.py": "the status is that of an answer of HTTP",
    "ptgbot/tools/legacy.py": "reads the configuration of a bot that had only a gathering",
    "ptgbot/tools/asking.py": "the status is that of the running bot",
    "ptgbot/tools/running.py": "the status is that of the running bot",
    "ptgbot/tools/times.py": "gives the slots of a gathering times, before any bot has it",
}


def core_files() -> list[Path]:
    files = [path for folder in ("ptgbot", "adapters", "site/ptgbot_site") for path in (ROOT / folder).rglob("*.py")]
    names = [ROOT / folder / name for folder in ("ptgbot", "site/ptgbot_site") for name in FEATURES]
    return sorted(path for path in files if not any(path.is_relative_to(owned) for owned in names))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", core_files(), ids=relative)
def test_no_file_of_the_core_names_a_feature(path: Path) -> None:
    if relative(path) in ALLOWED:
        return
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if _names_feature(alias.name)]
        elif isinstance(node, ast.ImportFrom) and node.module and _names_feature(node.module):
            found.append(node.module)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _literals():
            found.append(node.value)
    assert found == []


def _names_feature(module: str) -> bool:
    return any(re.match(rf"ptgbot(_site)?\.{name}(\.|$)", module) for name in FEATURES)


def _literals() -> set[str]:
    return {*FEATURES, *(f"ptgbot_site.{name}" for name in FEATURES), *(f"ptgbot.{name}" for name in FEATURES)}


def test_the_exceptions_exist() -> None:
    assert [name for name in ALLOWED if not (ROOT / name).exists()] == []
