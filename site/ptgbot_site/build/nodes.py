"""Our own doctree nodes. Each derives from a standard node, so that every builder can write it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from babel import Locale, UnknownLocaleError
from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator


class ptg_placeholder(nodes.General, nodes.Element):
    """The place of a directive until its page is written."""


class ptg_inline(nodes.inline):
    """The place of a role until its page is written. It holds a text to fall back to."""


class ptg_typed(nodes.inline):
    """A text typed by a person. Its writing direction is its own and does not affect its surroundings."""


class ptg_link(nodes.reference):
    """A link. Its HTML has no classes of Sphinx, so that long lists of links are read faster."""


class ptg_line(nodes.paragraph):
    """A paragraph that is alone in its item; the HTML of the item needs no element for it."""


class ptg_time(nodes.inline):
    """A moment; ``datetime`` holds it for programs. With ``until`` it is a span that ends at that moment."""


class ptg_part(nodes.container):
    """The nodes that a directive shows; the live script finds them by ``ids``."""


class ptg_list(nodes.bullet_list):
    """A list that is always written in the same form, whatever its items hold."""


class ptg_item(nodes.list_item):
    """An item of a list, whose HTML is passed to ``remember``."""


class ptg_items(nodes.container):
    """Several items of a list, whose joint HTML is passed to ``remember``."""


class ptg_row(nodes.row):
    """A row of a table, whose HTML is passed to ``remember``."""


class ptg_written(nodes.General, nodes.Element):
    """A piece that was written before; ``html`` is its HTML."""


class ptg_scroll(nodes.container):
    """A box that scrolls sideways and can be reached by keyboard; ``label`` says what it holds.

    Its HTML is passed to ``remember``.
    """


class ptg_fold(nodes.container):
    """A box that opens and closes; its first child is a :class:`ptg_summary`."""


class ptg_summary(nodes.paragraph):
    """The part of a box that is visible while the box is closed."""


class ptg_heading(nodes.inline):
    """A heading within a line, such as the name of a card; ``level`` is its rank among the headings of the page."""


class ptg_header(nodes.entry):
    """A header cell of a table; ``scope`` tells whether it is the header of its column or of its row."""


def _visit_typed(self: HTML5Translator, node: ptg_typed) -> None:
    if _is_whole_link(node):
        # The link is isolated itself: pages with thousands of links are read faster with half of the elements,
        # and a browser looks at each letter of a text whose direction it has to find out.
        if not node.astext().isascii() or is_right_to_left(self.config.language):
            self.body[-1] = self.body[-1].replace("<a ", '<a dir="auto" ', 1)
    else:
        self.body.append(self.starttag(node, "bdi", ""))


def _depart_typed(self: HTML5Translator, node: ptg_typed) -> None:
    if not _is_whole_link(node):
        self.body.append("</bdi>")


def _is_whole_link(node: ptg_typed) -> bool:
    """Say whether a text without attributes of its own is all that a link holds."""
    link = node.parent
    return isinstance(link, nodes.reference) and len(link) == 1 and not node.non_default_attributes()


@functools.cache
def is_right_to_left(language: str) -> bool:
    """Say whether a language, such as ``de`` or ``pt_BR``, is written from right to left."""
    try:
        return bool(Locale.parse(language).text_direction == "rtl")
    except (UnknownLocaleError, ValueError):
        return False


def _visit_link(self: HTML5Translator, node: ptg_link) -> None:
    address = node["refuri"] if "refuri" in node else f"#{node['refid']}"
    self.body.append(self.starttag(node, "a", "", href=address))


def _depart_link(self: HTML5Translator, node: ptg_link) -> None:
    self.body.append("</a>")


def _skip(self: HTML5Translator, node: ptg_line) -> None:
    """Write nothing around the children of a node."""


def _visit_time(self: HTML5Translator, node: ptg_time) -> None:
    end = {"data-end": node["until"]} if "until" in node else {}
    self.body.append(self.starttag(node, "time", "", datetime=node["datetime"], **end))


def _depart_time(self: HTML5Translator, node: ptg_time) -> None:
    self.body.append("</time>")


def _told(node: nodes.Element) -> dict[str, Any]:
    """Return the attributes of a node that the live script reads."""
    return {name: value for name, value in node.attributes.items() if name.startswith("data-")}


def _visit_part(self: HTML5Translator, node: ptg_part) -> None:
    _begin_piece(self, node)
    self.body.append(self.starttag(node, "div", **_told(node)))


def _depart_part(self: HTML5Translator, node: ptg_part) -> None:
    self.body.append("</div>\n")
    _end_piece(self, node)


def _visit_list(self: HTML5Translator, node: ptg_list) -> None:
    self.body.append(self.starttag(node, "ul"))


def _depart_list(self: HTML5Translator, node: ptg_list) -> None:
    self.body.append("</ul>\n")


def _visit_item(self: HTML5Translator, node: ptg_item) -> None:
    _begin_piece(self, node)
    self.body.append(self.starttag(node, "li", "", **_told(node)))


def _depart_item(self: HTML5Translator, node: ptg_item) -> None:
    self.body.append("</li>\n")
    _end_piece(self, node)


def _visit_items(self: HTML5Translator, node: ptg_items) -> None:
    _begin_piece(self, node)


def _depart_items(self: HTML5Translator, node: ptg_items) -> None:
    _end_piece(self, node)


def _visit_row(self: HTML5Translator, node: ptg_row) -> None:
    _begin_piece(self, node)
    self.visit_row(node)


def _depart_row(self: HTML5Translator, node: ptg_row) -> None:
    self.depart_row(node)
    _end_piece(self, node)


def _begin_piece(self: HTML5Translator, node: nodes.Element) -> None:
    node["begun"] = len(self.body)


def _end_piece(self: HTML5Translator, node: nodes.Element) -> None:
    remember = node.get("remember")
    if remember:
        remember("".join(self.body[node["begun"] :]))


def _visit_written(self: HTML5Translator, node: ptg_written) -> None:
    self.body.append(node["html"])
    raise nodes.SkipNode


def _visit_scroll(self: HTML5Translator, node: ptg_scroll) -> None:
    _begin_piece(self, node)
    self.body.append(self.starttag(node, "div", tabindex="0", role="region", **{"aria-label": node["label"]}))


def _depart_scroll(self: HTML5Translator, node: ptg_scroll) -> None:
    self.body.append("</div>\n")
    _end_piece(self, node)


def _visit_fold(self: HTML5Translator, node: ptg_fold) -> None:
    self.body.append(self.starttag(node, "details"))


def _depart_fold(self: HTML5Translator, node: ptg_fold) -> None:
    self.body.append("</details>\n")


def _visit_summary(self: HTML5Translator, node: ptg_summary) -> None:
    self.body.append(self.starttag(node, "summary", ""))


def _depart_summary(self: HTML5Translator, node: ptg_summary) -> None:
    self.body.append("</summary>\n")


def _visit_heading(self: HTML5Translator, node: ptg_heading) -> None:
    self.body.append(self.starttag(node, "span", "", role="heading", **{"aria-level": node["level"]}))


def _depart_heading(self: HTML5Translator, node: ptg_heading) -> None:
    self.body.append("</span>")


def _visit_header(self: HTML5Translator, node: ptg_header) -> None:
    self.visit_entry(node)
    self.body[-1] = self.body[-1].replace("<th", f'<th scope="{node["scope"]}"', 1)


def _depart_header(self: HTML5Translator, node: ptg_header) -> None:
    self.depart_entry(node)


def setup_nodes(app: Sphinx) -> None:
    """Register the HTML of the nodes; other builders fall back to the standard nodes."""
    app.add_node(ptg_placeholder)
    app.add_node(ptg_inline)
    app.add_node(ptg_typed, html=(_visit_typed, _depart_typed))
    app.add_node(ptg_link, html=(_visit_link, _depart_link))
    app.add_node(ptg_line, html=(_skip, _skip))
    app.add_node(ptg_time, html=(_visit_time, _depart_time))
    app.add_node(ptg_part, html=(_visit_part, _depart_part))
    app.add_node(ptg_list, html=(_visit_list, _depart_list))
    app.add_node(ptg_item, html=(_visit_item, _depart_item))
    app.add_node(ptg_items, html=(_visit_items, _depart_items))
    app.add_node(ptg_row, html=(_visit_row, _depart_row))
    app.add_node(ptg_written, html=(_visit_written, None))
    app.add_node(ptg_scroll, html=(_visit_scroll, _depart_scroll))
    app.add_node(ptg_fold, html=(_visit_fold, _depart_fold))
    app.add_node(ptg_summary, html=(_visit_summary, _depart_summary))
    app.add_node(ptg_heading, html=(_visit_heading, _depart_heading))
    app.add_node(ptg_header, html=(_visit_header, _depart_header))
