"""Style sheets and scripts. Each has its digest in its name: a page and its files are of one build."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import segno

from ptgbot_site.domain import ptg_domain
from ptgbot_site.phrases import script_words
from ptgbot_site.state import State, text_of
from ptgbot_site.view import colours
from ptgbot_site.words import language, say

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

_HERE = Path(__file__).parent / "theme" / "assets"
_PARTS = {
    "ptgbot.css": ("base.css", "parts.css", "icons.css", "schedule.css", "docs.css"),
    "ptgbot.js": ("morph.js", "live.js", "tools.js"),
    "screen.css": ("screen.css",),
    "screen.js": ("screen.js",),
}
WORKER = "sw.js"
"""The service worker. It must stand at the root of the site under a name that stays."""
_KEPT = timedelta(days=1)
"""How long a former style sheet of track colours stays: a page loaded just before may still ask for it."""


def ours(app: Sphinx) -> bool:
    """Say whether these pages are framed by our theme, so that our style sheet is there."""
    return app.builder.format == "html" and app.builder.name != "epub" and app.config.html_theme == "ptgbot"


def hashed(name: str, content: str) -> str:
    """Return ``name-DIGEST.suffix``."""
    stem, suffix = name.split(".")
    return f"{stem}-{hashlib.sha256(content.encode()).hexdigest()[:10]}.{suffix}"


@functools.cache
def fixed_assets(spoken: str) -> dict[str, str]:
    """Return the files that are the same for every state: hashed name → content, style sheet first.

    ``spoken`` is the language of our words: the scripts bring the translations of their texts.
    """
    joined = {
        name: "".join((_HERE / part).read_text(encoding="utf-8") for part in parts) for name, parts in _PARTS.items()
    }
    words = script_words("".join(content for name, content in joined.items() if name.endswith(".js")))
    joined["ptgbot.js"] = f"const ptgWords = {json.dumps(words, ensure_ascii=False)};\n{joined['ptgbot.js']}"
    return {hashed(name, content): content for name, content in joined.items()}


def track_colours(state: State) -> tuple[str, str]:
    """Return name and content of the style sheet with one class for each colour of a track."""
    return state.derived("tracks", "colours", lambda: _rules(colours(state)))


def _rules(inks: Mapping[str, str]) -> tuple[str, str]:
    rules = [f".ptg-c-{colour[1:]}{{background:{colour};color:{ink}}}\n" for colour, ink in inks.items()]
    content = "".join(rules)
    return hashed("tracks.css", content), content


@functools.lru_cache(4)
def code(url: str) -> tuple[str, str]:
    """Return name and content of a picture of a code to scan (ISO/IEC 18004) that leads to an address."""
    content = segno.make(url, error="m", micro=False).svg_inline(border=4, dark="#000", light="#fff", omitsize=True)
    picture = content.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return hashed("code.svg", picture), picture


def _put(folder: Path, name: str, content: str) -> None:
    path = folder / name
    if not path.exists():
        path.write_text(content, encoding="utf-8")


def _same(path: Path, content: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == content


def _name_assets(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    domain = ptg_domain(app.env)
    names = ("ptg_style", "ptg_script", "ptg_screen_style", "ptg_screen_script")
    context.update(zip(names, fixed_assets(language()), strict=True))
    context["say"] = say
    url = text_of(domain.state.table("site"), "url")
    if url:
        context["ptg_url"], context["ptg_qr"] = url.partition("//")[2].rstrip("/"), code(url)[0]
    if "tracks" in domain.uses(pagename):
        context["ptg_tracks"] = track_colours(domain.state)[0]


def _write_assets(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not ours(app):
        return
    folder = Path(app.outdir) / "_static"
    folder.mkdir(exist_ok=True)
    for name, content in fixed_assets(language()).items():
        _put(folder, name, content)
    worker = (_HERE / WORKER).read_text(encoding="utf-8")
    if not _same(Path(app.outdir) / WORKER, worker):
        (Path(app.outdir) / WORKER).write_text(worker, encoding="utf-8")
    state = ptg_domain(app.env).state
    if url := text_of(state.table("site"), "url"):
        _put(folder, *code(url))
    wanted, content = track_colours(state)
    _put(folder, wanted, content)
    now = state.now.timestamp()
    os.utime(folder / wanted, (now, now))
    oldest = now - _KEPT.total_seconds()
    for former in folder.glob("tracks-*.css"):
        if former.name != wanted and former.stat().st_mtime < oldest:
            former.unlink()


def setup_assets(app: Sphinx) -> None:
    """Register the theme and its files."""
    app.add_html_theme("ptgbot", str(Path(__file__).parent / "theme"))
    app.connect("html-page-context", _name_assets)
    app.connect("build-finished", _write_assets)
