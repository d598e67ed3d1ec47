"""The domain ``ptg``: which page shows which slices, the role for tracks."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx.domains import Domain
from sphinx.util.docutils import SphinxRole

from ptgbot_site.fragments import Fragments
from ptgbot_site.nodes import ptg_inline
from ptgbot_site.state import State

if TYPE_CHECKING:
    from sphinx.environment import BuildEnvironment

ALWAYS = ("event", "site")
"""Slices that the frame of every page shows."""


class PtgDomain(Domain):
    """Directives and roles that show a gathering.

    ``data`` holds what belongs to the sources and is kept with them; ``state`` is what is shown, lives as
    long as the builder and is never kept, so that no page can show a former one.
    """

    name = "ptg"
    label = "Gathering"
    initial_data: ClassVar[dict[str, Any]] = {"uses": {}}
    data_version = 1

    def __init__(self, env: BuildEnvironment) -> None:
        super().__init__(env)
        self.state = State()
        self.rich = False
        """Whether pages are framed by our theme."""
        self.relative: Callable[[str, str], str] = lambda _page, _other: ""
        """How the builder links from one page to another; may raise NoUri."""
        self.fragments: Fragments | None = None
        """What was written last, in a builder that builds again and again."""

    def note_use(self, docname: str, uses: AbstractSet[str]) -> None:
        """Note that a page shows these slices."""
        known = self.data["uses"].setdefault(docname, [])
        known += sorted(uses - set(known))

    def uses(self, docname: str) -> list[str]:
        """Return the slices that a page shows."""
        return [*ALWAYS, *self.data["uses"].get(docname, [])]

    def clear_doc(self, docname: str) -> None:
        """Forget a page that is read anew."""
        self.data["uses"].pop(docname, None)

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process read."""
        for docname in docnames & otherdata["uses"].keys():
            self.data["uses"][docname] = otherdata["uses"][docname]


def ptg_domain(env: BuildEnvironment) -> PtgDomain:
    """Return our domain of an environment."""
    domain = env.domains["ptg"]
    assert isinstance(domain, PtgDomain)
    return domain


class TrackRole(SphinxRole):
    """``:ptg:track:`nova```: the badge of a track, linked to its meeting."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Leave a placeholder: colour and link are looked up when the page is written."""
        ptg_domain(self.env).note_use(self.env.docname, {"tracks"})
        name = self.text.strip().removeprefix("#").lower()
        place = ptg_inline("", nodes.Text(name), track=name)
        self.set_source_info(place)
        return [place], []


PtgDomain.roles["track"] = TrackRole()
