"""Everything that the extensions of features bring to one Sphinx application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from attrs import define, field, frozen
from docutils import nodes
from sphinx.errors import ExtensionError

from ptgbot_site.build.state import State

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ptgbot_site.build.directive import StateDirective
    from ptgbot_site.build.view import View


@frozen
class Extension:
    """The Sphinx extension of a feature; its folders stand beside its module."""

    name: str
    """Name of its module."""
    folder: Path


@frozen
class Collection:
    """Pages of which there is one for each of many things."""

    folder: str
    """Folder of the pages, below the root of the site."""
    pages: Callable[[State], Mapping[str, str]]
    """Returns the title of each page by its slug: the part of its address that stands for the thing."""
    source: Callable[[str], str]
    """Returns the reStructuredText of a page for its slug. No text that somebody typed may stand in it."""


@frozen
class Bundle:
    """Style sheets and scripts of an extension that are joined into one file each."""

    name: str
    styles: Sequence[Path] = ()
    scripts: Sequence[Path] = ()
    directives: frozenset[str] = frozenset()
    """Names of the directives on whose pages they are needed; empty for every page."""


@frozen
class Sheet:
    """A style sheet that is made of a slice."""

    name: str
    slice: str
    """The slice; pages that show it link to the style sheet."""
    make: Callable[[State], str]


@frozen
class FeedLink:
    """How the frame of every page leads to a file of a feed."""

    file: str
    label: Callable[[], str]
    """Returns what stands before it in the footer, such as ``Calendar``; files with the same label stand together."""
    title: str = ""
    """What the link in the footer says; the name of the file if empty."""
    mime: str = ""
    """The media type, for programs that look for feeds; empty for a file that is no feed."""


@frozen
class Feed:
    """Files of the site beside its pages, made of slices."""

    name: str
    reads: Sequence[str]
    """Slices of which they are made; ``NAME:*`` means every key. They are written again when one of these changes."""
    make: Callable[[State], Mapping[str, bytes]]
    """Returns the contents by the name below the site."""
    links: Sequence[FeedLink] = ()
    needs: Sequence[str] = ()
    """Slices without which nothing is made."""


@frozen
class Part:
    """What a feature shows at a place on pages of another one, or in the frame of every page."""

    render: Callable[[View, str], Sequence[nodes.Node]]
    """Returns what is shown; the second argument is what the host gave, such as the name of a track."""
    uses: Callable[[str], Sequence[str]] = lambda _given: ()
    """Returns the slices that are shown, for what the host gave."""
    order: int = 100


@frozen
class Mention:
    """What stands for ``#name`` in typed text."""

    uses: Sequence[str]
    """Slices that it shows."""
    find: Callable[[View, str], nodes.Node | None]
    """Returns what is shown for a name, None where the name means nothing."""


@frozen
class Title:
    """The title of the site, as a slice tells it; the operator's own title wins."""

    slice: str
    find: Callable[[State], str]


@define(eq=False)
class Registry:
    """What was registered so far, each kind in the order of registration."""

    extensions: list[Extension] = field(factory=list)
    directives: dict[str, type[StateDirective]] = field(factory=dict)
    collections: dict[str, Collection] = field(factory=dict)
    bundles: list[Bundle] = field(factory=list)
    sheets: list[Sheet] = field(factory=list)
    feeds: dict[str, Feed] = field(factory=dict)
    menu: dict[str, int] = field(factory=dict)
    parts: dict[str, list[Part]] = field(factory=dict)
    mentions: list[Mention] = field(factory=list)
    titles: list[Title] = field(factory=list)
    moved: dict[str, str] = field(factory=dict)
    templates: dict[str, str] = field(factory=dict)
    bars: list[str] = field(factory=list)
    meanings: dict[str, Callable[[State, str], Sequence[str]]] = field(factory=dict)
    owners: dict[str, str] = field(factory=dict)
    """Who registered each name, to say so where two want the same."""

    def own(self, what: str, owner: str) -> None:
        """Note who brings something. Raises ExtensionError where another extension has brought it already."""
        other = self.owners.setdefault(what, owner)
        if other != owner:
            raise ExtensionError(f"{what} is brought by {other} and by {owner}; one of them needs another name")

    def wanted(self, folders: Iterable[str]) -> list[Collection]:
        """Return the collections whose pages a project wants; ``*`` means all of them."""
        names = set(folders)
        return [one for folder, one in self.collections.items() if folder in names or "*" in names]

    def frame(self, place: str) -> list[str]:
        """Return the slices that the parts at a place in the frame of every page show."""
        return [name for part in self.parts.get(place, ()) for name in part.uses("")]


_registries: WeakKeyDictionary[Sphinx, Registry] = WeakKeyDictionary()


def registry(app: Sphinx) -> Registry:
    """Return what was registered with an application."""
    return _registries.setdefault(app, Registry())
