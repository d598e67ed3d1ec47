"""The site as an app (W3C Web Application Manifest): its manifest, its icons, the pages that work offline."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ptgbot_site.build import picture
from ptgbot_site.build.domain import PtgDomain, ptg_domain
from ptgbot_site.build.files import write_changed
from ptgbot_site.build.frame import site_title
from ptgbot_site.build.registry import registry
from ptgbot_site.build.state import SITE, text_of
from ptgbot_site.build.theme import ours
from ptgbot_site.build.words import language

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

MANIFEST = "manifest.webmanifest"
OFFLINE = "offline.json"
"""Lists the pages that the service worker keeps from the first visit on."""
MOST_PAGES = 40
"""Most pages in that list."""
_SHORT = 12
"""Most characters of a name below an icon."""
_TYPES = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}


def _title(app: Sphinx, domain: PtgDomain) -> str:
    return site_title(domain) or str(app.config.project)


def _hashed(stem: str, suffix: str, content: bytes) -> str:
    return f"_static/{stem}-{hashlib.sha256(content).hexdigest()[:10]}.{suffix}"


def pictures(domain: PtgDomain, title: str) -> Mapping[str, tuple[str, bytes]]:
    """Return name and content of the pictures of a title: ``icon``, ``192`` and ``512`` for icons, ``preview``."""

    def make() -> Mapping[str, tuple[str, bytes]]:
        vector = picture.icon(title).encode()
        made = {"icon": (_hashed("icon", "svg", vector), vector)}
        for name, width, height in (("192", 192, 192), ("512", 512, 512), ("preview", 1200, 630)):
            content = picture.png(title, width, height)
            made[name] = (_hashed(f"icon{name}", "png", content), content)
        return made

    return domain.state.derived(SITE, f"pictures of {title}", make)


def _icons(domain: PtgDomain, title: str) -> list[dict[str, str]]:
    site = domain.state.table(SITE)
    if own := text_of(site, "icon") or text_of(site, "logo"):
        kind = _TYPES.get(own.rpartition(".")[2], "")
        return [{"src": own, "sizes": "any", "type": kind, "purpose": "any"}]
    made = pictures(domain, title)
    icons = [{"src": made["icon"][0], "sizes": "any", "type": "image/svg+xml", "purpose": "any"}]
    for size in ("192", "512"):
        look = {"src": made[size][0], "sizes": f"{size}x{size}", "type": "image/png"}
        icons += [{**look, "purpose": "any"}, {**look, "purpose": "maskable"}]
    return icons


def manifest(domain: PtgDomain, title: str) -> dict[str, Any]:
    """Return the manifest of the site. Its addresses are relative, so the site may be below any path."""
    return {
        "name": title,
        "short_name": title if len(title) <= _SHORT else picture.initials(title) or title[:_SHORT],
        "lang": language(),
        "id": "./",
        "start_url": "./",
        "scope": "./",
        "display": "standalone",
        "background_color": "#f6f7f5",
        "theme_color": f"#{picture.GROUND}",
        "icons": _icons(domain, title),
    }


def kept(app: Sphinx, domain: PtgDomain) -> list[str]:
    """Return the file names of the pages that are kept for offline use, the most important first."""
    wanted = [app.config.root_doc, *(page for one in registry(app).offline for page in one(domain.state))]
    pages = [page for page in dict.fromkeys(wanted) if page in app.env.found_docs]
    return [app.builder.get_target_uri(page) for page in pages[:MOST_PAGES]]


def _name(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    if ours(app) and app.config.ptg_pages:
        context["ptg_manifest"] = MANIFEST


def _write(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not ours(app) or not app.config.ptg_pages or app.config.ptg_project:
        return
    domain, out = ptg_domain(app.env), Path(app.outdir)
    title = _title(app, domain)
    files = {
        MANIFEST: (json.dumps(manifest(domain, title), ensure_ascii=False, indent=1) + "\n").encode(),
        OFFLINE: (json.dumps({"pages": kept(app, domain)}) + "\n").encode(),
        **dict(pictures(domain, title).values()),
    }
    for name, content in files.items():
        write_changed(out / name, content)


def setup_installed(app: Sphinx) -> None:
    """Write the files at the end of a build."""
    app.connect("html-page-context", _name)
    app.connect("build-finished", _write)
