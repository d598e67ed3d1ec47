"""Which tests can notice a flip, those first that are likeliest to."""

from __future__ import annotations

import ast
from pathlib import Path

import attrs

from tests.mutation.flips import Flip
from tests.mutation.measuring import Measured


@attrs.frozen
class Chooser:
    """Chooses tests by what one measurement told.

    Attributes:
        root: The repository.
        measured: Which tests execute which line.
        breadth: How many lines each test executes: the fewer, the more specific the test is.
        changed: Test files that are newer than the measurement; they run whole.
    """

    root: Path
    measured: Measured
    breadth: dict[str, int]
    changed: list[str] = attrs.field(factory=list)

    def choose(self, flip: Flip) -> list[str]:
        """Return the tests for a flip in the order in which they shall run."""
        files = self.measured.lines.get(flip.file, {})
        tree = ast.parse((self.root / flip.file).read_text())
        lines = _lines(tree, flip)
        found = {test for line in lines for test in files.get(line, ())} if lines else set()
        found = found or {test for tests in files.values() for test in tests} or set(self.measured.seconds)
        mirrored = self.mirrored(flip.file)

        def rank(test: str) -> tuple[bool, bool, int, str]:
            file = test.partition("::")[0]
            return file not in mirrored, Path(file).parent != self.folder(flip.file), self.breadth[test], test

        own = [file for file in self.changed if Path(file).parent == self.folder(flip.file) or file in mirrored]
        return [*own, *(test for test in sorted(found, key=rank) if test.partition("::")[0] not in own)]

    def folder(self, file: str) -> Path:
        """Return the folder of tests that mirrors the folder of a source."""
        return Path("tests", *Path(file).parent.parts[1:])

    def mirrored(self, file: str) -> list[str]:
        """Return the test files that are named after a source, those in the mirrored folder if there are such."""
        name = f"test_{Path(file).stem}.py"
        found = [str(path.relative_to(self.root)) for path in self.root.glob(f"tests/**/{name}")]
        return [one for one in found if Path(one).parent == self.folder(file)] or found


def _lines(tree: ast.AST, flip: Flip) -> set[int]:
    """Return the lines that run when the flipped code runs; nothing, if that is the import of the module."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    inside: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.stmt) or node.end_lineno is None:
            continue
        if isinstance(node, functions) and node.body[0].lineno <= flip.start[0] <= node.end_lineno:
            inside.add(node.lineno)
    if not inside:
        return set()
    # The innermost statement: lines of a statement that spans several are not all recorded.
    heads = [_head(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    around = [head for head in heads if flip.start[0] in head]
    # The lines of ``except`` and ``case`` belong to no statement.
    innermost = min(around, key=len, default=range(flip.start[0], flip.start[0] + 1))
    return set(innermost)


def _head(node: ast.stmt) -> range:
    """Return the lines of a statement without those of the statements in it."""
    last = node.end_lineno or node.lineno
    body = getattr(node, "body", None) or getattr(node, "cases", None)
    if body:
        first = body[0]
        start = first.lineno if isinstance(first, ast.stmt) else first.pattern.lineno
        last = max(node.lineno, start - 1)
    return range(node.lineno, last + 1)
