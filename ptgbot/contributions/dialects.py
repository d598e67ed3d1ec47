"""Questions in the dialects of other engines. They are written as DuckDB understands them, mostly in standard SQL."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

import sqlglot
from sqlglot import TokenType
from sqlglot import expressions as exp

from ptgbot.contributions.engine import sql

_MARK: Final = "ptgbot_value_"


@cache
def translated(name: str, dialect: str, mark: str) -> tuple[str, ...]:
    """Return the statements of a file in ``queries``.

    Macros of its folder are written out, because only DuckDB has them.

    Args:
        name: the name of the file, such as ``old/companies``.
        dialect: the name of the dialect, as sqlglot has it.
        mark: what stands for a value, with ``{}`` in place of ``p1``, ``p2`` and so on.
    """
    macros = _macros(name.rpartition("/")[0])
    found = (_marked(one) for one in sqlglot.parse(_numbered(sql(name)), read="duckdb") if one)
    return tuple(_written(_expanded(one, macros), dialect, mark) for one in found)


@cache
def _macros(folder: str) -> Mapping[str, exp.Create]:
    paths = (files("ptgbot.contributions") / "queries" / folder).iterdir() if folder else ()
    texts = (path.read_text("utf-8") for path in paths if path.name.endswith(".sql"))
    statements = (one for text in texts if " MACRO " in text for one in sqlglot.parse(text, read="duckdb"))
    return {one.this.this.name: one for one in statements if isinstance(one, exp.Create) and one.kind == "MACRO"}


def _numbered(text: str) -> str:
    """Return a text with ``$1``, ``$2`` and so on in place of question marks."""
    marks = [one for one in sqlglot.tokenize(text, read="duckdb") if one.token_type is TokenType.PLACEHOLDER]
    for number, one in reversed([*enumerate(marks, 1)]):
        text = f"{text[: one.start]}${number}{text[one.end + 1 :]}"
    return text


def _marked(statement: exp.Expr) -> exp.Expr:
    """Return a statement whose values are columns that no table has."""
    for one in [*statement.find_all(exp.Placeholder)]:
        one.replace(exp.column(f"{_MARK}p{one.this}"))
    return statement


def _expanded(statement: exp.Expr, macros: Mapping[str, exp.Create]) -> exp.Expr:
    while call := next((one for one in statement.find_all(exp.Anonymous) if one.name.lower() in macros), None):
        macro = macros[call.name.lower()]
        values = dict(zip((one.name for one in macro.this.expressions), call.expressions, strict=True))
        body = macro.expression.copy()
        for column in [*body.find_all(exp.Column)]:
            if not column.table and column.name in values:
                column.replace(values[column.name].copy())
        table = call.parent
        if isinstance(table, exp.Table):
            named = table.args.get("alias") or exp.TableAlias(this=macro.this.this.this)
            table.replace(exp.Subquery(this=body, alias=named))
        else:
            call.replace(exp.Paren(this=body))
    return statement


def _written(statement: exp.Expr, dialect: str, mark: str) -> str:
    text = statement.sql(dialect=dialect, comments=False)
    if "%" in mark:
        text = text.replace("%", "%%")
    for column in sorted({one.name for one in statement.find_all(exp.Column)}, key=len, reverse=True):
        if column.startswith(_MARK):
            text = text.replace(column, mark.format(column.removeprefix(_MARK)))
    return text
