"""Everything that the extensions of features have registered with one Sphinx application."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

from attrs import define, field, frozen
from docutils import nodes
from sphinx.errors import ExtensionError

from ptgbot_site.build.state import State

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from ptgbot_site.build.directive import StateDirective
    from ptgbot_site.build.view import View


class Render(Protocol):
    """Makes a page of the theme around a body."""

    def __call__(self, name: str, title: str, body: str, *, feed: str = "", unlisted: bool = False) -> bytes:
        """Return the HTML of a page.

        Args:
            name: its name below the project, without a suffix.
            title: its title, as text.
            body: HTML, in which everything that people typed is escaped.
            feed: name of a feed of the page.
            unlisted: whether search engines must leave the page out.
        """


@frozen
class Extension:
    """The Sphinx extension of a feature; its folders are beside its module."""

    name: str
    """Name of its module."""
    folder: Path


@frozen
class Collection:
    """A folder of similar pages, such as one page for each track."""

    folder: str
    """Folder of the pages, below the root of the site."""
    pages: Callable[[State], Mapping[str, str]]
    """Returns the titles of the pages by their slugs: the last parts of their addresses."""
    source: Callable[[str], str]
    """Returns the reStructuredText of a page for its slug. It must not contain text that a person typed."""


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
    """The slice; the style sheet is at the end of the one of each page that shows it."""
    make: Callable[[State], str]


@frozen
class FeedLink:
    """A link to a file of a feed, in the frame of every page."""

    file: str
    label: Callable[[], str]
    """Returns the word before the link in the footer, such as ``Calendar``. Links with one label are grouped."""
    title: str = ""
    """Text of the link in the footer; the name of the file if empty."""
    mime: str = ""
    """Media type, for programs that look for feeds; empty if the file is not a feed."""


@frozen
class Feed:
    """Files of the site beside its pages, made of slices."""

    name: str
    reads: Sequence[str]
    """Slices of which the files are made; ``NAME:*`` means every key. The files are written when one changes."""
    make: Callable[[State], Mapping[str, bytes]]
    """Returns the contents by the name below the site."""
    links: Sequence[FeedLink] = ()
    needs: Sequence[str] = ()
    """Slices that the feed cannot do without."""


@frozen
class Part:
    """The part of a feature at a place on pages of other features, or in the frame of every page."""

    render: Callable[[View, str], Sequence[nodes.Node]]
    """Returns the nodes to show; the second argument is the text given at the place, such as the name of a track."""
    uses: Callable[[str], Sequence[str]] = lambda _given: ()
    """Returns the slices that are shown, from the text given at the place."""
    order: int = 100


@frozen
class Findable:
    """Contents of a feature that the search of the site finds."""

    uses: Sequence[str]
    """Slices in which they are."""
    rows: Callable[[State], Iterable[tuple[str, str, str, str]]]
    """Returns for each of them a word for its kind, a title, a text, and its address below the site."""


@frozen
class Mention:
    """The meaning of ``#name`` in typed text."""

    uses: Sequence[str]
    """Slices that it shows."""
    find: Callable[[View, str], nodes.Node | None]
    """Returns the node for a name, None if the name means nothing."""


@frozen
class Title:
    """A text in the head of every page, from a slice, such as the title of the site."""

    slice: str
    find: Callable[[State], str]


@frozen
class ProjectEntry:
    """A project below the site, as the menu of every page names it."""

    path: str
    """Its folder below the site."""
    title: Callable[[], str]
    order: int


class Finished(Protocol):
    """Opened bulk storage of which finished pages are made."""

    def newest(self) -> int:
        """Return the number of the newest change, 0 for none."""

    def changed(self, after: int, most: int) -> Sequence[tuple[int, str]]:
        """Return what changed after a number: numbers, which rise, each with the key of its files.

        Args:
            after: the number of the last change that is handled, 0 for none.
            most: the most keys to return.
        """

    def files(self, key: str, render: Render) -> Mapping[str, bytes | None]:
        """Return the files of a key by their names below the project; None removes a file."""


@frozen
class FinishedPages:
    """Pages of a project that Sphinx does not keep, so that a build costs what is new and not what ever was.

    They are made by the theme's template, outside Sphinx's environment, and all of them anew when the frame changes.
    """

    name: str
    open: Callable[[Path, State], AbstractContextManager[Finished]]
    """Opens the bulk storage in a folder, which may be missing, for the length of one build."""


@define(eq=False)
class Registry:
    """Everything that is registered, each kind in the order of registration."""

    extensions: list[Extension] = field(factory=list)
    directives: dict[str, type[StateDirective]] = field(factory=dict)
    collections: dict[str, Collection] = field(factory=dict)
    bundles: list[Bundle] = field(factory=list)
    sheets: list[Sheet] = field(factory=list)
    feeds: dict[str, Feed] = field(factory=dict)
    menu: dict[str, int] = field(factory=dict)
    beside: dict[str, str] = field(factory=dict)
    """The page of the menu that is marked on a page, or on the pages of a folder, by the name of page or folder."""
    parts: dict[str, list[Part]] = field(factory=dict)
    mentions: list[Mention] = field(factory=list)
    findable: list[Findable] = field(factory=list)
    titles: list[Title] = field(factory=list)
    dates: list[Title] = field(factory=list)
    moved: dict[str, str] = field(factory=dict)
    templates: dict[str, str] = field(factory=dict)
    bars: list[str] = field(factory=list)
    descriptions: list[Callable[[State, str], str]] = field(factory=list)
    projects: dict[str, ProjectEntry] = field(factory=dict)
    finished: dict[str, FinishedPages] = field(factory=dict)
    scripts_below: list[str] = field(factory=list)
    """Names of scripts of this site that the pages of the projects below it load."""
    offline: list[Callable[[State], Sequence[str]]] = field(factory=list)
    meanings: dict[str, Callable[[State, str], Sequence[str]]] = field(factory=dict)
    owners: dict[str, str] = field(factory=dict)
    """Owner of each registered name, for the message if two extensions register the same."""

    def own(self, what: str, owner: str) -> None:
        """Note the owner of a name.

        Raises:
            ExtensionError: another extension owns the name already.
        """
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
    """Return the registry of an application."""
    return _registries.setdefault(app, Registry())
