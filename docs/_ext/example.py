"""The directive ``example``: shows its content as it is written, and below what comes of it."""

from __future__ import annotations

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata


class Example(SphinxDirective):
    """``.. example::``: source and result, one below the other."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Return both."""
        source = nodes.literal_block("", "\n".join(self.content), language="rst")
        self.set_source_info(source)
        result = nodes.container(classes=["example"])
        self.set_source_info(result)
        self.state.nested_parse(self.content, self.content_offset, result)
        return [source, result]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directive."""
    app.add_directive("example", Example)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
