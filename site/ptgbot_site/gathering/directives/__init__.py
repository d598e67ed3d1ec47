"""The directives of the gathering, one in each file."""

from __future__ import annotations

from ptgbot_site.build.directive import StateDirective
from ptgbot_site.gathering.directives.changes import Changes
from ptgbot_site.gathering.directives.checkins import CheckIns
from ptgbot_site.gathering.directives.compact import Compact
from ptgbot_site.gathering.directives.days import Days
from ptgbot_site.gathering.directives.etherpads import Etherpads
from ptgbot_site.gathering.directives.forms import Forms
from ptgbot_site.gathering.directives.grid import GridForm
from ptgbot_site.gathering.directives.links import Links
from ptgbot_site.gathering.directives.mine import Mine
from ptgbot_site.gathering.directives.motd import Motd
from ptgbot_site.gathering.directives.next import Next
from ptgbot_site.gathering.directives.now import Now
from ptgbot_site.gathering.directives.offline import Offline
from ptgbot_site.gathering.directives.recap import Recap
from ptgbot_site.gathering.directives.room import Room
from ptgbot_site.gathering.directives.rooms import Rooms
from ptgbot_site.gathering.directives.schedule import Schedule
from ptgbot_site.gathering.directives.screen import Screen
from ptgbot_site.gathering.directives.search import Search
from ptgbot_site.gathering.directives.track import Track
from ptgbot_site.gathering.directives.tracks import Tracks
from ptgbot_site.gathering.directives.week import Week

DIRECTIVES: tuple[type[StateDirective], ...] = (
    Changes,
    CheckIns,
    Compact,
    Days,
    Etherpads,
    Forms,
    GridForm,
    Links,
    Mine,
    Motd,
    Next,
    Now,
    Offline,
    Recap,
    Room,
    Rooms,
    Schedule,
    Screen,
    Search,
    Track,
    Tracks,
    Week,
)
