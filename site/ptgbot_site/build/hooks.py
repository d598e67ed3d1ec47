"""Connects to Sphinx's events: load the state, choose changed pages, note what was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ptgbot.publish.mark import stored_in
from ptgbot_site.build.domain import ptg_domain
from ptgbot_site.build.ledger import Ledger
from ptgbot_site.build.load import load_state
from ptgbot_site.build.place import meaning
from ptgbot_site.build.registry import registry
from ptgbot_site.build.stubs import write_stubs
from ptgbot_site.build.theme import ours

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

LEDGER = "ptg-pages-"
"""Beginning of the names of our ledgers, which are beside the doctrees."""

_files: WeakKeyDictionary[Sphinx, Mapping[str, bytes]] = WeakKeyDictionary()
_ledgers: WeakKeyDictionary[Sphinx, Ledger] = WeakKeyDictionary()


def _begin(app: Sphinx) -> None:
    domain, known = ptg_domain(app.env), registry(app)
    domain.registry = known
    domain.rich = ours(app)
    domain.tags = app.tags
    if app.config.ptg_pages:
        # Docutils would write the sign @ in addresses as %40, which some mail programs show as it is.
        app.env.settings["cloak_email_addresses"] = False
    domain.relative = app.builder.get_relative_uri
    state = domain.state
    state.meanings = {**known.meanings, "ptg": partial(meaning, known)}
    files = load_state(app, state)
    state.bulk = Path(app.config.ptg_bulk) if app.config.ptg_bulk else None
    if files is not None:
        _files[app] = files
        write_stubs(Path(app.srcdir), Path(app.outdir), state, known.wanted(app.config.ptg_stubs))
    _ledgers[app] = Ledger.load(Path(app.doctreedir) / f"{LEDGER}{app.builder.name}.json")


def _changed_pages(app: Sphinx, env: BuildEnvironment) -> Iterable[str]:
    domain, ledger = ptg_domain(env), _ledgers[app]
    state, frame = domain.state, domain.framed()
    digests: dict[str, str] = {}
    # A project has few pages of its own, and each may read the bulk storage.
    stored = stored_in(state.bulk) if state.bulk else ""
    for page in env.found_docs:
        uses = domain.uses(page)
        digests[page] = f"{state.digest([*frame, *uses])} {state.changed(uses) or ''}{stored}"
    due = ledger.begin(digests)
    _remove(app, ledger.gone)
    return due


def _remove(app: Sphinx, pages: Iterable[str]) -> None:
    """Remove the built files of pages that no longer exist."""
    if app.builder.name == "html":
        for page in pages:
            Path(app.outdir, app.builder.get_target_uri(page)).unlink(missing_ok=True)


def _finish(app: Sphinx, exception: Exception | None) -> None:
    if exception is None and app in _ledgers:
        _ledgers[app].commit()
        # The bot puts its files beside the pages itself.
        if app.builder.name == "html" and app.config.ptg_pages:
            for name, content in _files.get(app, {}).items():
                path = Path(app.outdir, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)


def setup_hooks(app: Sphinx) -> None:
    """Connect to Sphinx's events."""
    app.connect("builder-inited", _begin)
    app.connect("env-updated", _changed_pages)
    app.connect("build-finished", _finish)
