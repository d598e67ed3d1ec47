"""Enumerates the flips that cosmic-ray's operators can make, and draws some of them.

A place is a stretch of the source that at least one operator can change. Places are drawn, not flips, and one flip is
made at each place drawn: cosmic-ray makes eleven flips of each ``+`` and nearly all of them raise TypeError at once, so
that a sample of flips would mostly be made of those.
"""

from __future__ import annotations

import ast
import random
import warnings
from collections.abc import Iterator
from pathlib import Path

import attrs
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

Position = tuple[int, int]

LEAVES = frozenset({"endmarker", "fstring_end", "fstring_start", "fstring_string", "name", "newline", "string"})
"""Kinds of parso's leaves that no operator changes; skipping them halves the time of the enumeration."""


@attrs.frozen(order=True)
class Flip:
    """One change of one file.

    Attributes:
        file: The path, relative to the root of the repository.
        start: Line, from 1, and column, from 0, of the place.
        end: The same of its end.
        operator: The name of cosmic-ray's operator.
        occurrence: Which of the changes that this operator can make in the file, from 0.
    """

    file: str
    start: Position
    end: Position
    operator: str
    occurrence: int

    def apply(self, source: str) -> str | None:
        """Return the changed source, or None if Python refuses or warns to compile it: no test is needed then."""
        changed = mutate_code(source, get_operator(self.operator)(), self.occurrence)
        if changed is None or changed == source:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                compile(changed, self.file, "exec", dont_inherit=True)
        except (SyntaxError, SyntaxWarning, ValueError):
            return None
        return str(changed)


def draw(root: Path, files: list[str], seed: int, wanted: int) -> list[Flip]:
    """Draw so many flips, each at another place; the same ones for the same sources and seed."""
    chance = random.Random(seed)
    places: dict[tuple[str, Position, Position], list[Flip]] = {}
    sources = {file: (root / file).read_text() for file in files}
    for file, source in sources.items():
        for flip in all_flips(file, source):
            places.setdefault((flip.file, flip.start, flip.end), []).append(flip)
    drawn: list[Flip] = []
    for place in chance.sample(sorted(places), len(places)):
        flips = chance.sample(sorted(places[place]), len(places[place]))
        good = next((flip for flip in flips if flip.apply(sources[flip.file]) is not None), None)
        if good is not None:
            drawn.append(good)
        if len(drawn) == wanted:
            break
    return drawn


def all_flips(file: str, source: str) -> Iterator[Flip]:
    """Yield the flips of a file, without those that cannot matter by construction."""
    nodes = [node for node in ast_nodes(get_ast(source)) if node.type not in LEAVES]
    left_out = list(meaningless(source))
    for name in operator_names():
        kind = get_operator(name)
        if kind.arguments():
            continue
        operator = kind()
        found = [place for node in nodes for place in operator.mutation_positions(node)]
        for occurrence, (start, end) in enumerate(found):
            if not any(first <= start and end <= last for first, last in left_out):
                yield Flip(file, start, end, name, occurrence)


def meaningless(source: str) -> Iterator[tuple[Position, Position]]:
    """Yield the stretches of a source in which no flip can matter.

    - Annotations: no code evaluates them, because of ``from __future__ import annotations``.
    - Unions of types at the level of a module: a name for annotations; a flip is a TypeError of the import.
    - Assertions: the house rule is that they only narrow types for mypy.
    - Protocols and abstract methods: they have no behaviour, classes that implement them do.
    - ``if TYPE_CHECKING``: never executed.
    - ``init=False`` of a field of attrs: the flip adds an argument to a constructor, which no caller gives.
    """
    lines = source.splitlines()

    def stretch(first: ast.AST, last: ast.AST) -> tuple[Position, Position]:
        return (
            (first.lineno, len(lines[first.lineno - 1].encode()[: first.col_offset].decode())),  # type: ignore[attr-defined]
            (last.end_lineno, len(lines[last.end_lineno - 1].encode()[: last.end_col_offset].decode())),  # type: ignore[attr-defined]
        )

    tree = ast.parse(source)
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and _is_union(statement.value):
            yield stretch(statement.value, statement.value)
    for node in ast.walk(tree):
        match node:
            case ast.arg(annotation=ast.expr() as annotation) | ast.AnnAssign(annotation=annotation):
                yield stretch(annotation, annotation)
            case ast.FunctionDef(returns=returns) | ast.AsyncFunctionDef(returns=returns):
                if any("abstractmethod" in ast.unparse(one) for one in node.decorator_list):
                    yield ((min(one.lineno for one in node.decorator_list), 0), stretch(node, node)[1])
                if returns is not None:
                    yield stretch(returns, returns)
            case ast.Assert() | ast.keyword(arg="init", value=ast.Constant(value=False)):
                yield stretch(node, node)
            case ast.ClassDef(bases=bases) if any("Protocol" in ast.unparse(base) for base in bases):
                yield stretch(node, node)
            case ast.If(test=test) if "TYPE_CHECKING" in ast.unparse(test):
                yield stretch(node, node)


def _is_union(value: ast.expr) -> bool:
    names = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant)
    match value:
        case ast.BinOp(op=ast.BitOr(), left=left, right=right):
            return all(isinstance(one, names) or _is_union(one) for one in (left, right))
    return False
