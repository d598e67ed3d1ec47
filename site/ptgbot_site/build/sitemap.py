"""For search engines: ``sitemap.xml`` (sitemaps.org, version 0.9) and ``robots.txt`` (RFC 9309)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as Xml

from ptgbot_site.build.domain import PtgDomain, ptg_domain
from ptgbot_site.build.files import write_changed
from ptgbot_site.build.state import SITE, State, text_of
from ptgbot_site.build.theme import ours

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MAP, ROBOTS = "sitemap.xml", "robots.txt"
MOST = 50_000
"""Most pages in a sitemap."""
_UNLISTED = ("screen/", "offline")
"""Beginnings of pages that nobody should find by a search engine."""


def site_url(state: State) -> str:
    """Return the public address of the site with a slash at its end, the empty string if it is unknown."""
    url = text_of(state.table(SITE), "url")
    return url.rstrip("/") + "/" if url else ""


def page_url(app: Sphinx, state: State, pagename: str) -> str:
    """Return the public address of a page, the empty string if that of the site is unknown."""
    url = site_url(state)
    file = app.builder.get_target_uri(pagename)
    below = f"{app.config.ptg_project}/" if app.config.ptg_project else ""
    return url + quote(below + ("" if file == "index.html" else file)) if url else ""


def sitemap(app: Sphinx, domain: PtgDomain) -> bytes:
    """Return the sitemap: each page with the moment of its last change, as far as known."""
    root = Xml.Element("urlset", {"xmlns": "http://www.sitemaps.org/schemas/sitemap/0.9"})
    pages = sorted(page for page in app.env.found_docs if not page.startswith(_UNLISTED))
    for page in pages[:MOST]:
        entry = Xml.SubElement(root, "url")
        Xml.SubElement(entry, "loc").text = page_url(app, domain.state, page)
        if changed := domain.state.changed(domain.uses(page)):
            Xml.SubElement(entry, "lastmod").text = changed.isoformat(timespec="seconds")
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _files(app: Sphinx, domain: PtgDomain) -> Iterator[tuple[str, bytes]]:
    url = site_url(domain.state)
    named = f"Sitemap: {url}{MAP}\n" if url else ""
    yield ROBOTS, f"User-agent: *\nAllow: /\n{named}".encode()
    if url:
        yield MAP, sitemap(app, domain)


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not ours(app) or not app.config.ptg_pages or app.config.ptg_project:
        return
    domain, out = ptg_domain(app.env), Path(app.outdir)
    files = dict(_files(app, domain))
    if MAP not in files:
        (out / MAP).unlink(missing_ok=True)
    for name, content in files.items():
        write_changed(out / name, content)


def setup_sitemap(app: Sphinx) -> None:
    """Write the files at the end of a build."""
    app.connect("build-finished", _write)
