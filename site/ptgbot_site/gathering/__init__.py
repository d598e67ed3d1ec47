"""The gathering's part of the site: its directives, pages, feeds and assets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.util.typing import ExtensionMetadata

MENU = ("schedule", "tracks", "rooms", "people", "mine", "recap", "etherpads", "links", "search")
"""Pages in the menu, in their order."""
BESIDE = {"schedule": ["week"]}
"""Pages without an entry of their own, by the page whose entry is marked on them."""
MOVED = {"ptg.html": "index.html", "signage.html": "screen/index.html"}
"""Addresses of the original whose pages have another name here."""


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register everything with the engine.

    Raises:
        ExtensionError: another extension has registered a directive, page or feed of the same name.
    """
    from ptgbot_site.build import api
    from ptgbot_site.gathering import about, days, embed, feeds, look, names, screens, search, ways
    from ptgbot_site.gathering.cells import setup_cells
    from ptgbot_site.gathering.collections import COLLECTIONS
    from ptgbot_site.gathering.directives import DIRECTIVES
    from ptgbot_site.gathering.directives.motd import ALARMS

    api.add_extension(app, __name__)
    for directive in DIRECTIVES:
        api.add_directive(app, directive)
    app.add_role_to_domain("ptg", "track", look.TrackRole(), override=True)
    for collection in COLLECTIONS:
        api.add_collection(app, collection)
    for order, page in enumerate(MENU, 10):
        api.add_menu(app, page, order, marked_on=BESIDE.get(page, ()))
    api.add_menu(app, "changes", 850)
    api.add_menu(app, "screen/index", 950)
    api.add_menu(app, "offline", 960)
    for old, new in MOVED.items():
        api.add_moved(app, old, new)
    for feed in (*feeds.FEEDS, screens.CODE, embed.FEED):
        api.add_feed(app, feed)
    api.add_part(app, "gathering.day", api.Part(ways.calendar_of_day, lambda _slug: (names.DAYS,)))
    api.add_part(app, api.TOP, ALARMS)
    api.add_description(app, about.description)
    api.add_offline(app, names.offline_pages)
    api.add_title(app, api.Title(names.EVENT, lambda state: api.text_of(state.table(names.EVENT), "title")))
    api.add_dates(app, api.Title(names.DAYS, days.all_dates))
    api.add_mention(app, api.Mention([names.TRACKS], look.mention))
    api.add_meaning(app, names.DAY, names.meant_day)
    api.add_meaning(app, names.TRACK, names.meant_track)
    api.add_meaning(app, names.DOOR, names.meant_door)
    api.add_meaning(app, names.PROGRAMME, names.meant_programme)
    api.add_meaning(app, names.DIARY, names.meant_said)
    _setup_assets(app)
    setup_cells(app)
    # Later than all extensions, which may let people find something.
    app.connect("config-inited", lambda app, _config: api.add_feed(app, search.feed(api.findable(app))))
    app.connect("html-page-context", screens.name_code)
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}


def _setup_assets(app: Sphinx) -> None:
    from pathlib import Path

    from ptgbot_site.build import api
    from ptgbot_site.gathering import look, names

    folder = Path(__file__).parent / "assets"
    styles, scripts = ["icons.css", "schedule.css", "print.css"], ["tools.js", "phone.js"]
    api.add_assets(app, "gathering", folder, styles=styles, scripts=scripts)
    api.add_assets(app, "screen", folder, styles=["screen.css"], scripts=["screen.js"], directives=["screen"])
    forms = ["forms", "grid", "compact"]
    api.add_assets(app, "forms", folder, styles=["forms.css"], scripts=["forms.js"], directives=forms)
    api.add_assets(app, "mine", folder, styles=["mine.css"], scripts=["qr.js", "mine.js"], directives=["mine"])
    api.add_assets(app, "search", folder, styles=["search.css"], scripts=["search.js"], directives=["search"])
    api.add_assets(app, "offline", folder, styles=["search.css"], scripts=["offline.js"], directives=["offline"])
    api.add_sheet(app, api.Sheet("tracks", names.TRACKS, look.colour_sheet))
    api.add_template(app, "screen/", "screen.html")
    api.add_bar(app, "tools.html")
