"""Where our theme is, and whether pages are framed by it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

THEME = Path(__file__).parent.parent / "theme"


def ours(app: Sphinx) -> bool:
    """Say whether these pages are framed by our theme, so that they have our style sheet."""
    return app.builder.format == "html" and app.builder.name != "epub" and app.config.html_theme == "ptgbot"
