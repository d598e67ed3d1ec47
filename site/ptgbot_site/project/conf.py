"""Sphinx configuration of the bot's own site. ``ptgbot`` copies it and puts ``site.json`` beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ptgbot_site.build.phrases import translated_page

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "Gathering"
version = release = "1"
HERE = Path(__file__).parent
# The extensions of the features that the configuration switches on, and the language that it chooses.
told = json.loads((HERE / "site.json").read_text("utf-8")) if (HERE / "site.json").is_file() else {}
extensions = ["ptgbot_site", *told.get("extensions", ())]
language = told.get("language", "en")
ptg_features: list[str] | None = [] if told else None
exclude_patterns = ["_build", "_templates"]
# What the operator put there wins over the theme's.
templates_path = ["_templates"] if (HERE / "_templates").is_dir() else []
ptg_project = told.get("project", "")
ptg_bulk = told.get("bulk", "")
ptg_kept = told.get("kept", "")
ptg_pages = True
ptg_stubs = ["*"]

html_theme = "ptgbot"
html_copy_source = False
html_show_sourcelink = False
html_use_index = False
html_domain_indices = False
html_permalinks = False
smartquotes = False
epub_show_urls = "no"
latex_show_urls = "no"
# A day beside each other needs the long side of the sheet.
latex_documents = [("index", "site.tex", "Gathering", "", "howto")]
latex_elements = {
    "papersize": "a4paper",
    "pointsize": "10pt",
    "geometry": r"\usepackage[landscape]{geometry}",
    "sphinxsetup": "hmargin=15mm,vmargin=20mm",
    "figure_align": "H",
}
epub_copyright = "none"


def _without_search(app: Sphinx) -> None:
    # Pages change many times an hour, and stemming all of them each time is most of the cost of a build.
    if app.builder.format == "html":
        app.builder.search = False  # type: ignore[attr-defined]


def _translate(app: Sphinx, docname: str, source: list[str]) -> None:
    source[0] = translated_page(source[0])


def setup(app: Sphinx) -> None:
    """Leave out the search index and translate the pages."""
    app.connect("builder-inited", _without_search)
    app.connect("source-read", _translate)
