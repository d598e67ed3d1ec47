"""Functions that the Sphinx extension of a feature calls in its ``setup`` to add its parts to the site.

An extension begins with :func:`add_extension`, which finds these folders beside the extension's module:

``pages``
    reStructuredText files that become pages of the bot's own site
``templates``
    Jinja2 templates
``locale``
    translations of its texts, in the catalogue that is named like the module

``docs/features.rst`` shows all of it in an example.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sphinx.errors import ExtensionError

from ptgbot_site.build.directive import StateDirective, items, line, note, title
from ptgbot_site.build.registry import (
    Bundle,
    Collection,
    Extension,
    Feed,
    FeedLink,
    Finished,
    FinishedPages,
    Mention,
    Part,
    ProjectEntry,
    Render,
    Sheet,
    Title,
    registry,
)
from ptgbot_site.build.state import State, text_of
from ptgbot_site.build.view import View
from ptgbot_site.build.words import add_words, say

if TYPE_CHECKING:
    from sphinx.application import Sphinx

TOP = "frame.top"
"""The place below the head of every page: for a banner, which is put into finished pages when it changes."""
FOOT = "frame.foot"
"""The place at the end of every page."""


def add_extension(app: Sphinx, module: str) -> None:
    """Register an extension and the folders beside its module.

    Raises:
        ExtensionError: there is no such module, or another extension has a page of the same name.
    """
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise ExtensionError(f"there is no module {module}")
    folder = Path(spec.origin).parent
    known = registry(app)
    known.extensions.append(Extension(module, folder))
    for page in _pages(folder):
        known.own(f"the page {page.removesuffix('.rst')}", module)
    if (folder / "locale").is_dir():
        app.add_message_catalog(module, str(folder / "locale"))
        add_words(module)


def _pages(folder: Path) -> list[str]:
    pages = folder / "pages"
    return [path.relative_to(pages).as_posix() for path in sorted(pages.rglob("*.rst"))]


def add_directive(app: Sphinx, directive: type[StateDirective]) -> None:
    """Register a directive in the domain ``ptg`` under its ``kind``.

    Raises:
        ExtensionError: another extension has a directive of the same name.
    """
    known = registry(app)
    known.own(f"the directive ptg:{directive.kind}", directive.__module__)
    known.directives[directive.kind] = directive
    app.add_directive_to_domain("ptg", directive.kind, directive, override=True)


def add_collection(app: Sphinx, collection: Collection) -> None:
    """Register a collection of pages, such as one page for each track.

    Raises:
        ExtensionError: another collection has the same folder.
    """
    known = registry(app)
    known.own(f"the folder {collection.folder}", collection.source.__module__)
    known.collections[collection.folder] = collection


def add_assets(
    app: Sphinx,
    name: str,
    folder: Path,
    *,
    styles: Sequence[str] = (),
    scripts: Sequence[str] = (),
    directives: Sequence[str] = (),
) -> None:
    """Register style sheets and scripts.

    The files of each kind are joined in the order given, and the joined file has a digest in its name.

    Args:
        name: name of the joined file, if it does not become part of the file for every page.
        folder: the folder of the files.
        styles: names of the style sheets.
        scripts: names of the scripts.
        directives: names of the directives whose pages need the files; every page if left out.

    Raises:
        ExtensionError: another extension has assets of the same name.
    """
    known = registry(app)
    known.own(f"the assets {name}", str(folder))
    bundle = Bundle(name, [folder / one for one in styles], [folder / one for one in scripts], frozenset(directives))
    known.bundles.append(bundle)


def add_sheet(app: Sphinx, sheet: Sheet) -> None:
    """Register a style sheet that is made of a slice.

    Raises:
        ExtensionError: another extension has a style sheet of the same name.
    """
    known = registry(app)
    known.own(f"the style sheet {sheet.name}", sheet.make.__module__)
    known.sheets.append(sheet)


def add_feed(app: Sphinx, feed: Feed) -> None:
    """Register files that are made of slices.

    Raises:
        ExtensionError: another feed has the same name.
    """
    known = registry(app)
    known.own(f"the feed {feed.name}", feed.make.__module__)
    known.feeds[feed.name] = feed


def add_menu(app: Sphinx, page: str, order: int, *, marked_on: Sequence[str] = ()) -> None:
    """Add a page to the menu. Pages with a lower order come first. The operator's own menu replaces all of them.

    Args:
        app: Sphinx.
        page: Name of the page. Its entry is marked on the page and on the pages in the folder of the same name.
        order: Rank of the entry.
        marked_on: Further pages, or folders of pages, on which the entry is marked.
    """
    registry(app).menu[page] = order
    registry(app).beside.update(dict.fromkeys(marked_on, page))


def add_project(app: Sphinx, path: str, title: Callable[[], str], order: int) -> None:
    """Add a project below the site to the menu of the site. The extension of the main site calls this.

    The entry is shown only where the configuration switches the project on.

    Raises:
        ExtensionError: another extension has the same path.
    """
    known = registry(app)
    known.own(f"the folder {path}", title.__module__)
    known.projects[path] = ProjectEntry(path, title, order)


def add_finished(app: Sphinx, pages: FinishedPages) -> None:
    """Register finished pages of a project. The extension of the project calls this.

    Raises:
        ExtensionError: another extension has finished pages of the same name.
    """
    known = registry(app)
    known.own(f"the finished pages {pages.name}", pages.open.__module__)
    known.finished[pages.name] = pages


def add_part(app: Sphinx, place: str, part: Part) -> None:
    """Show a part at a place of pages or of the frame.

    A page names a place by ``.. ptg:place::``.
    """
    parts = registry(app).parts.setdefault(place, [])
    parts.append(part)
    parts.sort(key=lambda one: one.order)


def add_mention(app: Sphinx, mention: Mention) -> None:
    """Register what ``#name`` in typed text may mean. The first mention that knows the name is shown."""
    registry(app).mentions.append(mention)


def add_title(app: Sphinx, named: Title) -> None:
    """Register where the title of the site stands. The first title that is not empty is shown.

    The operator's own title takes precedence.
    """
    registry(app).titles.append(named)


def add_dates(app: Sphinx, dates: Title) -> None:
    """Register the dates in the head of every page. The script of the page replaces them by the day and the time."""
    registry(app).dates.append(dates)


def add_moved(app: Sphinx, old: str, new: str) -> None:
    """Redirect an old address, such as ``signage.html``, to a page, such as ``screen/index.html``.

    Raises:
        ExtensionError: another extension redirects the same address.
    """
    known = registry(app)
    known.own(f"the address {old}", new)
    known.moved[old] = new


def add_template(app: Sphinx, pages: str, template: str) -> None:
    """Use a template of the extension for pages whose names begin with ``pages``."""
    registry(app).templates[pages] = template


def add_bar(app: Sphinx, template: str) -> None:
    """Include a template of the extension between menu and content of every page, for its scripts to fill."""
    registry(app).bars.append(template)


def add_description(app: Sphinx, describe: Callable[[State, str], str]) -> None:
    """Register a function that describes pages in a sentence, for chats and search engines.

    It gets the state and the name of a page, and returns the empty string for a page that it does not know. It may read
    only slices that the page shows.
    """
    registry(app).descriptions.append(describe)


def add_script_below(app: Sphinx, file: str) -> None:
    """Let the pages of the projects below the site load a script that a feed of this site writes, such as a banner."""
    registry(app).scripts_below.append(file)


def add_offline(app: Sphinx, pages: Callable[[State], Sequence[str]]) -> None:
    """Register a function that names pages which browsers keep from the first visit on, the most important first."""
    registry(app).offline.append(pages)


def add_meaning(app: Sphinx, name: str, find: Callable[[State, str], Sequence[str]]) -> None:
    """Register a function that finds the slices meant by ``NAME:KEY``, if KEY is not itself the key of a slice.

    Pages are read before the state is known, so a directive can only use a name such as ``coffee.day:@today``.

    Raises:
        ExtensionError: another extension has registered the same name.
    """
    known = registry(app)
    known.own(f"the meaning of {name}", find.__module__)
    known.meanings[name] = find


__all__ = [
    "FOOT",
    "TOP",
    "Bundle",
    "Collection",
    "Feed",
    "FeedLink",
    "Finished",
    "FinishedPages",
    "Mention",
    "Part",
    "Render",
    "Sheet",
    "State",
    "StateDirective",
    "Title",
    "View",
    "add_assets",
    "add_bar",
    "add_collection",
    "add_dates",
    "add_description",
    "add_directive",
    "add_extension",
    "add_feed",
    "add_finished",
    "add_meaning",
    "add_mention",
    "add_menu",
    "add_moved",
    "add_offline",
    "add_part",
    "add_project",
    "add_script_below",
    "add_sheet",
    "add_template",
    "add_title",
    "items",
    "line",
    "note",
    "say",
    "text_of",
    "title",
]
