"""The directive ``settings``: documents every key of a configuration class from the class itself."""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

WORDS: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    timedelta: "number",
    types.NoneType: "",
}


def load(name: str) -> type[Any]:
    """Return the class that ``module:Class`` names, with its annotations resolved."""
    module, _, attribute = name.partition(":")
    found: type[Any] = getattr(importlib.import_module(module), attribute)
    return attrs.resolve_types(found)


def describe(annotation: Any) -> str:
    """Return the type of a key in words of TOML."""
    inner = [describe(one) for one in get_args(annotation) if one not in (types.NoneType, Ellipsis)]
    origin = get_origin(annotation)
    if origin is Literal:
        return " or ".join(f'``"{value}"``' for value in get_args(annotation))
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(inner))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return f"table of {inner[-1]}"
    if origin is not None:
        return "list of " + " or ".join(f"{word}s" for word in inner[0].split(" or "))
    return "table" if attrs.has(annotation) else WORDS.get(annotation, "text")


def written(value: Any) -> str:
    """Return a default as TOML would have it."""
    if isinstance(value, bool):
        return f"``{str(value).lower()}``"
    if isinstance(value, int | float):
        return f"``{value:_}``" if value >= 10_000 else f"``{value}``"
    if isinstance(value, timedelta):
        return f"``{value.total_seconds():g}``"
    if isinstance(value, tuple | list | frozenset | set):
        return "``[" + ", ".join(written(one).strip("`") for one in value) + "]``"
    return f'``"{value}"``'


def default(attribute: attrs.Attribute[Any]) -> str:
    """Return what counts where a key is left out."""
    value = attribute.default
    if value is attrs.NOTHING:
        return "none: the key is needed"
    if isinstance(value, attrs.Factory):  # type: ignore[arg-type]
        return "taken from other keys" if value.takes_self else written(value.factory())
    return "not set" if value is None else written(value)


def lines(table: str, kind: type[Any]) -> Iterator[str]:
    """Yield reStructuredText that documents every key of a class."""
    for attribute in attrs.fields(kind):
        yield f".. confval:: {table}.{attribute.alias or attribute.name}"
        yield f"   :type: {describe(attribute.type)}"
        yield f"   :default: {default(attribute)}"
        yield ""
        yield f"   {attribute.metadata['help']}"
        yield ""


class Settings(SphinxDirective):
    """``.. settings:: TABLE module:Class``: one entry for each key."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the entries."""
        table, name = self.arguments
        text = "\n".join(lines(table, load(name)))
        return self.parse_text_to_nodes(text)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("settings", Settings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
