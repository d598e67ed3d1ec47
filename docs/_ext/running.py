"""The directives ``metrics``, ``exits`` and ``program-help``: what a running bot tells, from the program itself."""

from __future__ import annotations

import argparse
import os
from abc import abstractmethod
from collections.abc import Iterator, Sequence

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from ptgbot.cli import parser
from ptgbot.exits import MEANINGS
from ptgbot.metrics import METRICS, PROCESS

_WIDTH = "80"
"""Characters in a line of ``--help``, the same wherever the documentation is built."""


class Entries(SphinxDirective):
    """A list of terms with their meanings."""

    def run(self) -> Sequence[nodes.Node]:
        """Return the list."""
        items = []
        for term, more, meaning in self.entries():
            words, _ = self.parse_inline(more)
            text, _ = self.parse_inline(meaning)
            name = nodes.term("", "", nodes.literal("", term), *words, ids=[nodes.make_id(f"{self.name}-{term}")])
            items.append(nodes.definition_list_item("", name, nodes.definition("", nodes.paragraph("", "", *text))))
        made = nodes.definition_list("", *items)
        self.set_source_info(made)
        return [made]

    @abstractmethod
    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Yield each term, words behind it, and its meaning."""


class Metrics(Entries):
    """``.. metrics::``: every metric of the program."""

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Yield each metric with its kind and labels, and its meaning."""
        for one in METRICS:
            labels = "; labels " + ", ".join(f"``{label}``" for label in one.labels) if one.labels else ""
            yield one.name, f": {one.kind}{labels}", one.help
        for name in PROCESS:
            yield name, ": of the bot's process", "As the Python client of Prometheus documents it."


class Exits(Entries):
    """``.. exits::``: every exit status."""

    def entries(self) -> Iterator[tuple[str, str, str]]:
        """Yield each status with its meaning."""
        for status, meaning in MEANINGS.items():
            text = meaning.replace("`", "``")
            yield str(status.value), "", f"{text[0].upper()}{text[1:]}."


class ProgramHelp(SphinxDirective):
    """``.. program-help::``: ``--help`` of each command of the program."""

    def run(self) -> Sequence[nodes.Node]:
        """Return a section for each command."""
        os.environ["COLUMNS"] = _WIDTH
        found = next(one for one in parser()._actions if isinstance(one, argparse._SubParsersAction))  # noqa: SLF001
        return [self._section(name, made) for name, made in found.choices.items()]

    def _section(self, name: str, made: argparse.ArgumentParser) -> nodes.section:
        section = nodes.section("", nodes.title("", "", nodes.literal("", f"ptgbot {name}")))
        section["ids"] = [nodes.make_id(f"ptgbot-{name}")]
        section["names"] = [nodes.fully_normalize_name(f"ptgbot {name}")]
        section += nodes.literal_block("", made.format_help(), language="none")
        self.set_source_info(section)
        return section


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("metrics", Metrics)
    app.add_directive("exits", Exits)
    app.add_directive("program-help", ProgramHelp)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
