"""Everything that a directive needs to show its slices: the state, links to other pages, typed text."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen
from docutils import nodes

from ptgbot_site.build.fragments import Pieces, digest
from ptgbot_site.build.nodes import ptg_typed, ptg_written
from ptgbot_site.build.state import State
from ptgbot_site.build.times import moment
from ptgbot_site.build.typed import typed

if TYPE_CHECKING:
    from ptgbot_site.build.registry import Mention, Part


@frozen
class View:
    """The state as one page shows it."""

    state: State
    rich: bool
    """Whether the page has our style sheet; without it a page holds one plain form of everything."""
    page: Callable[[str], str | None] = field(default=lambda _name: None)
    """Returns the relative address of another page, None if there is no such page."""
    fragments: Pieces | None = None
    """Cache of pieces, in a builder that runs many builds."""
    here: str = ""
    """Folder of the page; cached pieces hold relative links, which are right only in the same folder."""
    mentions: Sequence[Mention] = ()
    """The possible meanings of ``#name`` in typed text."""
    parts: Mapping[str, Sequence[Part]] = field(factory=dict)
    """The parts at each place, by the name of the place."""
    kind: str = ""
    """Name of the directive."""
    shared: Sequence[str] = ()
    """Slices that every piece of the directive shows."""

    def of(self, kind: str, shared: Sequence[str]) -> View:
        """Return the view for one directive."""
        mentioned = [name for mention in self.mentions for name in mention.uses]
        return evolve(self, kind=kind, shared=tuple(dict.fromkeys([*shared, *mentioned])))

    def piece(self, make: Callable[[], nodes.Element], *shown: object) -> nodes.Element:
        """Return a piece of a page, from the cache if nothing in it has changed.

        ``shown`` is everything that the piece shows, except the slices that the directive names as ``shared``.
        """
        if self.fragments is None:
            return make()
        fragments, state = self.fragments, self.state
        shared = [state.digest_of(name) for name in self.shared]
        key = digest(self.kind, self.here, str(state.zone), shared, shown)
        html = fragments.get(key)
        if html is not None:
            return ptg_written("", html=html)
        made = make()
        made["remember"] = functools.partial(fragments.put, key)
        return made

    def file(self, name: str) -> str | None:
        """Return the relative address of a file of the site that is not a page, None if such files are not made."""
        return "../" * (self.here.count("/") + bool(self.here)) + name if self.rich else None

    def mention(self, name: str) -> nodes.Node | None:
        """Return the node for ``#name`` in a typed text, None if the name means nothing."""
        found = (mention.find(self, name) for mention in self.mentions)
        return next((node for node in found if node is not None), None)

    def typed(self, text: str, *classes: str) -> ptg_typed:
        """Return a typed text with its links and mentions."""
        return typed(text, self.mention, *classes)

    def moment(self, text: object) -> datetime | None:
        """Return a time (ISO 8601 with offset) in the zone of the site, None for anything else."""
        return moment(text, self.state.zone)
