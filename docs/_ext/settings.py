"""The directive ``settings``: documents every key of a configuration class from the class itself."""

from __future__ import annotations

import importlib
import types
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

import attrs
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from ptgbot.tables import key_of

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
    value: Any = attribute.default
    if value is attrs.NOTHING:
        return "needed"
    if factory := getattr(value, "factory", None):
        if value.takes_self:
            return "taken from other keys"
        made = factory()
        return "with defaults of its own" if attrs.has(type(made)) else f"default {written(made)}"
    return "not set" if value in (None, "") else f"default {written(value)}"


def identify(table: str, name: str) -> str:
    """Return the identifier of a key on its page."""
    return nodes.make_id(f"key-{table}-{name}")


class Settings(SphinxDirective):
    """``.. settings:: TABLE module:Class``: one entry for each key."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the entries."""
        table, name = self.arguments
        return [nodes.definition_list("", *(self._entry(table, one) for one in attrs.fields(load(name))))]

    def _entry(self, table: str, key: attrs.Attribute[Any]) -> nodes.definition_list_item:
        name = key_of(key)
        kind = self._inline(f": {describe(key.type)}; {default(key)}")
        term = nodes.term("", "", nodes.literal("", name), *kind, ids=[identify(table, name)])
        meaning = nodes.paragraph("", "", *self._inline(key.metadata["help"]))
        entry = nodes.definition_list_item("", term, nodes.definition("", meaning))
        self.set_source_info(entry)
        return entry

    def _inline(self, text: str) -> list[nodes.Node]:
        found, problems = self.parse_inline(text)
        return [*found, *problems]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("settings", Settings)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
