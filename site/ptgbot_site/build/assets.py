"""Style sheets and scripts. Each has its digest in its name, so that a page and its files are of one build."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from attrs import frozen

from ptgbot_site.build.domain import PtgDomain, ptg_domain
from ptgbot_site.build.phrases import script_words
from ptgbot_site.build.registry import Bundle, Registry, Sheet, registry
from ptgbot_site.build.state import State
from ptgbot_site.build.theme import THEME, ours
from ptgbot_site.build.words import say

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx

_HERE = THEME / "assets"
ENGINE = Bundle(
    "ptgbot",
    [_HERE / name for name in ("base.css", "menu.css", "tools.css", "parts.css", "docs.css", "print.css")],
    [_HERE / name for name in ("morph.js", "live.js")],
)
"""The assets of every page, before those of extensions."""
WORKER = "sw.js"
"""The service worker. It must be at the root of the site, under a name that never changes."""
_KEPT = timedelta(days=1)
"""How long a former style sheet made of a slice is kept, for pages that were loaded before."""


@frozen
class Asset:
    """A file with its digest in its name."""

    name: str
    content: str
    directives: frozenset[str] = frozenset()
    """Directives whose pages need it; empty means every page."""


def hashed(name: str, content: str) -> str:
    """Return a file name with the digest of its content: ``name-DIGEST.suffix``."""
    stem, suffix = name.split(".")
    return f"{stem}-{hashlib.sha256(content.encode()).hexdigest()[:10]}.{suffix}"


def fixed_assets(known: Registry) -> list[Asset]:
    """Return the files that are the same for every state. The joined files for every page come first.

    The first script holds the translations of the texts of all scripts.
    """
    everywhere = [ENGINE, *(one for one in known.bundles if not one.directives)]
    words = script_words("".join(_text(path) for one in (ENGINE, *known.bundles) for path in one.scripts))
    spoken = f"const ptgWords = {json.dumps(words, ensure_ascii=False)};\n"
    found = [
        _joined(ENGINE.name, "css", [path for one in everywhere for path in one.styles]),
        _joined(ENGINE.name, "js", [path for one in everywhere for path in one.scripts], before=spoken),
    ]
    for one in known.bundles:
        if one.directives:
            found += [_joined(one.name, "css", one.styles, one.directives)] if one.styles else []
            found += [_joined(one.name, "js", one.scripts, one.directives)] if one.scripts else []
    return found


def _joined(
    name: str, suffix: str, parts: Sequence[Path], directives: frozenset[str] = frozenset(), before: str = ""
) -> Asset:
    content = before + "".join(map(_text, parts))
    return Asset(hashed(f"{name}.{suffix}", content), content, directives)


_fixed: WeakKeyDictionary[Sphinx, list[Asset]] = WeakKeyDictionary()


def _fixed_assets(app: Sphinx) -> list[Asset]:
    if app not in _fixed:
        _fixed[app] = fixed_assets(registry(app))
    return _fixed[app]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def names_of_assets(app: Sphinx) -> list[str]:
    """Return the names of all files that are the same for every state. A name has the digest of the content."""
    return [one.name for one in _fixed_assets(app)]


def with_sheets(main: Asset, sheets: Iterable[Sheet], state: State) -> Asset:
    """Return the style sheet of a page: the one for every page, with those that are made of slices at its end.

    It is one file, so that a page needs one request.
    """
    made = [state.derived(one.slice, f"sheet {one.name}", partial(one.make, state)) for one in sheets]
    if not any(made):
        return main
    content = "".join([main.content, *made])
    return Asset(hashed(f"{ENGINE.name}.css", content), content)


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
    names = [one.name for one in _wanted(app, domain, pagename)]
    shown = set(domain.state.meant(domain.uses(pagename)))
    sheets = [sheet for sheet in domain.registry.sheets if sheet.slice in shown]
    styles = [name for name in names if name.endswith(".css")]
    context["say"] = say
    context["ptg_styles"] = [with_sheets(_fixed_assets(app)[0], sheets, domain.state).name, *styles[1:]]
    context["ptg_scripts"] = [name for name in names if name.endswith(".js")]


def _wanted(app: Sphinx, domain: PtgDomain, pagename: str) -> list[Asset]:
    kinds = domain.kinds(pagename)
    return [one for one in _fixed_assets(app) if not one.directives or one.directives & kinds]


def _write_assets(app: Sphinx, exception: Exception | None) -> None:
    if exception is not None or not ours(app):
        return
    folder = Path(app.outdir) / "_static"
    folder.mkdir(exist_ok=True)
    for asset in _fixed_assets(app):
        _put(folder, asset.name, asset.content)
    worker = (_HERE / WORKER).read_text(encoding="utf-8")
    if not app.config.ptg_project and not _same(Path(app.outdir) / WORKER, worker):
        (Path(app.outdir) / WORKER).write_text(worker, encoding="utf-8")
    state = ptg_domain(app.env).state
    _write_sheets(folder, _fixed_assets(app)[0], registry(app).sheets, state)


def _write_sheets(folder: Path, main: Asset, sheets: Sequence[Sheet], state: State) -> None:
    """Write the style sheets that pages may need, and remove former ones after a while."""
    chosen = (some for number in range(len(sheets) + 1) for some in combinations(sheets, number))
    wanted = {one.name: one for one in (with_sheets(main, some, state) for some in chosen)}
    now = state.now.timestamp()
    for name, one in wanted.items():
        _put(folder, name, one.content)
        os.utime(folder / name, (now, now))
    oldest = now - _KEPT.total_seconds()
    for former in folder.glob(f"{ENGINE.name}-*.css"):
        if former.name not in wanted and former.stat().st_mtime < oldest:
            former.unlink()


def setup_assets(app: Sphinx) -> None:
    """Register the theme and its files."""
    app.add_html_theme("ptgbot", str(THEME))
    app.connect("html-page-context", _name_assets)
    app.connect("build-finished", _write_assets)
