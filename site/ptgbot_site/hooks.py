"""When what happens in a build: state in, changed pages out, what was written noted."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ptgbot_site.assets import ours
from ptgbot_site.domain import ptg_domain
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
) -> None:
    state = ptg_domain(app.env).state
    changed = _ledgers[app].changed(pagename)
    if changed and len(ptg_domain(app.env).uses(pagename)) > 1:
        local = changed.astimezone(state.zone)
        context["ptg_changed"] = {"iso": local.isoformat(timespec="seconds"), "text": day_and_clock(local)}
    if not context.get("title") or context["title"] == NO_TITLE:
        context["title"] = _title(state, pagename)
    context["ptg_title"] = clean(text_of(state.table("event"), "title")) or app.config.project


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
    app.add_config_value("ptg_stubs", [], "env", types=frozenset({list, tuple}))
    app.connect("builder-inited", _begin)
    app.connect("env-updated", _changed_pages)
    app.connect("html-page-context", _describe)
    app.connect("build-finished", _finish)
