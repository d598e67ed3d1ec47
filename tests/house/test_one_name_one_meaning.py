"""In the core, one public name has one meaning."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

CORE = Path(__file__).parents[2] / "ptgbot"
FEATURES = ("ci", "contributions", "gathering", "meetings", "status")
REASONED = {
    "Record": "chat names the protocol that features see of the store's record",
    "History": "chat names the protocol that features see of the store's history",
    "main": "each module that is started as a program has one",
    "Format": "the store needs less of a format than a feature brings",
}
"""Names with two definitions, and why they mean the same thing."""


def definitions() -> dict[str, list[str]]:
    """Return the files that define each public function and class of the core."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(CORE.rglob("*.py")):
        if path.relative_to(CORE).parts[0] in FEATURES:
            continue
        for name in _public(ast.parse(path.read_text("utf-8"))):
            found[name].append(path.relative_to(CORE).as_posix())
    return found


def _public(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name


def test_a_public_name_is_defined_once() -> None:
    twice = {name: files for name, files in definitions().items() if len(files) > 1 and name not in REASONED}
    assert twice == {}


def test_every_reason_is_needed() -> None:
    found = definitions()
    assert [name for name in REASONED if len(found.get(name, [])) < 2] == []
