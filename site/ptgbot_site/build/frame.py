"""The frame around the content of every page: title, menu, feeds, banners."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.errors import NoUri

from ptgbot.chat.urls import safe_url
from ptgbot.store.edits import Json
from ptgbot_site.build.banner import banner
from ptgbot_site.build.domain import PtgDomain, ptg_domain
from ptgbot_site.build.expand import view_of
from ptgbot_site.build.feeds import made
from ptgbot_site.build.place import shown_at
from ptgbot_site.build.registry import ProjectEntry, registry
from ptgbot_site.build.state import FRAME, SITE, rows_of, text_of
from ptgbot_site.build.theme import ours
from ptgbot_site.build.times import day_and_clock
from ptgbot_site.build.typed import clean

if TYPE_CHECKING:
    from sphinx.application import Sphinx

NO_TITLE = "&lt;no title&gt;"
"""Sphinx's title of a page whose heading is only known when it is written."""


def _describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> str | None:
    domain = ptg_domain(app.env)
    state = domain.state
    changed = state.changed(domain.uses(pagename))
    if changed:
        local = changed.astimezone(state.zone)
        context["ptg_changed"] = {"iso": local.isoformat(timespec="seconds"), "text": day_and_clock(local)}
    if not context.get("title") or context["title"] == NO_TITLE:
        context["title"] = _title(domain, pagename)
    context["ptg_title"] = site_title(domain) or app.config.project
    context["ptg_above"] = _above(app, pagename) if app.config.ptg_project else ""
    names = state.table(FRAME).get("scripts")
    context["ptg_scripts_above"] = [str(name) for name in names] if isinstance(names, list) else []
    found = (one.find(state) for one in domain.registry.dates)
    context["ptg_when"] = next((text for text in found if text), "")
    context["ptg_zone"] = str(state.zone)
    context["ptg_logo"] = text_of(state.table(SITE), "logo")
    if app.builder.format == "html":
        context["ptg_menu"] = list(_menu(app, domain, pagename))
        context["ptg_home"] = app.env.titles[app.config.root_doc].astext()
    if not ours(app):
        return None
    links = [link for feed in made(app, state) for link in feed.links]
    context["ptg_feeds"] = [link for link in links if link.mime]
    labels = dict.fromkeys(link.label() for link in links)
    context["ptg_files"] = {label: [one for one in links if one.label() == label] for label in labels}
    context["ptg_bars"] = registry(app).bars
    context["ptg_top"], context["ptg_foot"] = banner(app, pagename), _foot(app, domain, pagename)
    return next((one for start, one in registry(app).templates.items() if pagename.startswith(start)), None)


def site_title(domain: PtgDomain) -> str:
    """Return the title of the site: the operator's, else the first that an extension finds, else the empty string."""
    own = text_of(domain.state.table(SITE), "title") or text_of(domain.state.table(FRAME), "title")
    return clean(own or next((text for one in domain.registry.titles if (text := one.find(domain.state))), ""))


def _foot(app: Sphinx, domain: PtgDomain, pagename: str) -> str:
    """Return the HTML of the parts at the end of every page."""

    def address(page: str) -> str | None:
        try:
            return app.builder.get_relative_uri(pagename, page) if page in app.env.found_docs else None
        except NoUri:
            return None

    shown = shown_at(view_of(domain, address, pagename), "frame.foot")
    if not shown:
        return ""
    html: str = app.builder.render_partial(nodes.container("", *shown, classes=["ptg"]))["fragment"]  # type: ignore[attr-defined]
    return html


def _menu(app: Sphinx, domain: PtgDomain, pagename: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of the menu: the operator's, else the registered pages in their order.

    ``here`` is the value of ``aria-current`` (WAI-ARIA 1.2): ``page`` for the page itself, ``true`` for the page above
    it, such as the list of tracks above the page of a track.
    """
    if domain.state.has(FRAME):
        yield from _menu_above(app, domain, pagename)
        return
    for entry in _wanted(app, domain):
        page, url = text_of(entry, "page"), safe_url(entry.get("url"))
        if page in app.env.found_docs:
            title = app.env.titles[page].astext()
            here = "page" if page == pagename else "true" if _is_below(app, page, pagename) else ""
            yield {"title": title, "url": app.builder.get_relative_uri(pagename, page), "here": here}
        elif below := _project(domain, page):
            yield {"title": below.title(), "url": f"{_to_root(app, pagename)}{below.path}/index.html", "here": ""}
        elif url:
            yield {"title": clean(text_of(entry, "title")), "url": url, "here": ""}


def _is_below(app: Sphinx, page: str, pagename: str) -> bool:
    """Say whether the entry of a page is marked on another page: on those in its folder and beside it."""
    beside = registry(app).beside
    return pagename.startswith(f"{page}/") or page in (beside.get(pagename), beside.get(pagename.rpartition("/")[0]))


def _menu_above(app: Sphinx, domain: PtgDomain, pagename: str) -> Iterator[dict[str, Any]]:
    """Yield the entries of the main site's menu for a page of a project below it."""
    above, own = _above(app, pagename), f"{app.config.ptg_project}/index.html"
    for entry in rows_of(domain.state.table(FRAME).get("menu")):
        url = text_of(entry, "url")
        here = ("page" if pagename == app.config.root_doc else "true") if url == own else ""
        yield {
            "title": text_of(entry, "title"),
            "url": url if url.startswith(("http://", "https://")) else above + url,
            "here": here,
        }


def _to_root(app: Sphinx, pagename: str) -> str:
    """Return the relative address of the root of these pages."""
    return "../" * app.builder.get_target_uri(pagename).count("/")


def _above(app: Sphinx, pagename: str) -> str:
    """Return the relative address of the main site from a page of a project below it."""
    return "../" + _to_root(app, pagename)


def frame_of(app: Sphinx) -> Json:
    """Return the menu and the title of every page, and scripts, for the projects below this site."""
    domain = ptg_domain(app.env)
    rows = rows_of(list(_menu(app, domain, "-")))
    menu: Json = [{"title": row["title"], "url": row["url"]} for row in rows]
    return {"title": site_title(domain), "menu": menu, "scripts": [*domain.registry.scripts_below]}


def _wanted(app: Sphinx, domain: PtgDomain) -> list[dict[str, Json]]:
    rows = rows_of(domain.state.table(SITE).get("menu"))
    if rows or not app.config.ptg_pages:
        return rows
    menu, below = registry(app).menu, _projects(domain)
    order = {**menu, **{one.path: one.order for one in below}}
    pages = sorted(order, key=lambda page: (order[page], page))
    return [{"page": page} for page in (app.config.root_doc, *pages)]


def _projects(domain: PtgDomain) -> list[ProjectEntry]:
    """Return the projects that the configuration switches on."""
    wanted = domain.state.table(SITE).get("projects")
    names = wanted if isinstance(wanted, list) else []
    return [one for path, one in domain.registry.projects.items() if path in names]


def _project(domain: PtgDomain, page: str) -> ProjectEntry | None:
    return next((one for one in _projects(domain) if one.path == page), None)


def menu_pages(app: Sphinx) -> list[str]:
    """Return the pages of the menu in order, none if the project is not the bot's own site."""
    if not app.config.ptg_pages:
        return []
    menu = registry(app).menu
    return [app.config.root_doc, *sorted(menu, key=lambda page: (menu[page], page))]


def _title(domain: PtgDomain, pagename: str) -> str:
    """Return the title of a page of a collection."""
    folder, _, slug = pagename.rpartition("/")
    collection = domain.registry.collections.get(folder)
    titles = collection.pages(domain.state) if collection else {}
    return escape(clean(titles.get(slug) or slug))


def setup_frame(app: Sphinx) -> None:
    """Register the frame."""
    app.connect("html-page-context", _describe)
