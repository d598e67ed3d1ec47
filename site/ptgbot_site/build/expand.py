"""Replaces placeholders by the nodes to show, when a page is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from docutils import nodes
from sphinx.errors import NoUri
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import process_only_nodes

from ptgbot_site.build.directive import missing
from ptgbot_site.build.domain import PtgDomain, ptg_domain
from ptgbot_site.build.nodes import ptg_inline, ptg_part, ptg_placeholder
from ptgbot_site.build.view import View


class Expand(SphinxPostTransform):
    """Expands placeholders before references are resolved.

    Stored doctrees hold no state, so no page shows an old one.
    """

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace every placeholder of a page."""
        domain = ptg_domain(self.env)
        # Sphinx does this later; by then everything that is not shown would have been made.
        process_only_nodes(self.document, domain.tags)
        view = view_of(domain, self._address, self.env.docname)
        for place in list(self.document.findall(ptg_placeholder)):
            self._expand(domain, view, place)
        for word in list(self.document.findall(ptg_inline)):
            known = view.mention(word["mentioned"])
            word.replace_self(known or nodes.inline("", word.astext(), classes=["ptg-badge"]))

    def _expand(self, domain: PtgDomain, view: View, place: ptg_placeholder) -> None:
        directive = domain.registry.directives[place["kind"]]
        absent = [name for name in directive.needs if not domain.state.has(name)]
        one = view.of(directive.kind, directive.shared)
        shown = missing(absent) if absent else directive.render(one, place["given"])
        if shown or not directive.vanishes:
            place.replace_self(ptg_part("", *shown, classes=["ptg", f"ptg-{place['kind']}"], ids=place["ids"]))
        else:
            place.parent.remove(place)

    def _address(self, page: str) -> str | None:
        """Return the relative address of another page of the project, None if there is none."""
        if page not in self.env.found_docs:
            return None
        try:
            return ptg_domain(self.env).relative(self.env.docname, page)
        except NoUri:
            return None


def view_of(domain: PtgDomain, address: Callable[[str], str | None], page: str) -> View:
    """Return the view of a page. ``address`` returns the relative address of another page."""
    fragments = domain.fragments.of_page(page) if domain.rich and domain.fragments is not None else None
    here = page.rpartition("/")[0]
    return View(domain.state, domain.rich, address, fragments, here, domain.registry.mentions, domain.registry.parts)
