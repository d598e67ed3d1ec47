"""The domain ``ptg``: it knows which page shows which slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Any, ClassVar

from docutils import nodes
from sphinx import addnodes
from sphinx.domains import Domain
from sphinx.util.tags import Tags

from ptgbot_site.build.fragments import Fragments
from ptgbot_site.build.nodes import ptg_inline, ptg_placeholder
from ptgbot_site.build.registry import Registry
from ptgbot_site.build.state import FRAME, SITE, State

if TYPE_CHECKING:
    from docutils.parsers.rst import Directive
    from sphinx.environment import BuildEnvironment
    from sphinx.roles import XRefRole
    from sphinx.util.typing import RoleFunction


class PtgDomain(Domain):
    """Directives and roles that show the state of the bot.

    ``data`` belongs to the sources and is stored with them. ``state`` is shown; it lives as
    long as the builder and is never stored, so that no page can show an old one.
    """

    name = "ptg"
    label = "ptgbot"
    # Its own, not the ones of Sphinx's base class, which every other domain would get as well.
    directives: ClassVar[dict[str, type[Directive]]] = {}
    roles: ClassVar[dict[str, RoleFunction | XRefRole]] = {}
    initial_data: ClassVar[dict[str, Any]] = {"uses": {}, "kinds": {}}
    data_version = 3

    def __init__(self, env: BuildEnvironment) -> None:
        super().__init__(env)
        self.state = State()
        self.registry = Registry()
        """Everything that the extensions of features have registered."""
        self.rich = False
        """Whether pages are framed by our theme."""
        self.tags = Tags()
        """The tags that conditions test."""
        self.relative: Callable[[str, str], str] = lambda _page, _other: ""
        """Returns the relative address of one page from another. May raise NoUri."""
        self.fragments: Fragments | None = None
        """Pieces that were written last, in a builder that runs many builds."""

    def process_doc(self, env: BuildEnvironment, docname: str, document: nodes.document) -> None:
        """Note which slices a page shows, each with the conditions (``only``) around it."""
        found: set[tuple[str, tuple[str, ...]]] = set()
        for place in document.findall(lambda node: isinstance(node, ptg_placeholder | ptg_inline)):
            assert isinstance(place, nodes.Element)
            conditions = tuple(_conditions(place))
            found |= {(name, conditions) for name in place["uses"]}
        if found:
            self.data["uses"][docname] = sorted(found)
        kinds = {place["kind"] for place in document.findall(ptg_placeholder)}
        if kinds:
            self.data["kinds"][docname] = sorted(kinds)

    def kinds(self, docname: str) -> set[str]:
        """Return the names of the directives on a page."""
        return set(self.data["kinds"].get(docname, ()))

    def uses(self, docname: str) -> list[str]:
        """Return the slices that a page itself shows in the present output format."""
        noted = self.data["uses"].get(docname, ())
        return list(dict.fromkeys(name for name, conditions in noted if all(map(self._holds, conditions))))

    def framed(self) -> list[str]:
        """Return the slices that the frame of every page shows, without the banner, which finished pages get."""
        known = self.registry
        return [SITE, FRAME, *(one.slice for one in (*known.titles, *known.dates)), *known.frame("frame.foot")]

    def _holds(self, condition: str) -> bool:
        try:
            return self.tags.eval_condition(condition)
        except Exception:
            return True

    def clear_doc(self, docname: str) -> None:
        """Forget a page that will be read anew."""
        for known in self.data.values():
            if isinstance(known, dict):
                known.pop(docname, None)

    def merge_domaindata(self, docnames: AbstractSet[str], otherdata: dict[str, Any]) -> None:
        """Take over the data that another process has read."""
        for name in ("uses", "kinds"):
            for docname in docnames & otherdata[name].keys():
                self.data[name][docname] = otherdata[name][docname]


def _conditions(node: nodes.Node) -> Iterator[str]:
    """Yield the conditions (``only``) around a node."""
    while (node := node.parent) is not None:
        if isinstance(node, addnodes.only):
            yield node["expr"]


def ptg_domain(env: BuildEnvironment) -> PtgDomain:
    """Return the domain ``ptg`` of an environment."""
    domain = env.domains["ptg"]
    assert isinstance(domain, PtgDomain)
    return domain
