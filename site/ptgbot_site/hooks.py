"""When what happens in a build: state in, changed pages out, what was written noted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ptgbot.chat.urls import safe_url
from ptgbot.store.edits import Json
from ptgbot_site.assets import ours
from ptgbot_site.domain import ALWAYS, ptg_domain
from ptgbot_site.ledger import Ledger
from ptgbot_site.load import load_commands, load_state
from ptgbot_site.state import State, text_of
from ptgbot_site.times import day_and_clock
from ptgbot_site.typed import clean

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LEDGER = "ptg-pages-"
"""What the names of our ledgers begin with, beside the doctrees."""

NO_TITLE = "&lt;no title&gt;"
"""What Sphinx calls a page whose heading is only known when it is written."""

_ledgers: WeakKeyDictionary[Sphinx, Ledger] = WeakKeyDictionary()


def _begin(app: Sphinx) -> None:
    domain = ptg_domain(app.env)
    domain.rich = ours(app)
    domain.tags = app.tags
    domain.relative = app.builder.get_relative_uri
    state = domain.state
    load_commands(state)
    load_state(app, state)
    _ledgers[app] = Ledger.load(Path(app.doctreedir) / f"{LEDGER}{app.builder.name}.json")


def _changed_pages(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    domain = ptg_domain(env)
    digests = {page: domain.state.digest(domain.uses(page)) for page in env.found_docs}
    return _ledgers[app].begin(digests, domain.state.now)


def _describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> str | None:
    state = ptg_domain(app.env).state
    changed = _ledgers[app].changed(pagename)
    if changed and len(ptg_domain(app.env).uses(pagename)) > len(ALWAYS):
        local = changed.astimezone(state.zone)
        context["ptg_changed"] = {"iso": local.isoformat(timespec="seconds"), "text": day_and_clock(local)}
    if not context.get("title") or context["title"] == NO_TITLE:
        context["title"] = _title(state, pagename)
    site = state.table("site")
    title = text_of(site, "title") or text_of(state.table("event"), "title")
    context["ptg_title"] = clean(title) or app.config.project
    context["ptg_zone"] = str(state.zone)
    context["ptg_feeds"] = ours(app) and state.has("meets")
    context["ptg_logo"] = text_of(site, "logo")
    if app.builder.format == "html":
        context["ptg_menu"] = list(_menu(app, pagename, site.get("menu")))
    if ours(app) and pagename.startswith("screen/"):
        return "screen.html"
    return None


def _menu(app: Sphinx, pagename: str, wanted: Json) -> Iterator[dict[str, Any]]:
    """Yield what the operator wants in the menu: pages that there are, and links."""
    for entry in wanted if isinstance(wanted, list) else ():
        row = entry if isinstance(entry, dict) else {}
        page, url = text_of(row, "page"), safe_url(row.get("url"))
        if page in app.env.found_docs:
            title = app.env.titles[page].astext()
            yield {"title": title, "url": app.builder.get_relative_uri(pagename, page), "here": page == pagename}
        elif url:
            yield {"title": clean(text_of(row, "title")), "url": url, "here": False}


def _title(state: State, pagename: str) -> str:
    """Return the title of a page that is one of many."""
    folder, _, slug = pagename.rpartition("/")
    names = {"tracks": "tracks", "schedule": "days", "screen": "rooms"}
    return escape(clean((state.named(names[folder], slug) if folder in names else None) or slug))


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app in _ledgers:
        _ledgers[app].commit()


def setup_hooks(app: Sphinx) -> None:
    """Register the settings and what happens when."""
    app.add_config_value("ptg_state", "", "env", types=frozenset({str}))
    app.add_config_value("ptg_timezone", "", "env", types=frozenset({str}))
    app.add_config_value("ptg_timeout", 10.0, "", types=frozenset({float, int}))
    app.add_config_value("ptg_max_bytes", 5_000_000, "", types=frozenset({int}))
    app.add_config_value("ptg_max_age", 300.0, "", types=frozenset({float, int}))
    app.add_config_value("ptg_fallback", "", "", types=frozenset({str}))
    app.add_config_value("ptg_stubs", [], "env", types=frozenset({list, tuple}))
    app.connect("builder-inited", _begin)
    app.connect("env-updated", _changed_pages)
    app.connect("html-page-context", _describe)
    app.connect("build-finished", _finish)
