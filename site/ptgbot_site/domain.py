"""The domain ``ptg``: which page shows which slices, the role for tracks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from docutils.nodes import Node, system_message
from sphinx import addnodes
from sphinx.domains import Domain
from sphinx.util.docutils import SphinxRole
from sphinx.util.tags import Tags

from ptgbot_site.fragments import Fragments
from ptgbot_site.nodes import ptg_inline, ptg_placeholder
from ptgbot_site.state import State

if TYPE_CHECKING:
    from docutils.parsers.rst import Directive
    from sphinx.environment import BuildEnvironment
    from sphinx.roles import XRefRole
    from sphinx.util.typing import RoleFunction

ALWAYS = ("event", "site")
"""Slices that the frame of every page shows."""


class TrackRole(SphinxRole):
    """``:ptg:track:`nova```: the badge of a track, linked to its meeting."""

    def run(self) -> tuple[list[Node], list[system_message]]:
        """Leave a placeholder: colour and link are looked up when the page is written."""
        name = self.text.strip().removeprefix("#").lower()
        place = ptg_inline("", nodes.Text(name), track=name, uses=["tracks"])
        self.set_source_info(place)
        return [place], []


class PtgDomain(Domain):
    """Directives and roles that show a gathering.

    ``data`` holds what belongs to the sources and is kept with them; ``state`` is what is shown, lives as
    long as the builder and is never kept, so that no page can show a former one.
    """

    name = "ptg"
    label = "Gathering"
    # Tables of its own: those of the base class belong to every domain that has none.
    directives: ClassVar[dict[str, type[Directive]]] = {}
    roles: ClassVar[dict[str, RoleFunction | XRefRole]] = {"track": TrackRole()}
    initial_data: ClassVar[dict[str, Any]] = {"uses": {}}
    data_version = 2

    def __init__(self, env: BuildEnvironment) -> None:
        super().__init__(env)
        self.state = State()
        self.rich = False
        """Whether pages are framed by our theme."""
        self.tags = Tags()
        """What conditions ask for."""
        self.relative: Callable[[str, str], str] = lambda _page, _other: ""
        """How the builder links from one page to another; may raise NoUri."""
        self.fragments: Fragments | None = None
        """What was written last, in a builder that builds again and again."""

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:
        """Note which slices a page shows, each with the conditions (``only``) that it stands under."""
        found: set[tuple[str, tuple[str, ...]]] = set()
        for place in document.findall(lambda node: isinstance(node, ptg_placeholder | ptg_inline)):
            assert isinstance(place, nodes.Element)
            conditions = tuple(_conditions(place))
            found |= {(name, conditions) for name in place["uses"]}
        if found:
            self.data["uses"][docname] = sorted(found)

    def uses(self, docname: str) -> list[str]:
        """Return the slices that a page shows in the output that is built."""
        noted = self.data["uses"].get(docname, ())
        return [*ALWAYS, *dict.fromkeys(name for name, conditions in noted if all(map(self._holds, conditions)))]

    def _holds(self, condition: str) -> bool:
        try:
            return self.tags.eval_condition(condition)
        except Exception:
            return True

    def clear_doc(self, docname: str) -> None:
        """Forget a page that is read anew."""
        self.data["uses"].pop(docname, None)

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Take over what another process read."""
        for docname in docnames & otherdata["uses"].keys():
            self.data["uses"][docname] = otherdata["uses"][docname]


def _conditions(node: nodes.Node) -> Iterator[str]:
    """Yield the conditions that a node stands under."""
    while (node := node.parent) is not None:
        if isinstance(node, addnodes.only):
            yield node["expr"]


def ptg_domain(env: BuildEnvironment) -> PtgDomain:
    """Return our domain of an environment."""
    domain = env.domains["ptg"]
    assert isinstance(domain, PtgDomain)
    return domain
