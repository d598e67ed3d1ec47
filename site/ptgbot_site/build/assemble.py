"""Assembles the source of the bot's own site: the pages of extensions, and a contents page that lists them."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

from ptgbot_site.build.frame import menu_pages
from ptgbot_site.build.registry import registry

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config

DEFAULT = Path(__file__).parent / "pages"
"""Pages for a site whose extensions have no page of the same name."""


def _copy_pages(app: Sphinx, config: Config) -> None:
    """Copy the pages of all extensions into the source, if this project is the bot's own site."""
    if not config.ptg_pages:
        return
    source = Path(app.srcdir)
    for folder in (DEFAULT, *(one.folder / "pages" for one in registry(app).extensions)):
        for page in sorted(folder.rglob("*.rst")):
            target = source / page.relative_to(folder)
            if not target.exists() or target.read_bytes() != page.read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(page, target)


def _add_templates(app: Sphinx, config: Config) -> None:
    """Add the templates of extensions to Sphinx, after the operator's own."""
    folders = (one.folder / "templates" for one in registry(app).extensions)
    config.templates_path = [*config.templates_path, *(str(folder) for folder in folders if folder.is_dir())]


def _list_pages(app: Sphinx, doctree: nodes.document) -> None:
    """List all pages of the menu on the first page, so that a PDF or a book contains them."""
    first = app.config.root_doc
    if app.env.docname != first or not menu_pages(app):
        return
    section = next(iter(doctree.findall(nodes.section)), doctree)
    pages = [page for page in menu_pages(app) if page != first and page in app.env.found_docs]
    tree = addnodes.toctree(
        "",
        parent=first,
        entries=[(None, page) for page in pages],
        includefiles=pages,
        maxdepth=-1,
        caption=None,
        glob=False,
        hidden=True,
        includehidden=False,
        numbered=0,
        titlesonly=False,
    )
    section.insert(1 if len(section) else 0, nodes.compound("", tree, classes=["toctree-wrapper"]))


def setup_assembly(app: Sphinx) -> None:
    """Register the assembly. The list is made before Sphinx's own collector looks for lists of pages."""
    app.connect("config-inited", _copy_pages)
    app.connect("config-inited", _add_templates)
    app.connect("doctree-read", _list_pages, priority=400)
