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
        changed: Test files that are newer than the measurement; they run whole, before all others.
    """

    root: Path
    measured: Measured
    breadth: dict[str, int]
    changed: list[str] = attrs.field(factory=list)

    def choose(self, flip: Flip) -> list[str]:
        """Return the tests for a flip in the order in which they shall run.

        A line that runs when the module is imported may matter to every test, and so may one that only processes
        execute of which coverage knows nothing, because they are killed or have an environment of their own. Then those
        tests come first whose file imports the module, or that stand in the folder that mirrors its folder, or execute
        functions of the module.
        """
        lines = self.measured.lines.get(flip.file, {})
        tree = ast.parse((self.root / flip.file).read_text())
        bodies = _bodies(tree)
        inside = flip.start[0] in bodies
        wanted = _statement(tree, flip.start[0]) if inside else bodies
        found = {test for line in wanted for test in lines.get(line, ())}
        narrow = bool(inside and found)
        mirrored, folder = self.mirrored(flip.file), self.folder(flip.file)
        importing = set() if narrow else self.importing(flip.file)

        def rank(test: str) -> tuple[bool, bool, bool, bool, int, str]:
            file = test.partition("::")[0]
            near = Path(file).parent == folder
            return file not in mirrored, file not in importing, not near, test not in found, self.breadth[test], test

        changed = sorted(self.changed, key=lambda file: (file not in mirrored, Path(file).parent != folder, file))
        chosen = sorted(found if narrow else self.measured.seconds, key=rank)
        return [*changed, *(test for test in chosen if test.partition("::")[0] not in changed)]

    def folder(self, file: str) -> Path:
        """Return the folder of tests that mirrors the folder of a source."""
        return Path("tests", *Path(file).parent.parts[1:])

    def importing(self, file: str) -> set[str]:
        """Return the test files that name the module of a source."""
        module = ".".join(Path(file).with_suffix("").parts)
        tests = {test.partition("::")[0] for test in self.measured.seconds}
        return {test for test in tests if module in (self.root / test).read_text()}

    def mirrored(self, file: str) -> list[str]:
        """Return the test files that are named after a source, those in the mirrored folder if there are such."""
        name = f"test_{Path(file).stem}.py"
        found = [str(path.relative_to(self.root)) for path in self.root.glob(f"tests/**/{name}")]
        return [one for one in found if Path(one).parent == self.folder(file)] or found


def _bodies(tree: ast.AST) -> set[int]:
    """Return the lines of the bodies of all functions."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    spans = [range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1) for node in functions]
    return {line for span in spans for line in span}


def _statement(tree: ast.AST, line: int) -> set[int]:
    """Return the lines of the innermost statement at a line: those of one that spans several are not all recorded."""
    heads = [_head(node) for node in ast.walk(tree) if isinstance(node, ast.stmt)]
    # The lines of ``except`` and ``case`` belong to no statement.
    innermost = min((head for head in heads if line in head), key=len, default=range(line, line + 1))
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
