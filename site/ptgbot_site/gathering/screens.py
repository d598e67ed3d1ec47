"""The code to scan (QR code) on the pages for walls and doors."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import segno

from ptgbot_site.build.assets import hashed
from ptgbot_site.build.domain import ptg_domain
from ptgbot_site.build.registry import Feed
from ptgbot_site.build.state import SITE, State, text_of

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx


@functools.lru_cache(4)
def code(url: str) -> tuple[str, str]:
    """Return name and content of a picture of a QR code (ISO/IEC 18004) for an address."""
    content = segno.make(url, error="m", micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    picture = content.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return hashed("code.svg", picture), picture


def _pictures(state: State) -> Mapping[str, bytes]:
    url = text_of(state.table(SITE), "url")
    if not url:
        return {}
    name, content = code(url)
    return {f"_static/{name}": content.encode()}


CODE = Feed("code", (SITE,), _pictures)


def name_code(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Tell the template of screens the name of the picture."""
    url = text_of(ptg_domain(app.env).state.table(SITE), "url")
    if url and pagename.startswith("screen/"):
        context["ptg_url"], context["ptg_qr"] = url.partition("//")[2].rstrip("/"), code(url)[0]
