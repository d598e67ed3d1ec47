"""The directives of the domain ``ptg``, one a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ptgbot_site.directives.changes import setup_changes
from ptgbot_site.directives.checkins import setup_checkins
from ptgbot_site.directives.commands import setup_commands
from ptgbot_site.directives.days import setup_days
from ptgbot_site.directives.etherpads import setup_etherpads
from ptgbot_site.directives.links import setup_links
from ptgbot_site.directives.motd import setup_motd
from ptgbot_site.directives.next import setup_next
from ptgbot_site.directives.now import setup_now
from ptgbot_site.directives.places import setup_places
from ptgbot_site.directives.recap import setup_recap
from ptgbot_site.directives.rooms import setup_rooms
from ptgbot_site.directives.schedule import setup_schedule
from ptgbot_site.directives.screen import setup_screen
from ptgbot_site.directives.track import setup_track
from ptgbot_site.directives.tracks import setup_tracks

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def setup_directives(app: Sphinx) -> None:
    """Register all of them."""
    for setup_one in (
        setup_changes,
        setup_checkins,
        setup_commands,
        setup_days,
        setup_etherpads,
        setup_links,
        setup_motd,
        setup_next,
        setup_now,
        setup_places,
        setup_recap,
        setup_rooms,
        setup_schedule,
        setup_screen,
        setup_track,
        setup_tracks,
    ):
        setup_one(app)
