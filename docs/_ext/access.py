"""What Sphinx leaves out for people who use a keyboard or a screen reader."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

MENDED = {
    '<div class="highlight">': '<div class="highlight" tabindex="0">',  # a keyboard can then move in a wide block
    'class="caption" role="heading">': 'class="caption" role="heading" aria-level="2">',
}


def mend(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: object) -> None:
    """Mend the body of a page before it is written."""
    for found, better in MENDED.items():
        if body := context.get("body"):
            context["body"] = body.replace(found, better)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Mend every page."""
    app.connect("html-page-context", mend)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
