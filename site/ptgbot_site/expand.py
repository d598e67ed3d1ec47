"""Puts what is shown in the place of our placeholders, when a page is written."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.errors import NoUri
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.nodes import process_only_nodes

from ptgbot_site.directives.base import StateDirective, missing
from ptgbot_site.domain import ptg_domain
from ptgbot_site.nodes import ptg_inline, ptg_part, ptg_placeholder
from ptgbot_site.view import View


class Expand(SphinxPostTransform):
    """Runs before references are resolved. No stored doctree holds state, so no page shows a former one."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace every placeholder of a page."""
        domain = ptg_domain(self.env)
        # Sphinx does this later; by then everything that is not shown would have been made.
        process_only_nodes(self.document, domain.tags)
        view = View(domain.state, domain.rich, self._address, domain.fragments if domain.rich else None, self._here())
        for place in list(self.document.findall(ptg_placeholder)):
            directive = domain.directives[place["kind"]]
            assert issubclass(directive, StateDirective)
            absent = [name for name in directive.needs if not domain.state.has(name)]
            shown = missing(absent) if absent else directive.render(view, place["given"])
            place.replace_self(ptg_part("", *shown, classes=["ptg", f"ptg-{place['kind']}"], ids=place["ids"]))
        self._words(view)

    def _words(self, view: View) -> None:
        for word in list(self.document.findall(ptg_inline)):
            known = view.mention(word["track"])
            word.replace_self(known or nodes.inline("", word.astext(), classes=["ptg-badge"]))

    def _address(self, page: str) -> str | None:
        """Return how this page links to another one of the project."""
        if page not in self.env.found_docs:
            return None
        try:
            return ptg_domain(self.env).relative(self.env.docname, page)
        except NoUri:
            return None

    def _here(self) -> str:
        return self.env.docname.rpartition("/")[0]
